//! Makes `src/triage/weights.txt` from the labelled messages: `cargo run --example triage_weights [study]`.
//!
//! Five logistic regressions on the same pieces: urgent or not, and one a kind. Each is restrained, so that a word tips the
//! scales only where many messages agree, and less so where its own share of urgent messages stands out. `study` writes nothing: it
//! trains on all sources but one and judges that one, which says how it fares with an author it has never read.

#![allow(dead_code, reason = "the report uses the rest of the two modules")]

#[path = "../tests/triage/corpus.rs"]
mod corpus;
#[path = "../tests/triage/figures.rs"]
mod figures;

use std::{collections::HashMap, fmt::Write as _, fs};

use corpus::Labelled;
use figures::{Judged, false_alarms, judge, recall};
use formez101::triage::{BASE, KINDS, Pieces, Triage};

/// Restraint of the weight of a family, and of that of a word.
const RESTRAINT: (f32, f32) = (20.0, 6.0);

/// A word seen in fewer messages has no weight.
const SEEN: usize = 3;

/// A piece that weighs less in every column is left out.
const LEAST: f32 = 0.14;

/// A missed call weighs as much as so many needless answers; and one told apart by its kind.
const MISSED: (f32, f32) = (1.5, 2.0);

/// A line of chatter weighs more than a message: there are fewer of them here than among what a page is mentioned in.
const CHATTER: f32 = 2.5;

const ROUNDS: usize = 250;

/// What a piece weighs for urgency, then for each kind.
type Row = [f32; 1 + KINDS.len()];

/// The pieces of a message, by number.
struct Sample<'a> {
    pieces: Vec<usize>,
    message: &'a Labelled,
    counts: f32,
}

fn main() {
    let triage = Triage::new();
    let mut sources = corpus::sources("tune", |_| true);
    sources.push(("dev".to_owned(), corpus::read("dev.jsonl")));
    let pieces: Vec<Vec<Pieces>> =
        sources.iter().map(|(_, source)| source.iter().map(|message| triage.pieces(&message.text)).collect()).collect();
    let learn = |left_out: Option<usize>| {
        let taken = sources.iter().zip(&pieces).enumerate().filter(|(index, _)| Some(*index) != left_out);
        let taken: Vec<(&Pieces, &Labelled, f32)> = taken
            .flat_map(|(_, ((name, source), pieces))| {
                let counts = if corpus::is_chatter(name) { CHATTER } else { 1.0 };
                pieces.iter().zip(source).map(move |(pieces, message)| (pieces, message, counts))
            })
            .collect();
        written(&train(&taken))
    };
    if std::env::args().nth(1).is_some_and(|argument| argument == "study") {
        let mut all = Vec::new();
        for (left_out, (name, messages)) in sources.iter().enumerate() {
            let judged = judge(&Triage::new().weighed(&learn(Some(left_out))), messages.clone());
            report(name, &judged);
            all.extend(judged);
        }
        report("all", &all);
        return;
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/triage/weights.txt");
    #[expect(clippy::expect_used, reason = "a program for developers: the words of the failure are for them")]
    fs::write(path, learn(None)).expect("the weights can be written");
}

fn report(name: &str, judged: &[Judged]) {
    let grave = recall(judged, |one| one.message.kind == "self_harm");
    println!(
        "{name}: {:.3} found, {:.3} false alarms, {} of {} about self-harm",
        recall(judged, |_| true).value(),
        false_alarms(judged, |_| true).value(),
        grave.hits,
        grave.of
    );
}

/// The names of all pieces, and what each weighs.
fn train(messages: &[(&Pieces, &Labelled, f32)]) -> Vec<(String, Row)> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    messages.iter().flat_map(|(pieces, ..)| &pieces.words).for_each(|word| *seen.entry(word).or_default() += 1);
    let mut names = vec![BASE];
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut samples = Vec::new();
    for (of_message, message, counts) in messages {
        let words = of_message
            .words
            .iter()
            .filter(|word| seen[word.as_str()] >= SEEN && word.chars().all(|letter| !letter.is_numeric()));
        let mut pieces = vec![0];
        for name in of_message.signs.iter().chain(words) {
            pieces.push(*numbers.entry(name).or_insert_with(|| {
                names.push(name);
                names.len() - 1
            }));
        }
        samples.push(Sample { pieces, message, counts: *counts });
    }
    let mut rows: Vec<(String, Row)> = names.iter().map(|name| ((*name).to_owned(), Row::default())).collect();
    let mut column = |at: usize, missed: f32, is: &dyn Fn(&Labelled) -> bool| {
        let restraint = restraint(&names, &samples, is);
        let weights = descend(&samples, &restraint, missed, is);
        rows.iter_mut().zip(weights).for_each(|((_, row), weight)| row[at] = weight);
    };
    column(0, MISSED.0, &|message| message.urgent);
    for (index, kind) in KINDS.iter().enumerate() {
        column(index + 1, MISSED.1, &|message| message.kind == kind.name());
    }
    rows
}

