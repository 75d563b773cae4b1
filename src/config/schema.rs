//! Every key that a file may hold, as data: the one place to look at and to extend.

use super::{
    alerts::MailSecurity,
    words,
    zone::{Folder, InstagramLogin, Mode, QuietAnswer, ReplyTo, Vocabulary, When},
};
use crate::{hours::Holiday, triage::Family};

/// A key and what stands behind it.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As written in the file.
    pub name: &'static str,
    /// What its value must be.
    pub shape: Shape,
    /// Where the value belongs when the key is a short way of writing another one.
    pub means: Option<&'static str>,
}

/// What the value of a key must be.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A table with these keys.
    Table(&'static [Key]),
    /// One value.
    Leaf(Leaf),
    /// One text for all languages, or a table with a text per language.
    PerLanguage,
    /// One value that only the administrator's file may hold, and why.
    AdministratorOnly(Leaf, &'static str),
    /// Known, but not here or not yet, and why.
    Refused(&'static str),
}

/// The kinds of values.
#[derive(Debug, Clone, Copy)]
pub enum Leaf {
    /// A text that is not empty.
    Text,
    /// One of a few words.
    Word(fn() -> Vec<&'static str>),
    /// Some of a few words, in a list.
    Words(fn() -> Vec<&'static str>),
    /// How public messages are answered: a word, or `true` or `false`.
    PublicReplies,
    /// Codes of languages, each once.
    Languages,
    /// `true` or `false`.
    Flag,
    /// A whole number from 0.
    Count,
    /// An amount of money, from 0.
    Money,
    /// A duration in quotes.
    Duration(Zero),
    /// Ids or handles in a list; a leading `@` is dropped.
    Accounts,
    /// Ids of posts in a list.
    Posts,
    /// The number of a Facebook Page, in quotes.
    Page,
    /// Another number of Meta's, in quotes: of an Instagram account or an app.
    MetaId,
    /// A handle on X; a leading `@` is dropped.
    Handle,
    /// A handle on Bluesky, which is a domain; a leading `@` is dropped.
    DomainHandle,
    /// A handle on Mastodon with its server, `name@server`; a leading `@` is dropped.
    ServerHandle,
    /// An address of an API.
    Address,
    /// An address of this machine with a port.
    Listen,
    /// A version of the Graph API.
    Version,
    /// A name of the IANA time-zone database.
    TimeZone,
    /// A date and a time of day in quotes, on the zone's clock.
    Moment,
    /// Telephone numbers with the last day on which each is known to hold, in a list.
    DatedNumbers,
    /// Openings of a day in a list, such as `08:00-12:00`; empty when it is closed.
    Windows,
    /// Dates with openings of their own in a list.
    Exceptions,
    /// An address for mail.
    Mailbox,
    /// Addresses for mail in a list.
    Mailboxes,
    /// The name of a server.
    Server,
    /// Phrases that triage shall know, in a list.
    Phrases,
    /// Phrases of the shipped lexicons that shall not count, in a list.
    ShippedPhrases,
}

impl Leaf {
    /// Whether it is a list of texts.
    pub const fn is_list(self) -> bool {
        matches!(
            self,
            Self::Languages
                | Self::Accounts
                | Self::Posts
                | Self::Words(_)
                | Self::Windows
                | Self::Exceptions
                | Self::Mailboxes
                | Self::Phrases
                | Self::ShippedPhrases
                | Self::DatedNumbers
        )
    }
}

/// Whether a duration may be zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zero {
    /// `"0s"` switches the rule off.
    Allowed,
    /// `"0s"` would make no sense.
    Refused,
}

const fn leaf(name: &'static str, leaf: Leaf) -> Key {
    Key { name, shape: Shape::Leaf(leaf), means: None }
}

const fn short_for(means: &'static str, name: &'static str, leaf: Leaf) -> Key {
    Key { name, shape: Shape::Leaf(leaf), means: Some(means) }
}

const fn table(name: &'static str, keys: &'static [Key]) -> Key {
    Key { name, shape: Shape::Table(keys), means: None }
}

const fn refused(name: &'static str, why: &'static str) -> Key {
    Key { name, shape: Shape::Refused(why), means: None }
}

/// A whole file.
pub const FILE: &[Key] = &[
    leaf("mode", Leaf::Word(words::names::<Mode>)),
    Key {
        name: "allow_other_hosts",
        shape: Shape::AdministratorOnly(
            Leaf::Flag,
            "a token goes where api_base points, so only the administrator may allow other hosts, in formez101.toml",
        ),
        means: None,
    },
    table("zone", ZONE),
    table("facebook", FACEBOOK),
    table("instagram", INSTAGRAM),
    table("x", X),
    table("bluesky", BLUESKY),
    table("mastodon", MASTODON),
    table("policy", POLICY),
    table("reply", REPLY),
    table("alerts", ALERTS),
    table("health", HEALTH),
    table("triage", TRIAGE),
    short_for("zone.bilingual", "bilingual", Leaf::Flag),
    short_for("policy.cooldown", "cooldown", Leaf::Duration(Zero::Allowed)),
    short_for("policy.cooldown_urgent", "cooldown_urgent", Leaf::Duration(Zero::Allowed)),
    short_for("policy.max_age", "max_age", Leaf::Duration(Zero::Refused)),
    short_for("policy.colleague_silence", "colleague_silence", Leaf::Duration(Zero::Allowed)),
    short_for("policy.public_cap_per_hour", "public_cap_per_hour", Leaf::Count),
    table("hours", HOURS),
    short_for("policy.when", "when", Leaf::Word(words::names::<When>)),
    short_for("policy.unanswered_after", "unanswered_after", Leaf::Duration(Zero::Refused)),
];

const ZONE: &[Key] = &[
    Key { name: "name", shape: Shape::PerLanguage, means: None },
    leaf("languages", Leaf::Languages),
    leaf("phone", Leaf::Text),
    leaf("valid_until", Leaf::DatedNumbers),
    leaf("website", Leaf::Text),
    leaf("timezone", Leaf::TimeZone),
    leaf("bilingual", Leaf::Flag),
];

const FACEBOOK: &[Key] = &[
    leaf("page", Leaf::Page),
    leaf("api_base", Leaf::Address),
    leaf("version", Leaf::Version),
    leaf("sisters", Leaf::Accounts),
    leaf("bots", Leaf::Accounts),
    leaf("poll", Leaf::Duration(Zero::Refused)),
    leaf("app_id", Leaf::MetaId),
    leaf("appsecret_proof", Leaf::Flag),
    leaf("people", Leaf::Count),
    leaf("folders", Leaf::Words(words::names::<Folder>)),
    table("inbox", FACEBOOK_INBOX),
    table("mentions", PUBLIC_FEED),
    table("comments", PUBLIC_FEED),
];

const INSTAGRAM: &[Key] = &[
    leaf("account", Leaf::MetaId),
    leaf("login", Leaf::Word(words::names::<InstagramLogin>)),
    leaf("page", Leaf::Page),
    leaf("api_base", Leaf::Address),
    leaf("version", Leaf::Version),
    leaf("sisters", Leaf::Accounts),
    leaf("bots", Leaf::Accounts),
    leaf("poll", Leaf::Duration(Zero::Refused)),
    leaf("app_id", Leaf::MetaId),
    leaf("people", Leaf::Count),
    table("inbox", PRIVATE_FEED),
    table("comments", PUBLIC_FEED),
    table("mentions", PUBLIC_FEED),
];

const X: &[Key] = &[
    leaf("account", Leaf::Handle),
    leaf("api_base", Leaf::Address),
    leaf("vocabulary", Leaf::Word(words::names::<Vocabulary>)),
    leaf("monthly_budget_usd", Leaf::Money),
    leaf("owned_app", Leaf::Flag),
    leaf("sisters", Leaf::Accounts),
    leaf("bots", Leaf::Accounts),
    leaf("poll", Leaf::Duration(Zero::Refused)),
    table("mentions", PUBLIC_FEED),
    table("inbox", PRIVATE_FEED),
];

const BLUESKY: &[Key] = &[
    leaf("account", Leaf::DomainHandle),
    leaf("api_base", Leaf::Address),
    leaf("sisters", Leaf::Accounts),
    leaf("bots", Leaf::Accounts),
    leaf("poll", Leaf::Duration(Zero::Refused)),
    table("mentions", PUBLIC_FEED),
    table("inbox", PRIVATE_FEED),
];

const MASTODON: &[Key] = &[
    leaf("account", Leaf::ServerHandle),
    leaf("api_base", Leaf::Address),
    leaf("unlisted", Leaf::Flag),
    leaf("sisters", Leaf::Accounts),
    leaf("bots", Leaf::Accounts),
    leaf("poll", Leaf::Duration(Zero::Refused)),
    table("mentions", PUBLIC_FEED),
    table("inbox", PRIVATE_FEED),
];

const PUBLIC_FEED: &[Key] = &[
    leaf("enabled", Leaf::Flag),
    leaf("reply_to", Leaf::Word(words::names::<ReplyTo>)),
    leaf("poll", Leaf::Duration(Zero::Refused)),
    leaf("public_replies", Leaf::PublicReplies),
    leaf("muted_posts", Leaf::Posts),
];

const FACEBOOK_INBOX: &[Key] = &[
    leaf("enabled", Leaf::Flag),
    leaf("reply_to", Leaf::Word(words::names::<ReplyTo>)),
    leaf("poll", Leaf::Duration(Zero::Refused)),
    short_for("facebook.folders", "folders", Leaf::Words(words::names::<Folder>)),
    refused("public_replies", INBOX_IS_PRIVATE),
    refused("muted_posts", INBOX_HAS_NO_POSTS),
];

const INBOX_IS_PRIVATE: &str = "an inbox is private: nothing there is seen by everybody";
const INBOX_HAS_NO_POSTS: &str = "an inbox is private: there are no posts in it";

const PRIVATE_FEED: &[Key] = &[
    leaf("enabled", Leaf::Flag),
    leaf("reply_to", Leaf::Word(words::names::<ReplyTo>)),
    leaf("poll", Leaf::Duration(Zero::Refused)),
    refused("public_replies", INBOX_IS_PRIVATE),
    refused("muted_posts", INBOX_HAS_NO_POSTS),
];

const POLICY: &[Key] = &[
    leaf("cooldown", Leaf::Duration(Zero::Allowed)),
    leaf("cooldown_urgent", Leaf::Duration(Zero::Allowed)),
    leaf("max_age", Leaf::Duration(Zero::Refused)),
    leaf("colleague_silence", Leaf::Duration(Zero::Allowed)),
    leaf("public_cap_per_hour", Leaf::Count),
    leaf("retention", Leaf::Duration(Zero::Refused)),
    table("quiet_period", QUIET_PERIOD),
    leaf("when", Leaf::Word(words::names::<When>)),
    leaf("unanswered_after", Leaf::Duration(Zero::Refused)),
];

const HOURS: &[Key] = &[
    leaf("mon-fri", Leaf::Windows),
    leaf("mon-thu", Leaf::Windows),
    leaf("mon-sat", Leaf::Windows),
    leaf("mon-sun", Leaf::Windows),
    leaf("sat-sun", Leaf::Windows),
    leaf("mon", Leaf::Windows),
    leaf("tue", Leaf::Windows),
    leaf("wed", Leaf::Windows),
    leaf("thu", Leaf::Windows),
    leaf("fri", Leaf::Windows),
    leaf("sat", Leaf::Windows),
    leaf("sun", Leaf::Windows),
    leaf("holidays", Leaf::Flag),
    leaf("also_closed", Leaf::Words(words::names::<Holiday>)),
    leaf("exceptions", Leaf::Exceptions),
    short_for("policy.when", "when", Leaf::Word(words::names::<When>)),
    short_for("policy.unanswered_after", "unanswered_after", Leaf::Duration(Zero::Refused)),
];

const ALERTS: &[Key] =
    &[leaf("every", Leaf::Duration(Zero::Refused)), table("mail", ALERT_MAIL), leaf("webhook", Leaf::Address)];

const HEALTH: &[Key] = &[leaf("listen", Leaf::Listen), leaf("ping", Leaf::Address)];

const ALERT_MAIL: &[Key] = &[
    leaf("to", Leaf::Mailboxes),
    leaf("from", Leaf::Mailbox),
    leaf("server", Leaf::Server),
    leaf("port", Leaf::Count),
    leaf("security", Leaf::Word(words::names::<MailSecurity>)),
    leaf("user", Leaf::Text),
];

const TRIAGE: &[Key] = &[table("add", &FAMILIES), leaf("remove", Leaf::ShippedPhrases)];

/// A list of phrases for each family.
const FAMILIES: [Key; Family::ALL.len()] = {
    let mut keys = [leaf("", Leaf::Phrases); Family::ALL.len()];
    let mut at = 0;
    while at < keys.len() {
        keys[at].name = Family::ALL[at].code();
        at += 1;
    }
    keys
};

const QUIET_PERIOD: &[Key] =
    &[leaf("from", Leaf::Moment), leaf("until", Leaf::Moment), leaf("answer", Leaf::Word(words::names::<QuietAnswer>))];

const REPLY: &[Key] = &[
    leaf("fr", Leaf::Text),
    leaf("nl", Leaf::Text),
    leaf("de", Leaf::Text),
    leaf("en", Leaf::Text),
    table("police", BY_LANGUAGE),
    table("medical", BY_LANGUAGE),
    table("fire", BY_LANGUAGE),
    table("self_harm", BY_LANGUAGE),
    table("private", TEXTS),
    table("public", TEXTS),
    table("facebook", &[table("inbox", TEXTS), table("mentions", TEXTS), table("comments", TEXTS)]),
    table("instagram", &[table("inbox", TEXTS), table("comments", TEXTS)]),
    table("x", &[table("mentions", TEXTS), table("inbox", TEXTS)]),
    table("bluesky", &[table("mentions", TEXTS), table("inbox", TEXTS)]),
    table("mastodon", &[table("mentions", TEXTS), table("inbox", TEXTS)]),
    short_for("zone.bilingual", "bilingual", Leaf::Flag),
];

const TEXTS: &[Key] = &[
    leaf("fr", Leaf::Text),
    leaf("nl", Leaf::Text),
    leaf("de", Leaf::Text),
    leaf("en", Leaf::Text),
    table("police", BY_LANGUAGE),
    table("medical", BY_LANGUAGE),
    table("fire", BY_LANGUAGE),
    table("self_harm", BY_LANGUAGE),
];

/// One text per language.
pub const BY_LANGUAGE: &[Key] =
    &[leaf("fr", Leaf::Text), leaf("nl", Leaf::Text), leaf("de", Leaf::Text), leaf("en", Leaf::Text)];

/// The key of that name.
pub fn find<'a>(keys: &'a [Key], name: &str) -> Option<&'a Key> {
    keys.iter().find(|key| key.name == name)
}

/// The keys of the table at a dotted path; the whole file's for an empty one.
pub fn table_at(path: &str) -> Option<&'static [Key]> {
    path.split('.').filter(|part| !part.is_empty()).try_fold(FILE, |keys, part| match find(keys, part)?.shape {
        Shape::Table(below) => Some(below),
        _ => None,
    })
}

