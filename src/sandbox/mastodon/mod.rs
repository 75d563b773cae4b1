//! A server that speaks Mastodon's client API, in four flavours: the servers that zones use differ where it hurts.
//!
//! People come in through the protocol, as the zone does: the token `person:NAME` is NAME's, `bot:NAME` that of a machine, and a name with
//! a server in it (`jan@elsewhere.example`) lives elsewhere. Nobody need be registered.

mod html;
mod notes;
mod statuses;

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Setup;
use super::fault::{self, FaultKind, Platform};
use super::settings::MastodonFlavour;
use super::time;
use super::wire::{Answer, Call, Outcome};
use super::world::World;

/// Everything on the server.
pub struct State {
    people: Vec<Person>,
    statuses: Vec<statuses::Status>,
    notes: Vec<notes::Note>,
    /// Which post an idempotency key led to, by account.
    keys: HashMap<(usize, String), usize>,
    zone: (String, String),
    serial: u64,
}

struct Person {
    id: String,
    name: String,
    bot: bool,
}

impl State {
    /// A server on which only the zone has an account.
    pub fn new(setup: &Setup) -> Self {
        let mut state = Self {
            people: Vec::new(),
            statuses: Vec::new(),
            notes: Vec::new(),
            keys: HashMap::new(),
            zone: (setup.mastodon_username.clone(), setup.mastodon_token.clone()),
            serial: 0,
        };
        state.person(&setup.mastodon_username, false);
        state
    }

    /// The person of that name, made on first use.
    fn person(&mut self, name: &str, bot: bool) -> usize {
        if let Some(known) = self.named(name) {
            return known;
        }
        let id = format!("{}", 109_000_000_000_000_000 + self.next());
        self.people.push(Person { id, name: name.to_owned(), bot });
        self.people.len() - 1
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.people.iter().position(|person| person.name.eq_ignore_ascii_case(name))
    }

    /// Whose token a call carries.
    fn caller(&mut self, call: &Call) -> Option<usize> {
        let given = call.bearer()?.to_owned();
        if given == self.zone.1 {
            return self.named(&self.zone.0.clone());
        }
        let (kind, name) = given.split_once(':')?;
        matches!(kind, "person" | "bot").then(|| self.person(name, kind == "bot"))
    }

    fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// An id as the flavour makes them: sorted by time, or not.
    fn id(&mut self, flavour: MastodonFlavour, now: i64) -> String {
        let serial = self.next();
        let mixed = serial.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        match flavour {
            MastodonFlavour::Mastodon => format!("{}", now * 65_536 + i64::try_from(serial % 65_536).unwrap_or(0)),
            MastodonFlavour::Gotosocial => format!("01{now:014}{serial:010}"),
            MastodonFlavour::Mitra | MastodonFlavour::Activities => {
                format!("{:08x}-{:04x}-4000-8000-{serial:012x}", mixed >> 32, mixed & 0xffff)
            }
        }
    }

    fn account(&self, at: usize) -> Value {
        let person = &self.people[at];
        let username = person.name.split('@').next().unwrap_or_default();
        json!({"id": person.id, "username": username, "acct": person.name, "bot": person.bot, "display_name": username})
    }
}

/// Something that cannot be done: the HTTP status and a sentence for humans.
struct Refusal(u16, String);

type Given = Result<Value, Refusal>;

fn missing() -> Refusal {
    Refusal(404, "Record not found".to_owned())
}

/// True for a call of this network.
pub fn takes(call: &Call) -> bool {
    call.segments.first().is_some_and(|part| part == "api")
}

/// Answers one call.
pub fn handle(world: &mut World, call: &Call) -> Outcome {
    fault::around(world, call, Platform::Mastodon, process, spoil)
}

