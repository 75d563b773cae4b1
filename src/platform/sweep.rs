//! What is read at each turn, and what only now and then.

use super::{Cursor, Page};
use crate::{config::Folder, http::Failure};

/// Every so many turns of the inbox one more folder is read.
pub const FOLDER_EVERY: u32 = 7;
/// Every so many turns the posts are read further down than the first page.
pub const DEEP_EVERY: u32 = 5;
/// So many pages of posts are read then.
pub const DEEP_PAGES: u32 = 4;
/// The word for a list that is read further down.
const DEEP: &str = "deep";

/// The folder of the inbox to read at a turn: each one soon after the start, then one after the other. The first turn
/// reads none: it takes the baseline, and should be short.
pub fn folder(turn: u64, folders: &[Folder]) -> Option<Folder> {
    let every = u64::from(FOLDER_EVERY);
    let place = usize::try_from(turn.checked_sub(1)?).ok()?;
    if place < folders.len() {
        return folders.get(place).copied();
    }
    let round = usize::try_from(turn / every).ok()?;
    (turn.is_multiple_of(every) && !folders.is_empty()).then(|| folders[round % folders.len()])
}

/// How a turn begins to read a list of posts.
pub fn start(turn: u64) -> Cursor {
    Cursor { list: if turn.is_multiple_of(DEEP_EVERY.into()) { DEEP } else { "" }, ..Cursor::default() }
}

/// Whether the page after this one is read, even if it shows nothing new itself.
pub fn goes_on(cursor: &Cursor) -> bool {
    cursor.list == DEEP && cursor.depth + 1 < DEEP_PAGES
}

/// What is read only now and then may fail for once, or give way to the quota: the feed itself goes on.
///
/// # Errors
/// What does not pass by itself.
pub fn spared(page: Result<Page, Failure>) -> Result<Page, Failure> {
    match page {
        Err(Failure::Later { .. }) => Ok(Page::default()),
        page => page,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_has_its_turn() {
        let all = [Folder::Spam, Folder::Other, Folder::Pending];
        let read = |turns: std::ops::Range<u64>| turns.filter_map(|turn| folder(turn, &all)).collect::<Vec<_>>();
        assert_eq!(read(0..4), all, "none at the first turn, then each");
        assert_eq!(read(4..7), []);
        let later = read(7..28);
        assert_eq!(later.len(), 3);
        assert!(all.iter().all(|folder| later.contains(folder)));
        assert!((0..50).all(|turn| folder(turn, &[]).is_none()));
    }

    #[test]
    fn now_and_then_four_pages_are_read() {
        let mut cursor = start(0);
        let mut pages = 1;
        while goes_on(&cursor) {
            cursor = cursor.behind("next".into());
            pages += 1;
        }
        assert_eq!(pages, DEEP_PAGES);
        assert!(!goes_on(&start(1)));
    }
}
