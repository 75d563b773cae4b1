//! Further switches of the Graph side: points with two readings, and circumstances of the accounts.

use serde::{Deserialize, Serialize};

/// The switches that [`super::Settings`] takes in; their names begin with `graph_` or `instagram_`.
/// The defaults are the stricter reading.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches, each named where it is set")]
pub struct MetaSettings {
    /// A post or comment shows its author under the page-scoped id by which the Page may write to him.
    /// Read when somebody writes, so to be set before.
    pub graph_comment_author_is_psid: bool,
    /// Comments of people come without `from`.
    pub graph_comments_hide_author: bool,
    /// The list of conversations without `folder` shows every folder instead of the inbox alone.
    pub graph_list_shows_all_folders: bool,
    /// The values of `folder` that are known; another is an error 100.
    pub graph_folders: Vec<String>,
    /// What the list of conversations does without `platform`.
    pub graph_platform_default: PlatformDefault,
    /// Code and subcode of a private reply after seven days; subcode 0 for none.
    pub graph_late_private_reply: (i64, i64),
    /// A comment or visitor post opens the 24 hours in which the Page may write to its author.
    pub graph_comment_opens_window: bool,
    /// An Instagram account is linked to the Page.
    pub instagram_linked: bool,
    /// The owner allows access to messages in the Instagram app.
    pub instagram_message_access: bool,
    /// `snippet`, `unread_count` and `can_reply` of Instagram threads.
    pub instagram_thread_extras: Extras,
    /// The list of Instagram conversations shows the requests too, while they are younger than 30 days.
    pub instagram_requests_listed: bool,
    /// Instagram conversations share the two calls a second of the Page's.
    pub instagram_shares_conversation_limit: bool,
    /// The id that a send on Instagram gives is the id under which the message is read later.
    pub instagram_sent_id_is_read_id: bool,
    /// The longest text of an Instagram message, bytes.
    pub instagram_text_max: usize,
}

/// What a list of conversations does when the call does not name a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformDefault {
    /// It shows Messenger.
    Messenger,
    /// It shows Messenger and Instagram together.
    Both,
    /// It is an error 100.
    Refused,
}

/// What becomes of a field that a thread may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extras {
    /// It is there.
    Shown,
    /// It is left out of the answer.
    Absent,
    /// Asking for it is an error 100.
    Refused,
}

impl Default for MetaSettings {
    fn default() -> Self {
        let folders = ["inbox", "page_done", "other", "pending", "spam"];
        Self {
            graph_comment_author_is_psid: false,
            graph_comments_hide_author: false,
            graph_list_shows_all_folders: false,
            graph_folders: folders.map(str::to_owned).to_vec(),
            graph_platform_default: PlatformDefault::Messenger,
            graph_late_private_reply: (100, 2_534_025),
            graph_comment_opens_window: false,
            instagram_linked: true,
            instagram_message_access: true,
            instagram_thread_extras: Extras::Refused,
            instagram_requests_listed: true,
            instagram_shares_conversation_limit: true,
            instagram_sent_id_is_read_id: true,
            instagram_text_max: 1_000,
        }
    }
}
