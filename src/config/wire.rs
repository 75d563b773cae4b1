//! The merged settings as serde sees them: the shape of the files, not yet a zone.

use std::{collections::BTreeMap, time::Duration};

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de::Error};

use super::{
    alerts::MailSecurity,
    duration, words,
    zone::{DatedNumber, Folder, InstagramLogin, Mode, PublicReplies, QuietAnswer, ReplyTo, Vocabulary, When},
};
use crate::{
    hours::Holiday,
    model::Language,
    triage::{Family, OwnPhrases},
};

/// All files together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    #[serde(deserialize_with = "words::deserialize")]
    pub mode: Mode,
    pub allow_other_hosts: bool,
    pub zone: ZoneTable,
    pub facebook: FacebookTable,
    pub instagram: InstagramTable,
    pub x: XTable,
    pub bluesky: BlueskyTable,
    pub mastodon: MastodonTable,
    pub policy: PolicyTable,
    pub alerts: Option<AlertsTable>,
    #[serde(default)]
    pub health: HealthTable,
    #[serde(default)]
    pub triage: TriageTable,
    /// Only where a file opens it.
    pub hours: Option<HoursTable>,
    #[serde(default)]
    pub reply: BTreeMap<String, TextTree>,
}

/// `[zone]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneTable {
    #[serde(default)]
    pub name: BTreeMap<Language, String>,
    #[serde(default)]
    pub languages: Vec<Language>,
    pub phone: Option<String>,
    #[serde(default, deserialize_with = "dated_numbers")]
    pub valid_until: Vec<DatedNumber>,
    pub website: Option<String>,
    #[serde(deserialize_with = "time_zone")]
    pub timezone: TimeZone,
    pub bilingual: bool,
}

/// `[facebook]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacebookTable {
    pub page: Option<String>,
    pub api_base: String,
    pub version: String,
    #[serde(default)]
    pub sisters: Vec<String>,
    #[serde(default)]
    pub bots: Vec<String>,
    #[serde(default, deserialize_with = "some_time")]
    pub poll: Option<Duration>,
    pub app_id: Option<String>,
    pub appsecret_proof: bool,
    pub people: Option<u32>,
    #[serde(deserialize_with = "words::list")]
    pub folders: Vec<Folder>,
    pub inbox: FeedTable,
    pub mentions: FeedTable,
    pub comments: FeedTable,
}

/// `[instagram]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstagramTable {
    pub account: Option<String>,
    /// Which login; without it, the Page where there is one.
    #[serde(default, deserialize_with = "words::optional")]
    pub login: Option<InstagramLogin>,
    pub page: Option<String>,
    /// Depends on the login.
    pub api_base: Option<String>,
    pub version: String,
    #[serde(default)]
    pub sisters: Vec<String>,
    #[serde(default)]
    pub bots: Vec<String>,
    #[serde(default, deserialize_with = "some_time")]
    pub poll: Option<Duration>,
    pub app_id: Option<String>,
    pub people: Option<u32>,
    pub inbox: FeedTable,
    pub comments: FeedTable,
    pub mentions: FeedTable,
}

/// `[x]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XTable {
    pub account: Option<String>,
    pub api_base: String,
    #[serde(deserialize_with = "words::deserialize")]
    pub vocabulary: Vocabulary,
    pub monthly_budget_usd: Option<f64>,
    pub owned_app: bool,
    #[serde(default)]
    pub sisters: Vec<String>,
    #[serde(default)]
    pub bots: Vec<String>,
    #[serde(default, deserialize_with = "some_time")]
    pub poll: Option<Duration>,
    pub mentions: FeedTable,
    pub inbox: FeedTable,
}

/// `[bluesky]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlueskyTable {
    pub account: Option<String>,
    pub api_base: String,
    #[serde(default)]
    pub sisters: Vec<String>,
    #[serde(default)]
    pub bots: Vec<String>,
    #[serde(default, deserialize_with = "some_time")]
    pub poll: Option<Duration>,
    pub mentions: FeedTable,
    pub inbox: FeedTable,
}

/// `[mastodon]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MastodonTable {
    pub account: Option<String>,
    /// Where the account's server is, if not where its handle says.
    pub api_base: Option<String>,
    pub unlisted: bool,
    #[serde(default)]
    pub sisters: Vec<String>,
    #[serde(default)]
    pub bots: Vec<String>,
    #[serde(default, deserialize_with = "some_time")]
    pub poll: Option<Duration>,
    pub mentions: FeedTable,
    pub inbox: FeedTable,
}

