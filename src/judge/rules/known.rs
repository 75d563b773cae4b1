//! Sister zones and known bots are never answered, or two services would talk for ever.

use crate::{
    judge::Case,
    model::{Author, Silence},
};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    let author = case.message.author.as_ref()?;
    let known = case.zone.known_accounts(case.message.feed.platform())?;
    if lists(&known.sisters, author) {
        Some(Silence::Sister)
    } else {
        lists(&known.bots, author).then_some(Silence::Bot)
    }
}

/// Ids are compared exactly, handles without regard to case.
fn lists(accounts: &[String], author: &Author) -> bool {
    let handle = author.handle.as_ref().map(|handle| handle.expose().trim_start_matches('@'));
    accounts.iter().any(|account| {
        account == author.id.expose()
            || handle.is_some_and(|handle| account.trim_start_matches('@').eq_ignore_ascii_case(handle))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn sisters_and_bots_are_known_by_id_or_handle() {
        Given::default().sister("@ZPVoisine").by("77", Some("zpvoisine")).expect(check, Some(Silence::Sister));
        Given::default().bot("77").by("77", None).expect(check, Some(Silence::Bot));
        Given::default().bot("77").by("78", Some("77bis")).expect(check, None);
    }
}
