//! A platform answers every call with the same bytes: a status, headers, an empty line, a body.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use formez101::{
    auth::Tokens,
    clock::{Clock, after, before},
    config::Zone,
    http::{Answer, Call, Failure, Lost, Transport, retry_after, unix_seconds},
    model::{Feed, Language, LanguageChoice, Route, Target},
    platform::{
        Page, Platform,
        bluesky::BlueskyAccount,
        mastodon::MastodonAccount,
        meta::{FacebookPage, Graph, InstagramAccount},
        quota::{MetaQuota, Pool, Purpose, Windows},
        x::XAccount,
    },
};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use serde::Deserialize;

/// What our own account is told when it asks who it is: else no other answer would ever be read.
const PROFILE: &str = r#"{"id":"17841400000000001","user_id":"17841400000000001","username":"zpexemple","did":"did:plc:zone","data":{"id":"1500","username":"ZPExemple"}}"#;
/// A post on Bluesky.
const ADDRESS: &str = "at://did:plc:jan/app.bsky.feed.post/3n2z2aqwd7k22";
/// The post that a reply on Bluesky is to hang below.
const POST: &str =
    r#"{"posts":[{"uri":"at://did:plc:jan/app.bsky.feed.post/3n2z2aqwd7k22","cid":"bafy","record":{}}]}"#;
/// The status that a reply on Mastodon answers.
const STATUS: &str = r#"{"id":"2100000000000000123","visibility":"direct","account":{"id":"1400","acct":"jan"}}"#;
/// So many pages of one feed are followed; they all say the same.
const PAGES: usize = 4;
/// Every call is made at this time.
const NOW: &str = "2026-11-20T22:00:00Z";

/// An error of Meta's that says which one it is.
#[derive(Deserialize)]
struct Refusal {
    error: Code,
}

#[derive(Deserialize)]
struct Code {
    code: i64,
}

/// A list in which everything can be told apart.
#[derive(Deserialize)]
struct Listed {
    data: Option<Vec<serde_json::Value>>,
    meta: Option<serde::de::IgnoredAny>,
    id: Option<String>,
    records: Option<Vec<serde_json::Value>>,
    messages: Option<Vec<serde_json::Value>>,
    descendants: Option<Vec<serde_json::Value>>,
}

/// Whether an answer may be believed when it does not show a reply.
fn is_list(answer: &Answer, feed: Feed) -> bool {
    let named = |item: &serde_json::Value| item.get("id").is_some_and(|id| id.is_string());
    serde_json::from_slice::<Listed>(&answer.body).is_ok_and(|listed| {
        let is_list = match feed {
            Feed::XMentions | Feed::XInbox => listed.data.is_some() || listed.meta.is_some(),
            Feed::InstagramComments => listed.id.is_some(),
            Feed::BlueskyMentions => return listed.records.is_some(),
            Feed::BlueskyInbox => return listed.messages.is_some(),
            Feed::MastodonMentions | Feed::MastodonInbox => return listed.descendants.is_some(),
            _ => listed.data.is_some(),
        };
        is_list && (feed == Feed::InstagramComments || listed.data.iter().flatten().all(named))
    })
}

/// Any bytes as an answer; a first line that is no number means 200.
fn answer(bytes: &[u8]) -> Answer {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (&[][..], bytes),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| std::str::from_utf8(line).ok()?.trim().parse().ok());
    Answer {
        status: status.filter(|status| (100..1000).contains(status)).unwrap_or(200),
        headers: lines.filter_map(header).collect(),
        body: Bytes::copy_from_slice(body),
    }
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let value = line[colon + 1..].trim_ascii();
    Some((HeaderName::from_bytes(&line[..colon]).ok()?, HeaderValue::from_bytes(value).ok()?))
}

/// A platform that knows one answer only.
struct Parrot {
    answer: Answer,
    writes: AtomicU32,
}

#[async_trait]
impl Transport for Parrot {
    async fn send(&self, call: Call) -> Result<Answer, Lost> {
        if call.writes() {
            self.writes.fetch_add(1, Ordering::Relaxed);
            return Ok(self.answer.clone());
        }
        let asks_who = call.query.iter().any(|(name, value)| *name == "fields" && value.starts_with("username"))
            || call.query.iter().any(|(name, value)| *name == "fields" && value.contains("user_id"))
            || call.url.ends_with("/users/me")
            || call.url.ends_with("getSession")
            || call.url.ends_with("verify_credentials");
        if call.url.ends_with("/statuses/2100000000000000123") {
            return Ok(Answer { status: 200, headers: HeaderMap::new(), body: STATUS.into() });
        }
        if call.url.ends_with("/v2/instance") {
            return Ok(Answer { status: 404, headers: HeaderMap::new(), body: "{}".into() });
        }
        if call.url.ends_with("getPosts") {
            return Ok(Answer { status: 200, headers: HeaderMap::new(), body: POST.into() });
        }
        if asks_who {
            return Ok(Answer { status: 200, headers: HeaderMap::new(), body: PROFILE.into() });
        }
        Ok(self.answer.clone())
    }
}

