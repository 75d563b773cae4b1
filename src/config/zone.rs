//! A zone as the service uses it: checked, complete, with every default filled in.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    time::Duration,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{alerts::Alerts, health::HealthPort};
use crate::{
    hours::Hours,
    model::{Feed, Language, Platform, Surface, Ways},
    reply::{Facts, Texts},
    triage::OwnPhrases,
};

/// One police zone: its names, languages, accounts, policy and texts.
#[derive(Debug, Clone)]
pub struct Zone {
    /// The file's name without `.toml`: at most 21 characters of `a-z 0-9 -`.
    pub id: String,
    /// Whether the service posts.
    pub mode: Mode,
    /// The languages it serves, in legal order, never empty; detection chooses only among these.
    pub languages: Vec<Language>,
    /// Whether every reply is given in all of the zone's languages.
    pub bilingual: bool,
    /// The zone's clock, for days in figures and times in texts.
    pub timezone: TimeZone,
    /// What a text may name: the zone's names, telephone, website.
    pub facts: Facts,
    /// Until when numbers in the texts are known to hold; a human is warned, the texts go out all the same.
    pub valid_until: Vec<DatedNumber>,
    /// How humans are told of messages that may tell of a danger.
    pub alerts: Option<Alerts>,
    /// Where it can be seen how the service is.
    pub health: HealthPort,
    /// What the zone changes in the phrases that triage knows.
    pub phrases: OwnPhrases,
    /// Every text that may be posted.
    pub texts: Texts,
    /// When to speak and when not.
    pub policy: Policy,
    /// When the zone's office is open, where its file says so.
    pub hours: Option<Hours>,
    /// The Facebook Page, if the zone has one.
    pub facebook: Option<Facebook>,
    /// The Instagram account, if the zone has one.
    pub instagram: Option<Instagram>,
    /// The X account, if the zone has one.
    pub x: Option<X>,
    /// The Bluesky account, if the zone has one.
    pub bluesky: Option<Bluesky>,
    /// The account on a Mastodon server, if the zone has one.
    pub mastodon: Option<Mastodon>,
    /// The settings of each feed that is polled.
    pub feeds: BTreeMap<Feed, FeedSettings>,
}

impl Zone {
    /// The platforms that the zone has accounts on, and the address of each.
    pub fn api_bases(&self) -> Vec<(Platform, &str)> {
        [
            (Platform::Facebook, self.facebook.as_ref().map(|facebook| &facebook.api_base)),
            (Platform::Instagram, self.instagram.as_ref().map(|instagram| &instagram.api_base)),
            (Platform::X, self.x.as_ref().map(|x| &x.api_base)),
            (Platform::Bluesky, self.bluesky.as_ref().map(|bluesky| &bluesky.api_base)),
            (Platform::Mastodon, self.mastodon.as_ref().map(|mastodon| &mastodon.api_base)),
        ]
        .into_iter()
        .filter_map(|(platform, base)| Some((platform, base?.as_str())))
        .collect()
    }

    /// The feeds in whose form replies are written, each once: a private reply is written like a message of the inbox, even
    /// where the inbox itself is not read.
    pub fn places(&self) -> Vec<Feed> {
        let places: BTreeSet<Feed> = self
            .feeds
            .iter()
            .flat_map(|(feed, settings)| {
                let routes = settings.ways(*feed).filter(|_| feed.can_be_answered()).map_or(&[][..], Ways::routes);
                routes.iter().map(|route| feed.place(*route))
            })
            .collect();
        places.into_iter().collect()
    }

    /// The accounts that must never be answered on a platform.
    pub fn known_accounts(&self, platform: Platform) -> Option<&KnownAccounts> {
        match platform {
            Platform::Facebook => self.facebook.as_ref().map(|facebook| &facebook.known),
            Platform::Instagram => self.instagram.as_ref().map(|instagram| &instagram.known),
            Platform::X => self.x.as_ref().map(|x| &x.known),
            Platform::Bluesky => self.bluesky.as_ref().map(|bluesky| &bluesky.known),
            Platform::Mastodon => self.mastodon.as_ref().map(|mastodon| &mastodon.known),
        }
    }
}