/// The names that may be written among these keys; those that would only be refused are left out.
pub fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().filter(|key| !matches!(key.shape, Shape::Refused(_))).map(|key| key.name).collect()
}

/// The tables in which a key of that name has its place, those nearest to the top only.
pub fn homes(name: &str) -> Vec<String> {
    let mut level: Vec<(String, &'static [Key])> = vec![(String::new(), FILE)];
    while !level.is_empty() {
        let homes: Vec<String> = level
            .iter()
            .filter(|(_, keys)| {
                find(keys, name).is_some_and(|key| key.means.is_none() && !matches!(key.shape, Shape::Refused(_)))
            })
            .map(|(path, _)| path.clone())
            .collect();
        if !homes.is_empty() {
            return homes;
        }
        level = level
            .iter()
            .flat_map(|(path, keys)| {
                keys.iter().filter_map(move |key| match key.shape {
                    Shape::Table(below) => Some((joined(path, key.name), below)),
                    _ => None,
                })
            })
            .collect();
    }
    Vec::new()
}

/// `path.name`, or the name alone at the top.
pub fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Feed, Kind, Language, Platform, Surface};

    #[track_caller]
    fn below(keys: &'static [Key], name: &str) -> &'static [Key] {
        match find(keys, name).map(|key| key.shape) {
            Some(Shape::Table(keys)) => keys,
            other => panic!("{name} is no table but {other:?}"),
        }
    }

    #[test]
    fn the_schema_knows_every_language_kind_surface_and_feed_of_the_model() {
        let codes: Vec<_> = Language::ALL.iter().map(|language| language.code()).collect();
        let kinds: Vec<_> = Kind::ALL.iter().filter(|kind| **kind != Kind::None).map(|kind| kind.name()).collect();
        let texts = [codes.clone(), kinds].concat();
        let reply = below(FILE, "reply");
        assert_eq!(names(BY_LANGUAGE), codes);
        assert_eq!(names(TEXTS), texts);
        for name in texts {
            assert!(find(reply, name).is_some(), "{name}");
        }
        for surface in Surface::ALL {
            assert_eq!(names(below(reply, surface.name())), names(TEXTS));
        }
        for platform in Platform::ALL {
            let feeds: Vec<_> = platform.feeds().filter(|feed| feed.can_be_answered()).map(Feed::short_name).collect();
            assert_eq!(names(below(reply, platform.name())), feeds);
            for feed in platform.feeds() {
                let keys = below(below(FILE, platform.name()), feed.short_name());
                assert_eq!(names(keys).contains(&"public_replies"), feed.surface() == Surface::Public);
            }
        }
    }

    #[test]
    fn a_short_way_of_writing_has_the_shape_of_what_it_means() {
        for (path, keys) in [("", FILE), ("reply", REPLY), ("facebook.inbox", FACEBOOK_INBOX)] {
            for key in keys.iter().filter(|key| key.means.is_some()) {
                let (home, name) = key.means.and_then(|means| means.split_once('.')).expect("a table and a key");
                let meant = find(below(FILE, home), name).expect("a known key");
                assert_eq!(format!("{:?}", meant.shape), format!("{:?}", key.shape), "{path} {name}");
            }
        }
    }

    #[test]
    fn a_key_is_found_where_it_belongs() {
        assert_eq!(homes("retention"), ["policy"]);
        assert_eq!(homes("cooldown"), ["policy"]);
        assert_eq!(homes("bots"), ["facebook", "instagram", "x", "bluesky", "mastodon"]);
        assert_eq!(homes("fr"), ["reply"]);
        assert_eq!(homes("colour"), [""; 0]);
    }
}