/// Meta's answers, read by a Page and by an Instagram account.
pub fn graph(bytes: &[u8]) {
    use formez101::model::Platform::{Facebook, Instagram};
    let feeds = Feed::ALL.into_iter().filter(|feed| matches!(feed.platform(), Facebook | Instagram));
    play(bytes, feeds, |answer| serde_json::from_slice::<Refusal>(&answer.body).is_ok_and(|said| said.error.code != 0));
}

/// X's answers.
pub fn x(bytes: &[u8]) {
    let feeds = Feed::ALL.into_iter().filter(|feed| feed.platform() == formez101::model::Platform::X);
    play(bytes, feeds, |answer| !(200..300).contains(&answer.status));
}

/// Bluesky's answers.
pub fn bluesky(bytes: &[u8]) {
    let feeds = Feed::ALL.into_iter().filter(|feed| feed.platform() == formez101::model::Platform::Bluesky);
    play(bytes, feeds, |answer| !(200..300).contains(&answer.status));
}

/// The answers of Mastodon and of servers like it.
pub fn mastodon(bytes: &[u8]) {
    let feeds = Feed::ALL.into_iter().filter(|feed| feed.platform() == formez101::model::Platform::Mastodon);
    play(bytes, feeds, |answer| !(200..300).contains(&answer.status));
}

