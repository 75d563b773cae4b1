//! The network between the service and the platforms, which loses, delays and garbles by seed.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use formez101::{
    clock::after,
    http::{Answer, Body, Call, Lost, Transport},
    model::Feed,
};
use http::HeaderMap;
use jiff::Timestamp;

use super::{
    plan::{Mishap, Weather},
    transport::{InMemory, request},
    world::{Seen, World, lock},
};

/// As long as the real transport waits for an answer.
const WHOLE: Duration = Duration::from_secs(30);

pub struct Line {
    pub world: Arc<World>,
    pub inner: InMemory,
}

#[async_trait]
impl Transport for Line {
    async fn send(&self, call: Call) -> Result<Answer, Lost> {
        self.world.unless_dead().await;
        let at = self.world.now();
        let (feed, post) = (list_of(&call), call.writes().then(|| what(&call)));
        let mishap = self.world.weather_now().and_then(|weather| self.roll(&weather, &call));
        if let Some(mishap) = mishap {
            let verb = if call.writes() { "a post meets" } else { "a read meets" };
            self.world.tell(&format!("    {verb} {mishap:?} {}", place(&call)));
        }
        let place = {
            let mut calls = lock(&self.world.calls);
            // The process may die before it hears of it.
            calls.push(Seen { at, until: at, feed, post, well: false, done: false });
            calls.len() - 1
        };
        let writes = call.writes();
        let (answer, done) = self.carry(call, mishap).await;
        // What was planned for the next post may have waited for it for hours. That a message has its one private reply
        // already stands in nobody's way.
        let refused = |answer: &Answer| answer.status >= 400 && !says(&answer.body, "10900");
        if writes && mishap.is_none() && answer.as_ref().is_ok_and(refused) {
            lock(&self.world.trouble).push((at, after(at, Duration::from_secs(22 * 60))));
        }
        self.world.unless_dead().await;
        let well = mishap.is_none_or(|mishap| matches!(mishap, Mishap::Slow(_)))
            && answer.as_ref().is_ok_and(|answer| answer.status < 300 && is_json(&answer.body));
        let seen = &mut lock(&self.world.calls)[place];
        (seen.until, seen.well, seen.done) = (self.world.now(), well, done);
        answer
    }
}

impl Line {
    fn roll(&self, weather: &Weather, call: &Call) -> Option<Mishap> {
        let mut random = lock(&self.world.random);
        let chance = if call.writes() { weather.posts } else { weather.reads };
        (random.f64() < chance).then(|| random.choice(&weather.mishaps).copied()).flatten()
    }

    /// The answer that the caller gets, and whether the platform did what was asked.
    async fn carry(&self, call: Call, mishap: Option<Mishap>) -> (Result<Answer, Lost>, bool) {
        let sleep = |length| self.inner.clock.sleep(length);
        match mishap {
            None => {
                let answer = self.inner.send(call).await;
                let done = answer.as_ref().is_ok_and(|answer| answer.status < 300);
                (answer, done)
            }
            Some(Mishap::NoConnection) => (Err(Lost::NotSent), false),
            Some(Mishap::ResetBefore) => (Err(Lost::Unknown), false),
            Some(Mishap::HangBefore) => {
                sleep(WHOLE).await;
                (Err(Lost::Unknown), false)
            }
            Some(Mishap::ResetAfter) => (Err(Lost::Unknown), self.process(call).await.is_some()),
            Some(Mishap::HangAfter) => {
                let done = self.process(call).await.is_some();
                sleep(WHOLE).await;
                (Err(Lost::Unknown), done)
            }
            Some(Mishap::Late(seconds)) => {
                lock(&self.world.late).push((after(self.world.now(), Duration::from_secs(seconds)), call));
                self.world.late_came.notify_one();
                (Err(Lost::Unknown), true)
            }
            Some(Mishap::Slow(seconds)) => {
                sleep(Duration::from_secs(seconds)).await;
                let answer = self.inner.send(call).await;
                let done = answer.as_ref().is_ok_and(|answer| answer.status < 300);
                (answer, done)
            }
            Some(Mishap::Status { status, html, done }) => {
                let done = done && self.process(call).await.is_some();
                let body = if html { "<html><body>Bad gateway</body></html>" } else { "{}" };
                (Ok(Answer { status, headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) }), done)
            }
            Some(Mishap::Page { done }) => {
                let done = done && self.process(call).await.is_some();
                let body = Bytes::from_static(b"<html><body>Please log in to the network</body></html>");
                (Ok(Answer { status: 200, headers: HeaderMap::new(), body }), done)
            }
            Some(Mishap::Cut) => match self.inner.send(call).await {
                Ok(answer) => {
                    let done = answer.status < 300;
                    (Ok(Answer { body: answer.body.slice(..answer.body.len() / 2), ..answer }), done)
                }
                lost => (lost, false),
            },
        }
    }

    /// The platform does what was asked; nobody hears of it.
    async fn process(&self, call: Call) -> Option<Answer> {
        self.inner.send(call).await.ok().filter(|answer| answer.status < 300)
    }
}

fn says(body: &Bytes, word: &str) -> bool {
    String::from_utf8_lossy(body).contains(word)
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// The feed whose list a call asks for.
fn list_of(call: &Call) -> Option<Feed> {
    let path = call.url.as_str();
    let of = |platform: &str| call.query.iter().any(|(name, value)| *name == "platform" && value == platform);
    let is_first = call.query.iter().all(|(name, _)| !matches!(*name, "after" | "pagination_token" | "folder"));
    if call.writes() || !is_first {
        return None;
    }
    match path.rsplit('/').next().unwrap_or_default() {
        "conversations" if of("messenger") => Some(Feed::FacebookInbox),
        "conversations" => Some(Feed::InstagramInbox),
        "tagged" => Some(Feed::FacebookMentions),
        "feed" => Some(Feed::FacebookComments),
        "media" => Some(Feed::InstagramComments),
        "tags" => Some(Feed::InstagramMentions),
        "mentions" => Some(Feed::XMentions),
        "dm_events" if !path.contains("/with/") => Some(Feed::XInbox),
        _ => None,
    }
}

/// Where a post goes and what it carries, but its text.
fn what(call: &Call) -> String {
    match &call.body {
        Some(Body::Json(json)) => format!("{} {} {}", call.url, json["recipient"], json["reply"]),
        _ => call.url.clone(),
    }
}

fn place(call: &Call) -> &str {
    call.url.split_once("//").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path)
}

/// Calls that were under way when their caller gave up reach the platform now.
pub async fn deliver_late(world: &World, now: Timestamp) {
    let due: Vec<Call> = {
        let mut late = lock(&world.late);
        let (due, rest) = std::mem::take(&mut *late).into_iter().partition(|(at, _)| *at <= now);
        *late = rest;
        let due: Vec<(Timestamp, Call)> = due;
        due.into_iter().map(|(_, call)| call).collect()
    };
    for call in due {
        world.tell(&format!("    a call that nobody waits for any more arrives: {}", place(&call)));
        world.sandbox.respond(request(call)).await;
    }
}
