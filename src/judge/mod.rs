//! Whether to answer, and why not: a pure function of zone, message, history and time.
//!
//! It does no I/O, never reads the clock, and has an answer for every message. Each rule is a small file
//! under `rules`; the order in `RULES` is the order of the reasons given.

mod rules;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    config::Zone,
    model::{Answer, Decision, Due, History, Message, Silence, Verdict},
    reply::OwnWords,
};

/// How long whoever asked for it on X gets no automatic reply there.
pub const OPTED_OUT: Duration = Duration::from_hours(90 * 24);

/// Everything a rule may look at.
#[derive(Clone, Copy)]
struct Case<'a> {
    zone: &'a Zone,
    own_words: &'a OwnWords,
    message: &'a Message,
    verdict: &'a Verdict,
    history: &'a History,
    now: Timestamp,
}

/// One reason for silence, or none.
type Rule = fn(&Case<'_>) -> Option<Silence>;

/// The rules in order: what the message is, then what the zone wants, then restraint, then the switch.
const RULES: &[Rule] = &[
    rules::baseline::check,
    rules::own::check,
    rules::barrier::check,
    rules::known::check,
    rules::opt_out::check,
    rules::age::check,
    rules::own_words::check,
    rules::muted::check,
    rules::feed::check,
    rules::quiet::check,
    rules::hours::check,
    rules::colleague::check,
    rules::cooldown::check,
    rules::thanks::check,
    rules::public_cap::check,
    rules::mode::check,
];

/// Judges the messages of one zone.
#[derive(Clone)]
pub struct Judge {
    zone: Arc<Zone>,
    own_words: Arc<OwnWords>,
}

impl Judge {
    /// A judge for a zone as its file stands.
    pub fn new(zone: Arc<Zone>) -> Self {
        let own_words = Arc::new(OwnWords::new(&zone.texts, &zone.facts));
        Self { zone, own_words }
    }

    /// What to do with a message, as things stand `now`.
    pub fn decide(&self, message: &Message, verdict: &Verdict, history: &History, now: Timestamp) -> Decision {
        let case = Case { zone: &self.zone, own_words: &self.own_words, message, verdict, history, now };
        if let Some(silence) = RULES.iter().find_map(|rule| rule(&case)) {
            return Decision::Silence(silence);
        }
        let Some(ways) = rules::public_cap::ways(&case) else { return Decision::Silence(Silence::PublicCap) };
        let answer = Answer { languages: verdict.languages.clone(), kind: verdict.kind, urgent: verdict.urgent };
        let due = Due { answer, ways, not_before: rules::hours::not_before(&case) };
        // Who is in need does not wait behind what is left to a colleague for a while.
        let overtakes = verdict.urgent && history.open_waits;
        if history.open_reply.is_some() && !overtakes { Decision::Hold(due) } else { Decision::Reply(due) }
    }
}