/// `refuses` says whether an answer can prove that a reply was not posted although it came with a success.
fn play(bytes: &[u8], feeds: impl Iterator<Item = Feed>, refuses: fn(&Answer) -> bool) {
    // Under a paused clock an adapter's own pace costs nothing.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let answer = answer(bytes);
    runtime.block_on(async {
        for feed in feeds {
            read(&answer, feed).await;
            write(&answer, feed, refuses).await;
            look(&answer, feed).await;
        }
    });
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A platform in the state of a fresh start.
fn platform(answer: &Answer, feed: Feed) -> (Arc<Parrot>, Box<dyn Platform>) {
    let parrot = Arc::new(Parrot { answer: answer.clone(), writes: AtomicU32::new(0) });
    let transport: Arc<dyn Transport> = parrot.clone();
    let (clock, tokens) = (Clock::starting_at(now()), Arc::new(Tokens::new("token".into())));
    let zone = Zone::for_testing();
    let graph =
        |transport, tokens| Arc::new(Graph::new("http://x".into(), transport, tokens, clock, None, None, "quota"));
    let platform: Box<dyn Platform> = match feed.platform() {
        formez101::model::Platform::Facebook => {
            Box::new(FacebookPage::new(&zone.facebook.unwrap(), graph(transport, tokens)))
        }
        formez101::model::Platform::Instagram => {
            Box::new(InstagramAccount::new(&zone.instagram.unwrap(), graph(transport, tokens)))
        }
        formez101::model::Platform::X => Box::new(XAccount::new(&zone.x.unwrap(), transport, tokens, clock)),
        formez101::model::Platform::Bluesky => {
            Box::new(BlueskyAccount::new(&zone.bluesky.unwrap(), transport, tokens, clock))
        }
        formez101::model::Platform::Mastodon => {
            Box::new(MastodonAccount::new(&zone.mastodon.unwrap(), transport, tokens, clock))
        }
    };
    (parrot, platform)
}

async fn read(answer: &Answer, feed: Feed) {
    let (parrot, platform) = platform(answer, feed);
    let since = before(now(), Duration::from_secs(3600));
    let objects = answer.body.split(|byte| *byte == b'{').count();
    let mut cursors = vec![None];
    for _ in 0..PAGES {
        let Some(cursor) = cursors.pop() else { break };
        match platform.page(feed, since, cursor.as_ref()).await {
            Ok(page) => {
                bounded(&page, objects);
                cursors.extend(page.next.into_iter().map(Some));
            }
            Err(failure) => {
                plain(&failure);
                assert!(!matches!(failure, Failure::Unknown { .. }), "a read has no unknown result: {failure}");
            }
        }
        let load = platform.load(feed);
        assert!(load.stretch >= 1.0 && load.stretch.is_finite(), "{load:?}");
    }
    if let Err(failure) = platform.colleagues(feed, since).await {
        plain(&failure);
    }
    assert_eq!(parrot.writes.load(Ordering::Relaxed), 0, "reading writes nothing");
}

/// Each message and each further page is owed to an object of the answer; beside them a list and a folder go on.
fn bounded(page: &Page, objects: usize) {
    assert!(page.messages.len() + page.own.len() <= objects, "{} messages", page.messages.len());
    assert!(page.next.len() <= objects + 2, "{} pages", page.next.len());
}

/// Words of an answer may be a citizen's: the codes that are logged hold none.
fn plain(failure: &Failure) {
    let code = failure.code();
    let known = |letter: char| letter.is_ascii_alphanumeric() || " -/:".contains(letter);
    assert!(code.len() <= 80 && code.chars().all(known), "{code:?}");
}

/// The two ways of a reply, each once.
fn targets(feed: Feed) -> impl Iterator<Item = Target> {
    [Route::Direct, Route::Private].into_iter().filter(move |_| feed.can_be_answered()).map(move |route| Target {
        feed,
        route,
        message: if feed == Feed::BlueskyMentions { ADDRESS } else { "2100000000000000123" }.into(),
        thread: "t_1".into(),
        post: Some("p_1".into()),
        author: Some("1400".into()),
        bystanders: Vec::new(),
    })
}

async fn write(answer: &Answer, feed: Feed, refuses: fn(&Answer) -> bool) {
    for target in targets(feed) {
        let (parrot, platform) = platform(answer, feed);
        let posted = platform.post(&target, "Formez le 101.", &LanguageChoice::one(Language::Fr)).await;
        if let Err(failure) = &posted {
            plain(failure);
        }
        let written = parrot.writes.load(Ordering::Relaxed);
        if (200..300).contains(&answer.status) && !refuses(answer) {
            let certain = posted.as_ref().is_err_and(|failure| !matches!(failure, Failure::Unknown { .. }));
            assert!(!certain, "a success that cannot be read is taken for a refusal: {posted:?}");
            assert_eq!(written, 1, "sent again although it may stand there");
        }
        assert!(written <= 2, "sent {written} times");
    }
}

async fn look(answer: &Answer, feed: Feed) {
    let since = before(now(), Duration::from_secs(600));
    for target in targets(feed) {
        let (parrot, platform) = platform(answer, feed);
        match platform.read_back(&target, since).await {
            Ok(seen) if target.route == Route::Direct => {
                assert!(!seen.complete || is_list(answer, feed), "{feed}: absence is believed of what is no list");
            }
            Ok(_) => {}
            Err(failure) => plain(&failure),
        }
        assert_eq!(parrot.writes.load(Ordering::Relaxed), 0, "looking writes nothing");
    }
}

/// Headers of limits: whatever they say, times lie ahead, and what was closed opens again.
pub fn headers(bytes: &[u8]) {
    let answer = answer(bytes);
    let now = now();
    let _ = retry_after(&answer.headers, now);
    let _ = unix_seconds(&answer.headers, "x-rate-limit-reset");

    let quota = MetaQuota::new(Some(100));
    quota.learn(&answer.headers, now);
    let windows = Windows::default();
    windows.learn("route", answer.status, &answer.headers, now);
    for purpose in [Purpose::Optional, Purpose::Poll, Purpose::ReadBack, Purpose::Send] {
        for pool in [Pool::Messenger, Pool::Pages, Pool::Instagram, Pool::App] {
            let refused = quota.admit(pool, purpose, now).err();
            assert!(refused.is_none_or(|until| until > now), "{refused:?}");
            let stretch = quota.stretch(pool, now);
            assert!(stretch >= 1.0 && stretch.is_finite(), "{stretch}");
            let _ = quota.least_interval(pool, 1, 2);
        }
        let refused = windows.admit("route", purpose, now).err();
        assert!(refused.is_none_or(|until| until > now), "{refused:?}");
    }
    let _ = (windows.next_call("route", now), windows.closed_until("route", now));
    // No header closes anything for ever: a week later there are calls again.
    let week = after(now, Duration::from_secs(8 * 86_400));
    assert_eq!(windows.admit("route", Purpose::Send, week), Ok(()));
    for pool in [Pool::Messenger, Pool::Pages, Pool::Instagram] {
        assert_eq!(quota.admit(pool, Purpose::Send, week), Ok(()));
    }
}