impl MastodonTable {
    /// The server that the handle names.
    pub fn server(&self) -> Option<&str> {
        Some(self.account.as_deref()?.split_once('@')?.1)
    }

    /// Where the server is.
    pub fn address(&self) -> Option<String> {
        self.api_base.clone().or_else(|| Some(format!("https://{}", self.server()?)))
    }
}

/// `[facebook.inbox]` and its like.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedTable {
    pub enabled: bool,
    #[serde(deserialize_with = "words::deserialize")]
    pub reply_to: ReplyTo,
    #[serde(default, deserialize_with = "some_time")]
    pub poll: Option<Duration>,
    /// Only on public surfaces.
    #[serde(default, deserialize_with = "words::optional")]
    pub public_replies: Option<PublicReplies>,
    #[serde(default)]
    pub muted_posts: Vec<String>,
}

/// `[policy]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyTable {
    #[serde(deserialize_with = "time")]
    pub cooldown: Duration,
    #[serde(deserialize_with = "time")]
    pub cooldown_urgent: Duration,
    #[serde(deserialize_with = "time")]
    pub max_age: Duration,
    #[serde(deserialize_with = "time")]
    pub colleague_silence: Duration,
    pub public_cap_per_hour: u32,
    #[serde(deserialize_with = "time")]
    pub retention: Duration,
    #[serde(deserialize_with = "words::deserialize")]
    pub when: When,
    #[serde(deserialize_with = "time")]
    pub unanswered_after: Duration,
    pub quiet_period: Option<QuietTable>,
}

/// `[policy.quiet_period]`: times on the zone's clock.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietTable {
    pub from: Option<String>,
    pub until: Option<String>,
    #[serde(default, deserialize_with = "words::optional")]
    pub answer: Option<QuietAnswer>,
}

/// `[alerts]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertsTable {
    #[serde(deserialize_with = "time", default = "ten_minutes")]
    pub every: Duration,
    pub mail: Option<MailTable>,
    pub webhook: Option<String>,
}

/// `[health]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthTable {
    pub listen: Option<String>,
    pub ping: Option<String>,
}

/// `[alerts.mail]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailTable {
    #[serde(default)]
    pub to: Vec<String>,
    pub from: Option<String>,
    pub server: Option<String>,
    pub port: Option<u32>,
    #[serde(default, deserialize_with = "words::optional")]
    pub security: Option<MailSecurity>,
    pub user: Option<String>,
}

/// `[triage]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriageTable {
    #[serde(default)]
    pub add: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub remove: Vec<String>,
}

impl TriageTable {
    /// As triage takes them; families are keys of the schema.
    pub fn phrases(self) -> OwnPhrases {
        let of_family = |(code, phrases): (String, Vec<String>)| {
            let family = Family::named(&code);
            phrases.into_iter().filter_map(move |phrase| Some((family?, phrase)))
        };
        OwnPhrases { add: self.add.into_iter().flat_map(of_family).collect(), remove: self.remove }
    }
}

const fn ten_minutes() -> Duration {
    Duration::from_secs(600)
}

/// `[hours]`: openings by day or days, and what is different on some dates.
#[derive(Debug, Deserialize)]
pub struct HoursTable {
    pub holidays: Option<bool>,
    #[serde(default, deserialize_with = "words::list")]
    pub also_closed: Vec<Holiday>,
    #[serde(default)]
    pub exceptions: Vec<String>,
    /// `mon`, `mon-fri` and their like.
    #[serde(flatten)]
    pub days: BTreeMap<String, Vec<String>>,
}

/// `[reply]`: a text, or a table of texts named after a language, a kind, a surface, a platform or a feed.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum TextTree {
    /// A text.
    Text(String),
    /// A table.
    Below(BTreeMap<String, TextTree>),
}

fn dated_numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<DatedNumber>, D::Error> {
    let numbers = Vec::<String>::deserialize(deserializer)?;
    numbers.iter().map(|number| number.parse().map_err(D::Error::custom)).collect()
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    duration::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn some_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    time(deserializer).map(Some)
}

fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    TimeZone::get(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}
