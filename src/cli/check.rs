//! `formez101 check`: every mistake in the files, or else every feed and every text that would be posted.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
};

use jiff::Timestamp;

use super::{
    Exit,
    moment::{self, Moment},
    texts::{self, Shown},
};
use crate::{
    clock::Clock,
    config::{self, FeedSettings, Mode, PublicReplies, ReplyTo, Report, Word, Zone, written_duration},
    model::{Feed, LanguageChoice, Platform, Route, Surface, Ways},
    reply,
};

/// The time of day shown where a text names the time.
pub const EXAMPLE_TIME: &str = "23:05:12";

/// Prints what the files mean, or every mistake in them.
pub fn check(dir: &Path, zone: Option<&str>, at: Option<Moment>) -> Exit {
    let environment = super::environment();
    let told = match at {
        Some(at) => moment::run(dir, zone, &environment, at),
        None => run(dir, zone, &environment, (EXAMPLE_TIME, Clock::system().now())),
    };
    match told {
        Ok(text) => {
            super::tell(&text);
            Exit::Well
        }
        Err(report) => refuse(&report),
    }
}

/// Shows every mistake in the files.
pub fn refuse(report: &Report) -> Exit {
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    // A closed terminal is no reason for another error.
    let _ = io::stderr().write_all(report.render(colour).as_bytes());
    Exit::Configuration
}

/// Reads one zone, or all of them, and describes them; `time` (`HH:MM:SS`) stands where a text names the time, and what a
/// human should look at is said for `now`.
///
/// # Errors
/// Every mistake found; the caller shows it on stderr and exits with 78.
pub fn run(
    dir: &Path,
    zone: Option<&str>,
    environment: &[(String, String)],
    (time, now): (&str, Timestamp),
) -> Result<String, Report> {
    let loaded = match zone {
        Some(zone) => vec![config::load(dir, zone, environment, &[])?],
        None => config::load_all(dir, environment, &[])?,
    };
    let described: Vec<String> = loaded.iter().map(|loaded| describe(&loaded.zone, (time, now))).collect();
    Ok(described.join("\n"))
}

/// A zone in plain words: its feeds, how often each is read, what is answered there, and with which texts.
pub fn describe(zone: &Zone, (time, now): (&str, Timestamp)) -> String {
    let mut page = Page { text: String::new() };
    let names: Vec<&str> =
        zone.languages.iter().filter_map(|language| zone.facts.names.get(language)).map(String::as_str).collect();
    page.line(0, &format!("Zone {}: {}", zone.id, names.join(" / ")));
    page.line(1, mode(zone.mode));
    let languages = LanguageChoice::several(&zone.languages).map(|choice| choice.to_string()).unwrap_or_default();
    let form = if zone.bilingual && zone.languages.len() > 1 { ", every reply in all of them" } else { "" };
    page.line(1, &format!("languages: {}{form}", languages.replace('+', ", ")));
    page.line(1, &policy(zone));
    for line in super::moment::office_hours(zone) {
        page.line(1, &line);
    }
    for (feed, settings) in &zone.feeds {
        page.blank();
        page.line(
            1,
            &format!(
                "{feed} ({}), read every {}, {}",
                account(zone, *feed),
                written_duration(settings.poll),
                answered(*feed, settings)
            ),
        );
        let folders = zone.facebook.as_ref().map_or(&[][..], |facebook| &facebook.folders);
        if *feed == Feed::FacebookInbox && !folders.is_empty() {
            let folders: Vec<&str> = folders.iter().map(|folder| folder.word()).collect();
            page.line(2, &format!("also read now and then: the folders {}", folders.join(", ")));
        }
        if let (false, PublicReplies::Private | PublicReplies::Both) =
            (feed.has_private_replies(), settings.public_replies)
        {
            page.line(2, "there is no private reply to what is written here: the answer is public");
        }
        page.line(2, unseen(*feed));
        page.texts(zone, *feed, time);
    }
    page.blank();
    page.line(1, "what this asks of the platforms, when nobody writes and the quota is not near:");
    for line in super::plan::describe(zone).lines() {
        page.line(2, line);
    }
    let advice = config::advice(zone, now);
    if !advice.is_empty() {
        page.blank();
        page.line(1, "to look at:");
        for words in advice {
            page.line(2, &words);
        }
    }
    page.text
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "mode = \"observe\": decides and counts, posts nothing",
        Mode::Reply => "mode = \"reply\": posts",
        Mode::Pause => "mode = \"pause\": posts nothing until it is switched on again",
    }
}

fn policy(zone: &Zone) -> String {
    let policy = &zone.policy;
    format!(
        "one reply per contact in {} ({} when urgent), nothing older than {}, silent for {} after a colleague wrote, at most {} public replies an hour, hashes kept for {}",
        written_duration(policy.cooldown),
        written_duration(policy.cooldown_urgent),
        written_duration(policy.max_age),
        written_duration(policy.colleague_silence),
        policy.public_cap_per_hour,
        written_duration(policy.retention),
    )
}

