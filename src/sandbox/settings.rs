//! Switches for the points on which the platforms' documents leave two readings, and for quotas.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::meta_settings::MetaSettings;
use super::x::XSettings;

/// How the stand-in behaves where a real platform might do either. The defaults are the stricter reading.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches, each named where it is set")]
pub struct Settings {
    /// Graph: further switches, in a file of their own; named like the others.
    #[serde(flatten)]
    pub meta: MetaSettings,
    /// X: further switches, in a file of their own; named like the others.
    #[serde(flatten)]
    pub x: XSettings,
    /// X: where `sender_id` is accepted in `dm_event.fields`.
    pub x_dm_sender_id: SenderId,
    /// X: `since_id` returns the named post too.
    pub x_since_id_inclusive: bool,
    /// X: how far the rule against duplicate text reaches.
    pub x_duplicates: DuplicateScope,
    /// X: the host in the `type` of a problem.
    pub x_problem_host: String,
    /// X: the hidden mention at the head of a reply to us counts as a summons.
    pub x_hidden_mention_summons: bool,
    /// X: the vocabulary of an answer when the call names none.
    pub x_default_vocabulary: Vocabulary,
    /// X: `author_id` is shown in the post vocabulary without the expansion.
    pub x_post_author_id: bool,
    /// X: the two routes that send direct messages draw on one quota.
    pub x_dm_sends_shared: bool,
    /// X: the four routes that read direct messages draw on one quota.
    pub x_dm_reads_shared: bool,
    /// X: calls per 15 minutes.
    pub x_limits: XLimits,
    /// Mastodon: which software answers.
    pub mastodon_flavour: MastodonFlavour,
    /// Mastodon: direct messages of strangers are filtered, as they are unless the account's owner says otherwise.
    pub mastodon_filters_strangers: bool,
    /// Graph: HTTP status of error 190, 400 or 401.
    pub graph_token_error_status: u16,
    /// Graph: what a list of messages shows beyond the 20 newest of a thread.
    pub graph_old_messages: OldMessages,
    /// Graph: 9000001 and 2018300 come as subcode of 10 instead of as code.
    pub graph_deleted_as_subcode: bool,
    /// Graph: a `limit` above 100 is an error 100 instead of being read as 100.
    pub graph_limit_is_error: bool,
    /// Graph: more than two conversation calls in a second are refused with 613.
    pub graph_enforce_two_per_second: bool,
    /// Graph: the longest Messenger text, counted in UTF-16 units or code points, whichever is more.
    pub graph_text_max: usize,
    /// Graph: `messaging_type` is refused on a private reply.
    pub graph_private_reply_refuses_messaging_type: bool,
    /// Graph: how far the rule against duplicate comments (506) reaches.
    pub graph_duplicates: DuplicateScope,
    /// Graph: threads show `snippet`, `unread_count` and `can_reply`.
    pub graph_thread_extras: bool,
    /// Graph: percentage shown in the usage header when no pool is set.
    pub graph_usage_percent: u32,
    /// Graph: Messenger calls allowed in a rolling day; unlimited when absent.
    pub graph_messenger_pool: Option<u32>,
    /// Graph: other Page calls allowed in a rolling day; unlimited when absent.
    pub graph_pages_pool: Option<u32>,
}

/// The servers that speak Mastodon's client API, each with its own ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MastodonFlavour {
    /// Mastodon itself.
    Mastodon,
    /// `GoToSocial`: takes no notice of `Idempotency-Key`, has no policy, says 400 where others say 422.
    Gotosocial,
    /// Mitra: ids are random, an answer names its parent's author by itself, unlisted is public, no limits are shown.
    Mitra,
    /// activities.next: ids are random; else like Mastodon.
    Activities,
}

impl MastodonFlavour {
    /// Whether notifications can be filtered there.
    #[must_use]
    pub const fn filters(self) -> bool {
        matches!(self, Self::Mastodon | Self::Activities)
    }
}

/// Where X accepts `sender_id` among the `dm_event.fields`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderId {
    /// Always.
    Accepted,
    /// Only without `post.fields`.
    RefusedWithPostFields,
    /// Never: only the expansion gives it.
    Refused,
}

