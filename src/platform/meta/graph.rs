//! One login at the Graph API: calls with its token, inside its quota, at an even pace.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use secrecy::SecretString;
use serde::de::DeserializeOwned;

use super::errors;
use crate::{
    auth::{Tokens, meta::appsecret_proof},
    clock::Clock,
    http::{Body, Call, Failure, Transport},
    platform::{
        Cursor, Limit, Load,
        quota::{MetaQuota, Pace, Pool, Purpose},
    },
};

/// Conversations, posts or media asked for per page.
pub const PAGE_SIZE: u32 = 25;
/// The same where a list is read far down (a `limit` above 100 may be refused).
pub const LONG_PAGE: u32 = 100;
/// The Conversations API allows two calls a second for each Page; a little less keeps bursts inside.
const CONVERSATION_GAP: Duration = Duration::from_millis(600);

/// A Page's or an Instagram account's login. A Page and the Instagram account behind it share one, and its limits.
pub struct Graph {
    transport: Arc<dyn Transport>,
    tokens: Arc<Tokens>,
    pub(super) clock: Clock,
    root: String,
    /// Each call then carries a proof that we know it.
    app_secret: Option<SecretString>,
    conversations: Pace,
    quota: MetaQuota,
    note: &'static str,
    taken_up: AtomicBool,
    /// How many items a list is asked for at most: fewer after the platform called it too much.
    size: AtomicU32,
}

impl Graph {
    /// A login at `root`, such as `https://graph.facebook.com/v26.0`. With the app's secret each call carries its proof
    /// (`platforms/meta.md` 1). `people` is how many the account can reach, where the zone says so; `note` names what is kept
    /// of the quota over a restart.
    pub fn new(
        root: String,
        transport: Arc<dyn Transport>,
        tokens: Arc<Tokens>,
        clock: Clock,
        app_secret: Option<&SecretString>,
        people: Option<u32>,
        note: &'static str,
    ) -> Self {
        Self {
            transport,
            tokens,
            clock,
            root,
            app_secret: app_secret.cloned(),
            conversations: Pace::new(clock, CONVERSATION_GAP),
            quota: MetaQuota::new(people.map(u64::from)),
            note,
            taken_up: AtomicBool::new(false),
            size: AtomicU32::new(LONG_PAGE),
        }
    }

    /// A reading call.
    pub fn get(&self, parts: &[&str]) -> Call {
        Call::get(self.url(parts), self.tokens.current())
    }

    /// A reading call for a list of ordinary length, behind where the last page ended.
    pub fn list(&self, parts: &[&str], cursor: Option<&Cursor>) -> Call {
        self.list_of(parts, cursor, self.size(PAGE_SIZE))
    }

    /// A reading call for a list of `size` items.
    pub fn list_of(&self, parts: &[&str], cursor: Option<&Cursor>, size: u32) -> Call {
        behind(self.get(parts).with("limit", size.to_string()), cursor)
    }

    /// How many items to ask for where `wanted` would be good: fewer for a while after the platform called a list too much.
    pub fn size(&self, wanted: u32) -> u32 {
        self.size.load(Ordering::Relaxed).min(wanted)
    }

    /// A writing call.
    pub fn post(&self, parts: &[&str], body: Body) -> Call {
        Call::post(self.url(parts), self.tokens.current(), body)
    }

    fn url(&self, parts: &[&str]) -> String {
        parts.iter().fold(self.root.clone(), |url, part| url + "/" + &crate::http::path_segment(part))
    }

    /// Waits for a place among the calls for conversations.
    pub async fn conversation_turn(&self) {
        self.conversations.turn().await;
    }

    /// Makes a call that counts for a pool.
    ///
    /// # Errors
    /// By meaning.
    pub async fn call<T: DeserializeOwned>(&self, pool: Pool, purpose: Purpose, call: Call) -> Result<T, Failure> {
        let writes = call.writes();
        let asked = call.query.iter().find(|(name, _)| *name == "limit").and_then(|(_, limit)| limit.parse().ok());
        if let Err(until) = self.quota.admit(pool, purpose, self.clock.now()) {
            return Err(Failure::Later { at: Some(until), code: format!("quota of {} used up", pool.name()) });
        }
        let used = self.tokens.current();
        let answer = self.transport.send(self.proven(call, &used)).await.map_err(|lost| Failure::lost(lost, writes))?;
        let now = self.clock.now();
        self.quota.learn(&answer.headers, now);
        if let Some(mut failure) = errors::failure(&answer, writes, now) {
            match (&mut failure, errors::closed_pool(&answer, pool)) {
                (Failure::Later { at, .. }, Some(closed)) => *at = Some(self.quota.close(closed, *at, now)),
                (Failure::LoginNeeded { .. }, _) => self.tokens.refuse(&used),
                _ => {}
            }
            if !writes && errors::too_much(&answer) {
                let _ = self.size.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |size| {
                    Some((size.min(asked.unwrap_or(size)) / 2).max(1))
                });
            }
            return Err(failure);
        }
        if !writes {
            let _ =
                self.size.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |size| Some((size + 1).min(LONG_PAGE)));
        }
        serde_json::from_slice(&answer.body).map_err(|_| Failure::unreadable(writes))
    }

    /// How the quota bears on one of `feeds` feeds of a pool.
    pub fn load(&self, pool: Pool, feeds: u32) -> Load {
        let gap = if pool == Pool::Messenger { CONVERSATION_GAP } else { Duration::ZERO };
        let least = self.quota.least_interval(pool, 1, feeds).max(gap);
        Load { stretch: self.quota.stretch(pool, self.clock.now()), least }
    }

    /// What is left of the pools.
    pub fn limits(&self) -> Vec<Limit> {
        self.quota.limits(self.clock.now())
    }

    /// The name of the note about the quota.
    pub const fn note(&self) -> &'static str {
        self.note
    }

    /// The note, when it is worth writing down.
    pub fn to_keep(&self) -> Option<(&'static str, String)> {
        let due = self.quota.worth_saving(self.clock.now());
        let text = || serde_json::to_string(&self.quota.saved()).ok();
        due.then(text).flatten().map(|text| (self.note, text))
    }

    /// Goes on from a note; one that cannot be read says nothing.
    pub fn take_up(&self, note: Option<&str>) {
        if self.taken_up.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(saved) = note.and_then(|note| serde_json::from_str(note).ok()) {
            self.quota.restore(saved, self.clock.now());
        }
    }

    fn proven(&self, call: Call, token: &SecretString) -> Call {
        match &self.app_secret {
            Some(secret) => call.with("appsecret_proof", appsecret_proof(secret, token)),
            None => call,
        }
    }
}

/// The same list, behind where the last page ended.
pub fn behind(call: Call, cursor: Option<&Cursor>) -> Call {
    match cursor.and_then(|cursor| cursor.token.as_ref()) {
        Some(token) => call.with("after", token.as_str()),
        None => call,
    }
}