fn account(zone: &Zone, feed: Feed) -> String {
    match feed.platform() {
        Platform::Facebook => zone.facebook.as_ref().map(|facebook| format!("Page {}", facebook.page)),
        Platform::Instagram => zone.instagram.as_ref().map(|instagram| format!("account {}", instagram.account)),
        Platform::X => zone.x.as_ref().map(|x| format!("@{}", x.account)),
        Platform::Bluesky => zone.bluesky.as_ref().map(|bluesky| format!("@{}", bluesky.account)),
        Platform::Mastodon => zone.mastodon.as_ref().map(|mastodon| format!("@{}", mastodon.account)),
    }
    .unwrap_or_default()
}

fn answered(feed: Feed, settings: &FeedSettings) -> String {
    let mut words = format!("reply_to = \"{}\"", settings.reply_to.word());
    if feed.surface() == Surface::Public && feed.can_be_answered() {
        let _ = write!(words, ", public_replies = \"{}\"", settings.public_replies.word());
    }
    match settings.muted_posts.len() {
        0 => {}
        1 => words.push_str(", 1 post muted"),
        many => {
            let _ = write!(words, ", {many} posts muted");
        }
    }
    words
}

/// What reading this feed cannot show (`platforms/meta.md`, `platforms/x.md`).
const fn unseen(feed: Feed) -> &'static str {
    match feed {
        Feed::FacebookInbox => {
            "not seen here: the words of any but the newest 20 messages of a conversation, and folders that are not named here"
        }
        Feed::FacebookMentions => {
            "not seen here: the Page named in comments elsewhere, and posts that are not public; authors may be hidden on posts that tag the Page"
        }
        Feed::FacebookComments => {
            "not seen here: comments on posts further down than the 100 newest, comments below shared posts and below reels"
        }
        Feed::InstagramInbox => {
            "not seen here: everything, unless \"Allow access to messages\" is on in the app; requests idle for 30 days; encrypted chats"
        }
        Feed::InstagramComments => {
            "not seen here: comments on media further down than the 100 newest, on advertisements and on live video; replies to any but the newest comments"
        }
        Feed::InstagramMentions => {
            "not seen here: the account named with @ in captions, comments and stories of others, and tags in private media; what is seen can be counted, not answered"
        }
        Feed::XMentions => {
            "not seen here: posts of protected accounts, and posts that name the zone without its handle"
        }
        Feed::XInbox => "not seen here: encrypted X chats",
        Feed::BlueskyMentions => {
            "not seen here: posts that name the zone without its handle, or by a handle that was typed and not chosen from the list; quotes; posts of accounts that blocked the zone or are muted"
        }
        Feed::BlueskyInbox => {
            "not seen here: everything, unless the app password allows direct messages and the account takes them from everybody; group chats"
        }
        Feed::MastodonMentions => {
            "not seen here: posts that name the zone without its handle, answers that leave it out, and posts from servers that ours does not talk to"
        }
        Feed::MastodonInbox => {
            "not seen here: what the account's settings drop (Notifications, Filtered notifications): \"accept\" shows all"
        }
    }
}

/// Text that grows line by line.
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, depth: usize, words: &str) {
        if !words.is_empty() {
            self.text.push_str(&"  ".repeat(depth));
            self.text.push_str(words);
        }
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Every text of a feed, the kinds that share a text together; those that get the standard text are not named.
    fn texts(&mut self, zone: &Zone, feed: Feed, time: &str) {
        let ways = zone.feeds.get(&feed).and_then(|settings| ways(feed, settings));
        let Some(ways) = ways else {
            self.line(2, "nothing is posted here");
            return;
        };
        for route in ways.routes() {
            if feed.surface() == Surface::Public {
                self.line(2, if *route == Route::Private { "answered in private:" } else { "answered in public:" });
            }
            self.texts_at(zone, feed.place(*route), time);
        }
    }

    fn texts_at(&mut self, zone: &Zone, feed: Feed, time: &str) {
        for shown in texts::shown(zone, feed, time) {
            self.one(feed, &shown);
        }
    }

    fn one(&mut self, feed: Feed, shown: &Shown) {
        let (choice, kinds) = (&shown.choice, shown.kinds());
        let what = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        match &shown.text {
            Ok(text) => {
                let length = reply::measure(feed, text);
                self.line(2, &format!("{choice}{what}: {} of {}", length.used, length.limit));
                for line in text.lines() {
                    self.line(3, line);
                }
            }
            Err(error) => self.line(2, &format!("{choice}{what}: no text: {error}")),
        }
    }
}

/// The ways in which a feed is answered, if it is.
fn ways(feed: Feed, settings: &FeedSettings) -> Option<Ways> {
    settings.ways(feed).filter(|_| settings.reply_to != ReplyTo::None && feed.can_be_answered())
}
