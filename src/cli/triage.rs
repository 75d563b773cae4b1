//! `formez101 triage`: what triage makes of a message, in words; or of a file of messages, one JSON object a line.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, BufRead, BufReader, Write as _},
    path::Path,
};

use super::{Exit, options};
use crate::{
    config,
    model::{Kind, Language, Verdict},
    triage::{ALERT, Family, Triage, URGENT},
};

/// One line of the file.
#[derive(serde::Deserialize)]
struct Asked {
    id: serde_json::Value,
    text: String,
}

/// One line of the answer.
#[derive(serde::Serialize)]
struct Said<'a> {
    id: &'a serde_json::Value,
    /// The language it would be answered in; the first, where there are several.
    lang: Language,
    urgent: bool,
    alert: bool,
    kind: Kind,
    score: u8,
    reasons: &'a [&'static str],
}

/// Explains one message, or judges a file of them. Nothing is kept.
pub fn triage(config_dir: &Path, given: &options::Triage) -> Exit {
    let judge = match judge(config_dir, given) {
        Ok(judge) => judge,
        Err(exit) => return exit,
    };
    let result = match (&given.jsonl, &given.text) {
        (Some(path), _) if path == Path::new("-") => lines(&judge, io::stdin().lock()),
        (Some(path), _) => match File::open(path) {
            Ok(file) => lines(&judge, BufReader::new(file)),
            Err(error) => Err(format!("{}: {error}", path.display())),
        },
        (None, text) => {
            let text = text.as_deref().unwrap_or_default();
            super::tell(&explain(&judge.verdict(text), &judge.triage.heaviest(text)));
            Ok(())
        }
    };
    match result {
        Ok(()) => Exit::Well,
        Err(what) => {
            eprintln!("formez101: {what}");
            Exit::Usage
        }
    }
}

/// Triage as a zone has it, or as shipped.
struct Judge {
    triage: Triage,
    languages: Vec<Language>,
    bilingual: bool,
}

impl Judge {
    fn verdict(&self, text: &str) -> Verdict {
        self.triage.verdict(text, &self.languages, self.bilingual, None)
    }
}

fn judge(config_dir: &Path, given: &options::Triage) -> Result<Judge, Exit> {
    let Some(zone) = &given.zone else {
        return Ok(Judge { triage: Triage::new(), languages: given.languages.clone(), bilingual: false });
    };
    let loaded = config::load(config_dir, zone, &super::environment(), &[]);
    let zone = loaded.map_err(|report| super::check::refuse(&report))?.zone;
    match Triage::of(&zone.phrases) {
        Ok(triage) => Ok(Judge { triage, languages: zone.languages, bilingual: zone.bilingual }),
        Err(what) => {
            eprintln!("formez101: {what}");
            Err(Exit::Configuration)
        }
    }
}

/// How many of the heaviest pieces are shown.
const SHOWN: usize = 10;

/// A verdict in words, with the pieces that weighed most.
fn explain(verdict: &Verdict, heaviest: &[(String, f32)]) -> String {
    let urgency = match (verdict.urgent, verdict.alert) {
        (false, _) => "not urgent",
        (true, false) => "urgent",
        (true, true) => "urgent, and a human is alerted",
    };
    let kind = match verdict.kind {
        Kind::Police => "a matter for the police (101)",
        Kind::Medical => "somebody is hurt or ill (112)",
        Kind::Fire => "fire, gas or rescue (112)",
        Kind::SelfHarm => "somebody may harm themselves (help lines)",
        Kind::None => "nothing in particular",
    };
    let mut text = format!(
        "{urgency}: {} of 100 (urgent from {URGENT}, alert from {ALERT})\nabout: {kind}\nanswered in: {}\n",
        verdict.score, verdict.languages
    );
    text.push_str(if verdict.reasons.is_empty() { "found: no phrase of any family\n" } else { "found:\n" });
    for reason in &verdict.reasons {
        let words = Family::named(reason).map_or("", Family::words);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {reason}: {words}");
    }
    let mut weighed = heaviest.iter().filter(|(_, weight)| *weight != 0.0).take(SHOWN).peekable();
    if weighed.peek().is_some() {
        text.push_str("weighed most (above 0 for urgency; [family], {concept}, word):\n");
    }
    for (piece, weight) in weighed {
        let _ = writeln!(text, "  {weight:+.2} {piece}");
    }
    text
}

/// Judges line by line, so that a file may be of any size.
fn lines(judge: &Judge, input: impl BufRead) -> Result<(), String> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for (index, line) in input.lines().enumerate() {
        let at = |what: String| format!("line {}: {what}", index + 1);
        let line = line.map_err(|error| at(error.to_string()))?;
        if line.trim().is_empty() {
            continue;
        }
        let asked: Asked = serde_json::from_str(&line).map_err(|error| at(error.to_string()))?;
        let verdict = judge.verdict(&asked.text);
        let said = Said {
            id: &asked.id,
            lang: verdict.languages.as_slice().first().copied().unwrap_or(Language::Fr),
            urgent: verdict.urgent,
            alert: verdict.alert,
            kind: verdict.kind,
            score: verdict.score,
            reasons: &verdict.reasons,
        };
        let json = serde_json::to_string(&said).map_err(|error| at(error.to_string()))?;
        if writeln!(output, "{json}").is_err() {
            return Ok(());
        }
    }
    let _ = output.flush();
    Ok(())
}