fn process(world: &mut World, call: &Call) -> Answer {
    let (now, flavour) = (world.now(), world.settings.mastodon_flavour);
    let filters = world.settings.mastodon_filters_strangers;
    let mut careless = Vec::new();
    let answer = route(&mut world.mastodon, call, (flavour, filters, now), &mut careless);
    for what in &careless {
        world.violation(call, what);
    }
    let answer = match answer {
        Ok(body) => Answer::json(200, body),
        Err(Refusal(status, words)) => Answer::json(status, json!({"error": words})),
    };
    // Mitra sends no limits.
    if flavour == MastodonFlavour::Mitra {
        return answer;
    }
    let reset = time::x((now / 300_000 + 1) * 300_000);
    answer.with("X-RateLimit-Limit", 300).with("X-RateLimit-Remaining", 290).with("X-RateLimit-Reset", reset)
}

/// How the server is set, and when it is asked.
type Ways = (MastodonFlavour, bool, i64);

fn route(state: &mut State, call: &Call, ways: Ways, careless: &mut Vec<String>) -> Given {
    let path: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    if path == ["api", "v2", "instance"] {
        let statuses = json!({"max_characters": 500, "characters_reserved_per_url": 23});
        return Ok(json!({"version": "4.5.0", "configuration": {"statuses": statuses}}));
    }
    let me = state.caller(call).ok_or_else(|| Refusal(401, "The access token is invalid".to_owned()))?;
    match (call.method.as_str(), &path[1..]) {
        ("GET", ["v1", "accounts", "verify_credentials"]) => Ok(state.account(me)),
        ("GET", ["v1", "accounts", id, "statuses"]) => statuses::of_account(state, call, me, id),
        ("POST", ["v1", "statuses"]) => statuses::post(state, call, me, ways, careless),
        ("GET", ["v1", "statuses", id]) => statuses::show(state, me, id),
        ("DELETE", ["v1", "statuses", id]) => statuses::delete(state, me, id),
        ("GET", ["v1", "statuses", id, "context"]) => statuses::context(state, me, id),
        ("GET", ["v1", "notifications"]) => Ok(notes::list(state, call, me, ways.0)),
        ("GET", ["v1", "conversations"]) => Ok(notes::conversations(state, me)),
        ("GET", ["v1", "notifications", "requests"]) => notes::requests(state, me, ways.0),
        ("GET", ["v2", "notifications", "policy"]) => notes::policy(ways),
        _ => {
            careless.push("a path that no server of this kind has".to_owned());
            Err(missing())
        }
    }
}

/// Lets a planned fault come over an answer.
fn spoil(kind: &FaultKind, answer: Option<Answer>, now: i64) -> Outcome {
    let refused = |status, words: &str| Answer::json(status, json!({"error": words}));
    match kind {
        FaultKind::ResetBefore | FaultKind::ResetAfter => Outcome::Reset,
        FaultKind::Timeout { ms, .. } => Outcome::Hang { ms: *ms, then: answer },
        FaultKind::Status { status, html: true, .. } => Outcome::Answer(Answer::html(*status)),
        FaultKind::Status { status, body: Some(body), .. } => Outcome::Answer(Answer::json(*status, body.clone())),
        FaultKind::Status { status, .. } => Outcome::Answer(refused(*status, "Internal Server Error")),
        FaultKind::Html { .. } => Outcome::Answer(Answer::html(200)),
        FaultKind::RateLimit { seconds } => {
            let reset = time::x(now + i64::from(*seconds) * 1000);
            let answer = refused(429, "Too many requests").with("X-RateLimit-Remaining", 0);
            Outcome::Answer(answer.with("X-RateLimit-Limit", 300).with("X-RateLimit-Reset", reset))
        }
        FaultKind::TokenExpired => Outcome::Answer(refused(401, "The access token was revoked")),
        FaultKind::Truncate => answer.map_or(Outcome::Reset, |answer| Outcome::Answer(fault::truncate(answer))),
        _ => answer.map_or(Outcome::Reset, Outcome::Answer),
    }
}
