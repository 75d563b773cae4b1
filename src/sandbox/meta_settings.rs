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
    /// The newest major version of the Graph; a later one is unknown.
    pub graph_newest_version: u32,
    /// The app may read and write to people without a role on it.
    pub graph_advanced_access: bool,
    /// How many conversation calls within a second still pass where more than two are refused with 613.
    pub graph_conversation_burst: usize,
    /// Usage headers are shown.
    pub graph_usage_headers: bool,
    /// Percentage used of the pool of Pages, at the start; from 100 on its calls are refused.
    pub graph_usage_pages: Option<u32>,
    /// The same of Messenger.
    pub graph_usage_messenger: Option<u32>,
    /// The same of Instagram.
    pub graph_usage_instagram: Option<u32>,
    /// The same of the application itself.
    pub graph_usage_app: Option<u32>,
    /// By how many percent the pools that are set rise with each call.
    pub graph_usage_step: f64,
    /// How long calls are refused when a pool is at 100 percent, minutes.
    pub graph_regain_minutes: u32,
    /// HTTP status of throttled calls.
    pub graph_throttle_status: u16,
    /// Calls must carry an `appsecret_proof`; a wrong one is always refused.
    pub graph_require_app_secret_proof: bool,
    /// Only the proof that is bound to a time holds.
    pub graph_proof_must_be_time_bound: bool,
    /// Instagram Login looks at the proof too.
    pub instagram_checks_app_secret_proof: bool,
    /// Where both logins may send people back to, letter for letter.
    pub graph_redirect_uris: Vec<String>,
    /// Whoever comes to a login dialog refuses.
    pub graph_login_denied: bool,
    /// Permissions that whoever comes to a login dialog declines.
    pub graph_login_declined: Vec<String>,
    /// The tasks of the person on the zone's Page.
    pub graph_page_tasks: Vec<String>,
    /// Further Pages of the same person.
    pub graph_other_pages: Vec<OtherPage>,
    /// `/me/accounts` lists the Pages; it does not for those that belong to a business portfolio.
    pub graph_accounts_listed: bool,
    /// The life of a person's first token, seconds.
    pub graph_short_token_seconds: u32,
    /// The life of a person's long-lived token, seconds.
    pub graph_long_token_seconds: u32,
    /// After how many days the data access of Instagram permissions lapses.
    pub graph_data_access_days: u32,
    /// The life of a long-lived token of Instagram Login, seconds.
    pub instagram_long_token_seconds: u32,
    /// The code exchange of Instagram Login answers without a list around the token.
    pub instagram_code_answer_is_flat: bool,
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

/// A Page that is not the zone's; nobody writes to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherPage {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The tasks of the person on it.
    #[serde(default)]
    pub tasks: Vec<String>,
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
        let redirects = ["http://127.0.0.1:8910/callback", "http://127.0.0.1:8101/", "http://localhost:8101/"];
        let tasks = ["ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE", "CREATE_CONTENT", "MANAGE"];
        let folders = ["inbox", "page_done", "other", "pending", "spam"];
        Self {
            graph_comment_author_is_psid: false,
            graph_comments_hide_author: false,
            graph_list_shows_all_folders: false,
            graph_folders: folders.map(str::to_owned).to_vec(),
            graph_platform_default: PlatformDefault::Messenger,
            graph_late_private_reply: (100, 2_534_025),
            graph_comment_opens_window: false,
            graph_newest_version: 26,
            graph_advanced_access: true,
            graph_conversation_burst: 2,
            graph_usage_headers: true,
            graph_usage_pages: None,
            graph_usage_messenger: None,
            graph_usage_instagram: None,
            graph_usage_app: None,
            graph_usage_step: 0.0,
            graph_regain_minutes: 60,
            graph_throttle_status: 400,
            graph_require_app_secret_proof: false,
            graph_proof_must_be_time_bound: false,
            instagram_checks_app_secret_proof: false,
            graph_redirect_uris: redirects.map(str::to_owned).to_vec(),
            graph_login_denied: false,
            graph_login_declined: Vec::new(),
            graph_page_tasks: tasks.map(str::to_owned).to_vec(),
            graph_other_pages: Vec::new(),
            graph_accounts_listed: true,
            graph_short_token_seconds: 5_400,
            graph_long_token_seconds: 5_183_944,
            graph_data_access_days: 90,
            instagram_long_token_seconds: 5_184_000,
            instagram_code_answer_is_flat: false,
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