/// Whether the service posts. One word for the whole zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Decide and count, post nothing. The default.
    Observe,
    /// Post.
    Reply,
    /// Post nothing; what is waiting waits until it is too old.
    Pause,
}

/// When to speak and when not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long one contact gets no second reply, counted from the confirmed send. Default 12 h.
    pub cooldown: Duration,
    /// The same when the message is urgent. Default 15 min.
    pub cooldown_urgent: Duration,
    /// Messages older than this are never answered. Default 2 h.
    pub max_age: Duration,
    /// Silence in a conversation after a colleague wrote there. Default 30 min.
    pub colleague_silence: Duration,
    /// At most so many public replies in any hour, over all feeds. Default 60.
    pub public_cap_per_hour: u32,
    /// Whether what is not urgent is answered while the office is open. Default always.
    pub when: When,
    /// How long a colleague has to answer while the office is open, where the zone gives them time. Default 10 min.
    pub unanswered_after: Duration,
    /// How long keyed hashes of ids are kept. Default 30 days; never less than a day.
    pub retention: Duration,
    /// When only urgent messages, or none, are answered, because staff chose so in a crisis.
    pub quiet_period: Option<QuietPeriod>,
}

/// A time, chosen by staff in a crisis, in which few messages or none are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietPeriod {
    /// When it begins; without it, it has begun.
    pub from: Option<Timestamp>,
    /// When it ends.
    pub until: Timestamp,
    /// What is answered in it.
    pub answer: QuietAnswer,
}

impl QuietPeriod {
    /// Whether it is on.
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && now < self.until
    }

    /// Whether it keeps us from answering a message now.
    pub fn silences(&self, urgent: bool, now: Timestamp) -> bool {
        self.is_on(now) && !(urgent && self.answer == QuietAnswer::Urgent)
    }
}

/// What is answered in a quiet period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuietAnswer {
    /// Only what is urgent. The default.
    Urgent,
    /// Nothing.
    None,
}

/// Until when a telephone number that stands in a text is known to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedNumber {
    /// The number as it is written.
    pub number: String,
    /// The last day.
    pub until: Date,
}

impl FromStr for DatedNumber {
    type Err = &'static str;

    /// Reads `02 555 01 01 until 2027-06-30`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, until) = text.split_once(" until ").ok_or("must say until when a number holds")?;
        let number = number.trim();
        if !number.contains(|letter: char| letter.is_ascii_digit()) {
            return Err("names no number");
        }
        let until = until.trim().parse().map_err(|_| "holds a day that does not exist")?;
        Ok(Self { number: number.to_owned(), until })
    }
}

/// Whether what is not urgent is answered while the office is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// Day and night. The default.
    Always,
    /// Only while the office is closed; a colleague answers the rest.
    Closed,
    /// While the office is closed; and while it is open, what no colleague has answered in time.
    ClosedOrUnanswered,
}

/// A Facebook Page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facebook {
    /// The Page's id.
    pub page: String,
    /// Where the Graph API is, without a trailing slash.
    pub api_base: String,
    /// The version of the Graph API, such as `v26.0`.
    pub version: String,
    /// The app that people log in with, for `login` and for reading back what a token may do.
    pub app_id: Option<String>,
    /// Whether each call carries the proof that we know the app's secret.
    pub appsecret_proof: bool,
    /// How many people the Page can reach, by which Meta measures its limits (`platforms/meta.md` 6).
    pub people: Option<u32>,
    /// The folders of the inbox that are read now and then beside the default one.
    pub folders: Vec<Folder>,
    /// Accounts never answered.
    pub known: KnownAccounts,
}

/// A folder of the Messenger inbox; Meta does not list their names (unverified).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Folder {
    /// What Meta takes for spam.
    Spam,
    /// Message requests, by one reading.
    Other,
    /// Message requests, by the other reading.
    Pending,
}

