//! What is read at each turn, and what only now and then.

use super::Cursor;
use crate::config::Folder;

/// Every so many turns of the inbox one more folder is read.
const FOLDER_EVERY: u64 = 7;
/// Every so many turns the posts are read further down than the first page.
pub const DEEP_EVERY: u64 = 5;
/// So many pages of posts are read then.
pub const DEEP_PAGES: u32 = 4;
/// The word for a list that is read further down.
const DEEP: &str = "deep";

/// The folders of the inbox to read at a turn: all at the first one, then one after the other.
pub fn folders(turn: u64, folders: &[Folder]) -> impl Iterator<Item = Folder> {
    let round = usize::try_from(turn / FOLDER_EVERY).unwrap_or(0);
    folders
        .iter()
        .enumerate()
        .filter(move |(place, _)| {
            turn == 0 || turn.is_multiple_of(FOLDER_EVERY) && (round - 1) % folders.len() == *place
        })
        .map(|(_, folder)| *folder)
}

/// How a turn begins to read a list of posts.
pub fn start(turn: u64) -> Cursor {
    Cursor { list: if turn.is_multiple_of(DEEP_EVERY) { DEEP } else { "" }, ..Cursor::default() }
}

/// Whether the page after this one is read, even if it shows nothing new itself.
pub fn goes_on(cursor: &Cursor) -> bool {
    cursor.list == DEEP && cursor.depth + 1 < DEEP_PAGES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_has_its_turn() {
        let all = [Folder::Spam, Folder::Other, Folder::Pending];
        let at = |turn| folders(turn, &all).collect::<Vec<_>>();
        assert_eq!(at(0), all);
        assert_eq!(at(1), []);
        assert_eq!(
            [at(7), at(14), at(21), at(28)].concat(),
            [Folder::Spam, Folder::Other, Folder::Pending, Folder::Spam]
        );
        assert_eq!(folders(7, &[]).count(), 0);
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
