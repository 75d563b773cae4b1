//! Which permissions and tasks a zone's feeds need, and what each is for.
//!
//! Source: `platforms/meta.md` 2, "Permissions per operation".

use crate::model::Feed;

/// The way to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Facebook Login, for Pages and for Instagram accounts behind them.
    Facebook,
    /// Instagram Login.
    Instagram,
}

/// A permission that a human must grant, or a task that he must have on the Page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The platform's name for it.
    pub name: &'static str,
    /// Completes "it is needed ...".
    pub purpose: &'static str,
    /// Whether it is a task on the Page and no permission.
    pub is_task: bool,
    feeds: &'static [Feed],
    /// Needed for private replies to these feeds' messages too.
    private: &'static [Feed],
}

use Feed::{FacebookComments, FacebookInbox, FacebookMentions, InstagramComments, InstagramInbox, InstagramMentions};

const PAGE_PUBLIC: &[Feed] = &[FacebookMentions, FacebookComments];
const INSTAGRAM: &[Feed] = &[InstagramInbox, InstagramComments, InstagramMentions];
const INSTAGRAM_PUBLIC: &[Feed] = &[InstagramComments, InstagramMentions];
const ALL: &[Feed] =
    &[FacebookInbox, FacebookMentions, FacebookComments, InstagramInbox, InstagramComments, InstagramMentions];
const PUBLIC: &[Feed] = &[FacebookMentions, FacebookComments, InstagramComments, InstagramMentions];

const fn permission(
    name: &'static str,
    purpose: &'static str,
    feeds: &'static [Feed],
    private: &'static [Feed],
) -> Need {
    Need { name, purpose, is_task: false, feeds, private }
}

const FACEBOOK: [Need; 11] = [
    permission("pages_show_list", "to find the Page", ALL, &[]),
    permission("pages_read_engagement", "to read the Page, its posts and its conversations", ALL, &[]),
    permission("pages_manage_metadata", "to list conversations", &[FacebookInbox, InstagramInbox], &[]),
    permission("pages_messaging", "to read Messenger and to answer in private", &[FacebookInbox], PUBLIC),
    permission(
        "pages_read_user_content",
        "to read what people write on the Page and where they tag it",
        PAGE_PUBLIC,
        &[],
    ),
    permission("pages_manage_engagement", "to answer comments and posts as the Page", PAGE_PUBLIC, &[]),
    permission("instagram_basic", "to find the Instagram account", INSTAGRAM, &[]),
    permission("instagram_manage_messages", "to read and answer Instagram messages", &[InstagramInbox], &[]),
    permission("instagram_manage_comments", "to read and answer on Instagram in public", INSTAGRAM_PUBLIC, &[]),
    Need {
        name: "MESSAGING",
        purpose: "to answer in Messenger and on Instagram",
        is_task: true,
        feeds: &[FacebookInbox, InstagramInbox],
        private: PUBLIC,
    },
    Need {
        name: "MODERATE",
        purpose: "to see comments and to answer them",
        is_task: true,
        feeds: PAGE_PUBLIC,
        private: &[],
    },
];

const OWN_INSTAGRAM: [Need; 3] = [
    permission("instagram_business_basic", "to find the account", INSTAGRAM, &[]),
    permission("instagram_business_manage_messages", "to read and answer messages", &[InstagramInbox], &[]),
    permission("instagram_business_manage_comments", "to read and answer in public", INSTAGRAM_PUBLIC, &[]),
];

/// What these feeds need on this way; `true` beside a feed means that its messages get private replies.
pub fn needs(path: Path, feeds: &[(Feed, bool)]) -> Vec<Need> {
    let table: &[Need] = match path {
        Path::Facebook => &FACEBOOK,
        Path::Instagram => &OWN_INSTAGRAM,
    };
    let is_for = |need: &&Need| {
        feeds.iter().any(|(feed, private)| need.feeds.contains(feed) || (*private && need.private.contains(feed)))
    };
    table.iter().filter(is_for).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: Path, feeds: &[(Feed, bool)]) -> Vec<&'static str> {
        needs(path, feeds).iter().map(|need| need.name).collect()
    }

    #[test]
    fn a_zone_asks_for_what_its_feeds_need_and_no_more() {
        let inbox = names(Path::Facebook, &[(FacebookInbox, false)]);
        let first =
            ["pages_show_list", "pages_read_engagement", "pages_manage_metadata", "pages_messaging", "MESSAGING"];
        assert_eq!(inbox, first);
        let in_public = names(Path::Facebook, &[(FacebookComments, false)]);
        assert!(!in_public.contains(&"pages_messaging") && in_public.contains(&"MODERATE"), "{in_public:?}");
        assert!(names(Path::Facebook, &[(FacebookComments, true)]).contains(&"pages_messaging"));
        assert_eq!(
            names(Path::Instagram, &[(InstagramInbox, false)]),
            ["instagram_business_basic", "instagram_business_manage_messages"]
        );
        assert_eq!(names(Path::Facebook, &[(Feed::XInbox, false)]), [""; 0]);
    }
}