/// How much each weight is restrained: a word the less, the more it stands out by itself.
fn restraint(names: &[&str], samples: &[Sample], is: &dyn Fn(&Labelled) -> bool) -> Vec<f32> {
    let mut counts = vec![[1.0_f32; 2]; names.len()];
    for sample in samples {
        let side = usize::from(is(sample.message));
        sample.pieces.iter().for_each(|piece| counts[*piece][side] += 1.0);
    }
    let [calm, told] = counts[0];
    let restraint = |(name, [among_calm, among_told]): (&&str, &[f32; 2])| match *name {
        BASE => 0.0,
        name if name.starts_with('[') => RESTRAINT.0,
        _ => {
            let stands_out = ((among_told / told) / (among_calm / calm)).ln();
            RESTRAINT.1 / (stands_out * stands_out).max(0.01)
        }
    };
    names.iter().zip(&counts).map(restraint).collect()
}

/// Full-batch gradient descent with a step of its own for each weight.
fn descend(samples: &[Sample], restraint: &[f32], missed: f32, is: &dyn Fn(&Labelled) -> bool) -> Vec<f32> {
    let mut weights = vec![0.0_f32; restraint.len()];
    let (mut mean, mut square) = (vec![0.0_f32; weights.len()], vec![0.0_f32; weights.len()]);
    for round in 0..ROUNDS {
        let mut slope: Vec<f32> = weights.iter().zip(restraint).map(|(weight, restraint)| weight * restraint).collect();
        for sample in samples {
            let sum: f32 = sample.pieces.iter().map(|piece| weights[*piece]).sum();
            let likely = 1.0 / (1.0 + (-sum).exp());
            let wrong = if is(sample.message) { missed * (likely - 1.0) } else { sample.counts * likely };
            sample.pieces.iter().for_each(|piece| slope[*piece] += wrong);
        }
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let step = 0.15 / (1.0 + round as f32 / 30.0);
        for index in 0..weights.len() {
            mean[index] = 0.9 * mean[index] + 0.1 * slope[index];
            square[index] = 0.99 * square[index] + 0.01 * slope[index] * slope[index];
            weights[index] -= step * mean[index] / (square[index].sqrt() + 1e-3);
        }
    }
    weights
}

/// The file of weights: families first, then words, each in the order of the alphabet.
fn written(rows: &[(String, Row)]) -> String {
    let mut lines: Vec<&(String, Row)> =
        rows.iter().filter(|(_, row)| row.iter().any(|weight| weight.abs() >= LEAST)).collect();
    lines.sort_by_key(|(name, _)| (!name.starts_with('['), name));
    let mut file = String::from(
        "// What each piece of evidence weighs: above 0 speaks for it, below against it.\n\
         // In hundredths, for: urgent, police, medical, fire, self-harm.\n\
         // Made by `cargo run --example triage_weights`; change the lexicons or the labelled messages, not this file.\n",
    );
    for (name, row) in lines {
        for weight in row {
            // Writing to a String cannot fail.
            let _ = write!(file, "{:.0} ", weight * 100.0);
        }
        let _ = writeln!(file, "{name}");
    }
    file
}
