//! A zone as the service uses it: checked, complete, with every default filled in.

use std::{collections::BTreeMap, time::Duration};

use jiff::tz::TimeZone;

use crate::{
    model::{Feed, Language, Platform},
    reply::{Facts, Texts},
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
    /// Every text that may be posted.
    pub texts: Texts,
    /// When to speak and when not.
    pub policy: Policy,
    /// The Facebook Page, if the zone has one.
    pub facebook: Option<Facebook>,
    /// The X account, if the zone has one.
    pub x: Option<X>,
    /// The settings of each feed that is polled.
    pub feeds: BTreeMap<Feed, FeedSettings>,
}

impl Zone {
    /// The accounts that must never be answered on a platform.
    pub fn known_accounts(&self, platform: Platform) -> Option<&KnownAccounts> {
        match platform {
            Platform::Facebook => self.facebook.as_ref().map(|facebook| &facebook.known),
            Platform::X => self.x.as_ref().map(|x| &x.known),
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
    /// How long keyed hashes of ids are kept. Default 30 days; never less than a day.
    pub retention: Duration,
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
    /// Accounts never answered.
    pub known: KnownAccounts,
}

/// An X account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct X {
    /// The account's handle, without `@`.
    pub account: String,
    /// Where the X API is, without a trailing slash.
    pub api_base: String,
    /// Which of the two vocabularies the API is asked in.
    pub vocabulary: Vocabulary,
    /// Accounts never answered.
    pub known: KnownAccounts,
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
    /// The time between two polls.
    pub poll: Duration,
    /// Which messages are answered.
    pub reply_to: ReplyTo,
    /// Whether replies that everybody can see are posted; only on public surfaces.
    pub public_replies: bool,
    /// Ids of posts under which nothing is ever posted, such as a condolence.
    pub muted_posts: Vec<String>,
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
    /// A zone with both accounts, French and Dutch, in reply mode, with every default: for tests.
    pub fn for_testing() -> Self {
        let names = BTreeMap::from([
            (Language::Fr, "Zone de police Exemple".to_owned()),
            (Language::Nl, "Politiezone Voorbeeld".to_owned()),
        ]);
        let feed = |poll| FeedSettings {
            poll: Duration::from_secs(poll),
            reply_to: ReplyTo::All,
            public_replies: true,
            muted_posts: Vec::new(),
        };
        Self {
            id: "exemple".into(),
            mode: Mode::Reply,
            languages: vec![Language::Fr, Language::Nl],
            bilingual: false,
            timezone: TimeZone::UTC,
            facts: Facts { names, phone: None, website: None },
            texts: Texts::default(),
            policy: Policy {
                cooldown: Duration::from_secs(12 * 3600),
                cooldown_urgent: Duration::from_secs(15 * 60),
                max_age: Duration::from_secs(2 * 3600),
                colleague_silence: Duration::from_secs(30 * 60),
                public_cap_per_hour: 60,
                retention: Duration::from_secs(30 * 86_400),
            },
            facebook: Some(Facebook {
                page: "100000000000001".into(),
                api_base: "http://127.0.0.1:1".into(),
                version: "v26.0".into(),
                known: KnownAccounts::default(),
            }),
            x: Some(X {
                account: "ZPExemple".into(),
                api_base: "http://127.0.0.1:1".into(),
                vocabulary: Vocabulary::Tweet,
                known: KnownAccounts::default(),
            }),
            feeds: BTreeMap::from([
                (Feed::FacebookInbox, feed(15)),
                (Feed::FacebookMentions, feed(60)),
                (Feed::XMentions, feed(60)),
                (Feed::XInbox, feed(90)),
            ]),
        }
    }
}