/// An Instagram professional account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instagram {
    /// The account's id.
    pub account: String,
    /// Which login its token comes from, and so which host and which paths it is asked at.
    pub login: InstagramLogin,
    /// The Page that it is linked to; needed with [`InstagramLogin::Facebook`].
    pub page: Option<String>,
    /// Where the Graph API is, without a trailing slash.
    pub api_base: String,
    /// The version of the Graph API, such as `v26.0`.
    pub version: String,
    /// The app that people log in with.
    pub app_id: Option<String>,
    /// Whether each call carries the proof that we know the app's secret; as set for Facebook.
    pub appsecret_proof: bool,
    /// How many people the account can reach, by which Meta measures its limits.
    pub people: Option<u32>,
    /// Accounts never answered.
    pub known: KnownAccounts,
}

/// The two ways to an Instagram account (`platforms/meta.md` 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstagramLogin {
    /// Through the linked Page, with its token, at graph.facebook.com.
    Facebook,
    /// Instagram Login, with the account's own token, at graph.instagram.com.
    Instagram,
}

/// An X account.
#[derive(Debug, Clone, PartialEq)]
pub struct X {
    /// The account's handle, without `@`.
    pub account: String,
    /// Where the X API is, without a trailing slash.
    pub api_base: String,
    /// Which of the two vocabularies the API is asked in.
    pub vocabulary: Vocabulary,
    /// What may be spent in a calendar month, in US dollars; without it spending is only shown.
    pub monthly_budget_usd: Option<f64>,
    /// Whether the account owns the app, so that reading its mentions costs less (`platforms/x.md` 4.3).
    pub owned_app: bool,
    /// Accounts never answered.
    pub known: KnownAccounts,
}

/// A Bluesky account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bluesky {
    /// The account's handle, a domain, without `@`.
    pub account: String,
    /// Where the account's server (PDS) is, without a trailing slash.
    pub api_base: String,
    /// Accounts never answered.
    pub known: KnownAccounts,
}

/// An account on a server that speaks Mastodon's client API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mastodon {
    /// The account's handle with its server, `name@server`.
    pub account: String,
    /// Where the server is, without a trailing slash.
    pub api_base: String,
    /// Whether an answer to a public post is unlisted, and so stays out of the public timelines. Default: it is public too.
    pub unlisted: bool,
    /// Accounts never answered.
    pub known: KnownAccounts,
}

impl Mastodon {
    /// The name on its own server.
    pub fn username(&self) -> &str {
        self.account.split('@').next().unwrap_or_default()
    }
}

/// The two spellings of the X API v2 (`platforms/x.md` 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vocabulary {
    /// `tweet.fields`. The default: works today, and gives `author_id` without an expansion.
    Tweet,
    /// `post.fields`, the only one that the newest specification declares.
    Post,
}

/// Accounts that are never answered, by id or by handle (without `@`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownAccounts {
    /// Accounts of sister zones.
    pub sisters: Vec<String>,
    /// Accounts known to be automatic.
    pub bots: Vec<String>,
}

/// How one feed is polled and answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSettings {
    /// The time between two polls on an ordinary day.
    pub poll: Duration,
    /// The shortest time between two polls, for when a message has just come.
    pub floor: Duration,
    /// Which messages are answered.
    pub reply_to: ReplyTo,
    /// How public messages are answered; without meaning in an inbox.
    pub public_replies: PublicReplies,
    /// Ids of posts under which nothing is ever posted, such as a condolence.
    pub muted_posts: Vec<String>,
}

impl FeedSettings {
    /// The ways that an answer on `feed` takes; `None` when there is to be none.
    ///
    /// Where the platform has no private reply, a public one takes its place: better that than no answer.
    pub const fn ways(&self, feed: Feed) -> Option<Ways> {
        match self.public_replies {
            PublicReplies::None if matches!(feed.surface(), Surface::Public) => None,
            PublicReplies::Private if feed.has_private_replies() => Some(Ways::Private),
            PublicReplies::Both if feed.has_private_replies() => Some(Ways::Both),
            _ => Some(Ways::Direct),
        }
    }
}