/// How far a rule against duplicate text reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateScope {
    /// There is no such rule.
    Off,
    /// Only below the same post.
    SameTarget,
    /// Anywhere within a day.
    AnyRecent,
}

/// The two vocabularies of X.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vocabulary {
    /// `tweet.fields` and the keys that go with it.
    Tweet,
    /// `post.fields` and the keys that go with it.
    Post,
}

/// What stands for an old message whose text is no longer given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OldMessages {
    /// Its id and time.
    IdOnly,
    /// Its id and an error entry.
    Error,
}

/// X quotas: calls per 15 minutes, and sends per day.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XLimits {
    /// `GET /2/users/me`.
    pub users_me: u32,
    /// `GET /2/users/{id}/mentions`.
    pub mentions: u32,
    /// `GET /2/users/{id}/tweets`.
    pub tweets: u32,
    /// Each route that reads direct messages, or all of them together.
    pub dm_events: u32,
    /// `POST /2/tweets`.
    pub post_tweets: u32,
    /// Posts in 24 hours; not published, as low as 17 was seen.
    pub post_tweets_day: u32,
    /// The routes that send direct messages.
    pub dm_sends: u32,
    /// Direct messages sent in 24 hours.
    pub dm_sends_day: u32,
}

impl XLimits {
    /// The limits published for self-serve plans in August 2026.
    #[must_use]
    pub fn published() -> Self {
        Self {
            users_me: 75,
            mentions: 300,
            tweets: 900,
            dm_events: 15,
            post_tweets: 100,
            post_tweets_day: 10_000,
            dm_sends: 15,
            dm_sends_day: 1_440,
        }
    }

    fn generous() -> Self {
        let many = 100_000;
        Self {
            users_me: many,
            mentions: many,
            tweets: many,
            dm_events: many,
            post_tweets: many,
            post_tweets_day: many,
            dm_sends: many,
            dm_sends_day: many,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            meta: MetaSettings::default(),
            x: XSettings::default(),
            x_dm_sender_id: SenderId::Accepted,
            x_since_id_inclusive: false,
            x_duplicates: DuplicateScope::SameTarget,
            x_problem_host: "api.x.com".to_owned(),
            x_hidden_mention_summons: false,
            x_default_vocabulary: Vocabulary::Tweet,
            x_post_author_id: false,
            x_dm_sends_shared: true,
            x_dm_reads_shared: true,
            x_limits: XLimits::generous(),
            mastodon_flavour: MastodonFlavour::Mastodon,
            mastodon_filters_strangers: false,
            graph_token_error_status: 401,
            graph_old_messages: OldMessages::IdOnly,
            graph_deleted_as_subcode: false,
            graph_limit_is_error: true,
            graph_enforce_two_per_second: false,
            graph_text_max: 1_999,
            graph_private_reply_refuses_messaging_type: false,
            graph_duplicates: DuplicateScope::Off,
            graph_thread_extras: true,
            graph_usage_percent: 1,
            graph_messenger_pool: None,
            graph_pages_pool: None,
        }
    }
}

impl Settings {
    /// Lays the given keys over these settings; `"x_limits": "published"` and objects with some limits are accepted.
    ///
    /// # Errors
    /// A sentence naming the unknown key or the wrong value; nothing is changed then.
    pub fn lay_over(&mut self, changes: &Value) -> Result<(), String> {
        let mut all = serde_json::to_value(&*self).map_err(|error| error.to_string())?;
        for (key, value) in changes.as_object().ok_or("settings are a JSON object")? {
            if all.get(key).is_none() {
                return Err(format!("unknown setting '{key}'"));
            }
            if key == "x_limits" && value == "published" {
                all[key] = serde_json::to_value(XLimits::published()).map_err(|error| error.to_string())?;
            } else if let (true, Some(parts)) = (key == "x_limits", value.as_object()) {
                for (name, limit) in parts {
                    all[key][name] = limit.clone();
                }
            } else {
                all[key] = value.clone();
            }
        }
        *self = serde_json::from_value(all).map_err(|error| error.to_string())?;
        Ok(())
    }
}
