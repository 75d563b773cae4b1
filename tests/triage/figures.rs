//! The figures of triage on labelled messages: for the report and for the guard.

use formez101::{
    model::{Language, Verdict},
    triage::Triage,
};

use crate::corpus::Labelled;

/// So many of so many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Share {
    pub hits: usize,
    pub of: usize,
}

impl Share {
    /// Counts one more.
    pub fn add(&mut self, hit: bool) {
        self.of += 1;
        self.hits += usize::from(hit);
    }

    /// The share itself; 1 of nothing.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    pub fn value(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.hits as f64 / self.of as f64 }
    }
}

/// A message and what triage said of it.
#[derive(Debug, Clone)]
pub struct Judged {
    pub message: Labelled,
    pub verdict: Verdict,
    /// Whether the language to answer in is right; none where it belongs to none of the four or shows none.
    pub language_right: Option<bool>,
}

/// Judges messages as a zone would that serves all four languages.
pub fn judge(triage: &Triage, messages: Vec<Labelled>) -> Vec<Judged> {
    messages
        .into_iter()
        .map(|message| {
            let verdict = triage.verdict(&message.text, &Language::ALL, false, None);
            let told = message.lang != "other" && !message.note.contains("lang-ambiguous");
            let right = verdict.languages.as_slice().iter().any(|language| language.code() == message.lang);
            Judged { verdict, language_right: told.then_some(right), message }
        })
        .collect()
}

/// The share of those chosen for which something holds.
pub fn share(judged: &[Judged], chosen: impl Fn(&Judged) -> bool, holds: impl Fn(&Judged) -> bool) -> Share {
    let mut share = Share::default();
    judged.iter().filter(|one| chosen(one)).for_each(|one| share.add(holds(one)));
    share
}

/// The share of urgent messages that were found.
pub fn recall(judged: &[Judged], chosen: impl Fn(&Judged) -> bool) -> Share {
    share(judged, |one| one.message.urgent && chosen(one), |one| one.verdict.urgent)
}

/// The share of messages that are not urgent and were taken for urgent.
pub fn false_alarms(judged: &[Judged], chosen: impl Fn(&Judged) -> bool) -> Share {
    share(judged, |one| !one.message.urgent && chosen(one), |one| one.verdict.urgent)
}

/// The share of messages whose language was told right.
pub fn language(judged: &[Judged], chosen: impl Fn(&Judged) -> bool) -> Share {
    share(judged, |one| one.language_right.is_some() && chosen(one), |one| one.language_right == Some(true))
}