/// How public messages are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicReplies {
    /// By a private message, where the platform has such a thing. The default under posts and media of our own:
    /// the platform itself takes only one for each comment.
    Private,
    /// Below the message, for everybody to see. The default elsewhere.
    Public,
    /// By both.
    Both,
    /// Not at all.
    None,
}

impl PublicReplies {
    /// What holds on a feed when no file says otherwise.
    pub const fn default_for(feed: Feed) -> Self {
        if feed.has_private_replies() { Self::Private } else { Self::Public }
    }
}

/// Which messages of a feed are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReplyTo {
    /// All that the policy allows. The default.
    All,
    /// Only urgent ones.
    Urgent,
    /// None: the feed is only counted.
    None,
}

impl Zone {
    /// A zone with every account, French and Dutch, in reply mode, with every default: for tests.
    pub fn for_testing() -> Self {
        let names = BTreeMap::from([
            (Language::Fr, "Zone de police Exemple".to_owned()),
            (Language::Nl, "Politiezone Voorbeeld".to_owned()),
        ]);
        let settings = |feed: Feed| FeedSettings {
            poll: super::polling::default_interval(feed),
            floor: super::polling::floor(feed, false),
            reply_to: ReplyTo::All,
            public_replies: PublicReplies::default_for(feed),
            muted_posts: Vec::new(),
        };
        Self {
            id: "exemple".into(),
            mode: Mode::Reply,
            languages: vec![Language::Fr, Language::Nl],
            bilingual: false,
            timezone: TimeZone::UTC,
            facts: Facts { names, ..Facts::default() },
            valid_until: Vec::new(),
            alerts: None,
            health: HealthPort::default(),
            phrases: OwnPhrases::default(),
            texts: Texts::default(),
            hours: None,
            policy: Policy {
                cooldown: Duration::from_secs(12 * 3600),
                cooldown_urgent: Duration::from_secs(15 * 60),
                max_age: Duration::from_secs(2 * 3600),
                colleague_silence: Duration::from_secs(30 * 60),
                public_cap_per_hour: 60,
                when: When::Always,
                unanswered_after: Duration::from_secs(10 * 60),
                retention: Duration::from_secs(30 * 86_400),
                quiet_period: None,
            },
            facebook: Some(Facebook {
                page: "100000000000001".into(),
                api_base: "http://127.0.0.1:1".into(),
                version: "v26.0".into(),
                app_id: None,
                appsecret_proof: false,
                people: None,
                folders: vec![Folder::Spam, Folder::Other, Folder::Pending],
                known: KnownAccounts::default(),
            }),
            instagram: Some(Instagram {
                account: "17841400000000001".into(),
                login: InstagramLogin::Facebook,
                page: Some("100000000000001".into()),
                api_base: "http://127.0.0.1:1".into(),
                version: "v26.0".into(),
                app_id: None,
                appsecret_proof: false,
                people: None,
                known: KnownAccounts::default(),
            }),
            x: Some(X {
                account: "ZPExemple".into(),
                api_base: "http://127.0.0.1:1".into(),
                vocabulary: Vocabulary::Tweet,
                monthly_budget_usd: None,
                owned_app: false,
                known: KnownAccounts::default(),
            }),
            bluesky: Some(Bluesky {
                account: "zpexemple.bsky.social".into(),
                api_base: "http://127.0.0.1:1".into(),
                known: KnownAccounts::default(),
            }),
            mastodon: Some(Mastodon {
                account: "zpexemple@mastodon.example".into(),
                api_base: "http://127.0.0.1:1".into(),
                unlisted: false,
                known: KnownAccounts::default(),
            }),
            feeds: Feed::ALL.into_iter().map(|feed| (feed, settings(feed))).collect(),
        }
    }
}
