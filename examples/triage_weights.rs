//! Makes `src/triage/weights.txt` from the labelled messages: `cargo run --example triage_weights [study]`.
//!
//! A logistic regression, restrained so that a word tips
//! the scales only where many messages agree. `study` writes nothing: it trains on all sources but one and judges that one,
//! which says how it fares with an author it has never read.

#[path = "../tests/triage/corpus.rs"]
mod corpus;

use std::{collections::HashMap, fmt::Write as _, fs};

use corpus::Labelled;
use formez101::triage::{BASE, MOST_OF_WORDS, Triage};

/// The sources, each by other hands.
const SOURCES: [&[&str]; 6] = [
    &["dev.jsonl"],
    &["fr-tune.jsonl"],
    &["nl-tune.jsonl"],
    &["deen-tune.jsonl"],
    &["chatter-tune.jsonl"],
    &["fr-more-tune.jsonl"],
];

/// Restraint of a family's weight, and of a word's.
const RESTRAINT: (f32, f32) = (3.0, 2.0);

/// A word seen in fewer messages has no weight.
const SEEN: usize = 4;

/// A missed call weighs as much as so many needless answers.
const MISSED: f32 = 1.5;

const ROUNDS: usize = 250;

struct Sample {
    pieces: Vec<usize>,
    urgent: bool,
}

fn main() {
    let triage = Triage::new();
    let study = std::env::args().nth(1).is_some_and(|argument| argument == "study");
    let sources: Vec<Vec<Labelled>> = SOURCES.iter().map(|files| corpus::read(files)).collect();
    if study {
        let mut all = Vec::new();
        for (left_out, messages) in sources.iter().enumerate() {
            let others: Vec<&Labelled> =
                sources.iter().enumerate().filter(|(index, _)| *index != left_out).flat_map(|(_, s)| s).collect();
            let (names, weights) = train(&triage, &others);
            let table: HashMap<&str, f32> = names.iter().map(String::as_str).zip(weights).collect();
            let mut judged: Vec<(f32, &Labelled)> =
                messages.iter().map(|message| (sum(&triage, &table, message), message)).collect();
            report(SOURCES[left_out][0], &mut judged);
            all.append(&mut judged);
        }
        report("all", &mut all);
        return;
    }
    let all: Vec<&Labelled> = sources.iter().flatten().collect();
    let (names, weights) = train(&triage, &all);
    write(&names, &weights);
}

/// Recall at the sum where so many of those not urgent would be answered as urgent; and where each recall is reached.
fn report(name: &str, judged: &mut [(f32, &Labelled)]) {
    judged.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let urgent = judged.iter().filter(|(_, message)| message.urgent).count();
    let calm = judged.len() - urgent;
    println!("{name}: {urgent} urgent, {calm} not");
    if urgent == 0 {
        for at in [-2.0, -1.5, -1.0, -0.5, 0.0] {
            let high = judged.iter().filter(|(sum, _)| *sum >= at).count();
            println!("  from {at:5.2}: {high} false");
        }
        return;
    }
    for wanted in [0.95, 0.97, 0.98, 0.99] {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let share = |count: usize, of: usize| count as f32 / of as f32;
        let mut found = 0;
        for (index, (at, message)) in judged.iter().enumerate() {
            found += usize::from(message.urgent);
            if share(found, urgent) >= wanted {
                println!("  recall {wanted}: from {at:5.2}, false alarms {:.3}", share(index + 1 - found, calm));
                break;
            }
        }
    }
    if std::env::args().any(|argument| argument == "misses") {
        let missed = judged.iter().filter(|(_, message)| message.urgent).rev().take(25);
        let needless = judged.iter().filter(|(_, message)| !message.urgent).take(25);
        for (sum, message) in missed.chain(needless) {
            println!("    {sum:5.2} {} {}: {} ({})", message.lang, message.kind, message.text, message.note);
        }
    }
}

fn sum(triage: &Triage, table: &HashMap<&str, f32>, message: &Labelled) -> f32 {
    let evidence = triage.evidence(&message.text);
    let of = |names: &[String]| names.iter().filter_map(|name| table.get(name.as_str())).sum::<f32>();
    table[BASE] + of(&evidence.signs) + of(&evidence.words).clamp(-MOST_OF_WORDS, MOST_OF_WORDS)
}

fn train(triage: &Triage, messages: &[&Labelled]) -> (Vec<String>, Vec<f32>) {
    let evidence: Vec<_> = messages.iter().map(|message| triage.evidence(&message.text)).collect();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    evidence.iter().flat_map(|one| &one.words).for_each(|word| *seen.entry(word).or_default() += 1);
    let mut names = vec![BASE.to_owned()];
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut samples = Vec::new();
    for (one, message) in evidence.iter().zip(messages) {
        let mut pieces = vec![0];
        let words =
            one.words.iter().filter(|word| seen[word.as_str()] >= SEEN && word.chars().all(|l| !l.is_numeric()));
        for name in one.signs.iter().chain(words) {
            let number = *numbers.entry(name).or_insert_with(|| {
                names.push(name.clone());
                names.len() - 1
            });
            pieces.push(number);
        }
        samples.push(Sample { pieces, urgent: message.urgent });
    }
    let restraint: Vec<f32> = names
        .iter()
        .map(|name| match name.starts_with('[') {
            _ if name == BASE => 0.0,
            true => RESTRAINT.0,
            false => RESTRAINT.1,
        })
        .collect();
    let weights = descend(&samples, &restraint);
    (names, weights)
}

/// Full-batch gradient descent with a step of its own for each weight.
fn descend(samples: &[Sample], restraint: &[f32]) -> Vec<f32> {
    let mut weights = vec![0.0_f32; restraint.len()];
    let (mut mean, mut square) = (vec![0.0_f32; weights.len()], vec![0.0_f32; weights.len()]);
    for round in 0..ROUNDS {
        let mut slope: Vec<f32> = weights.iter().zip(restraint).map(|(weight, restraint)| weight * restraint).collect();
        for sample in samples {
            let sum: f32 = sample.pieces.iter().map(|piece| weights[*piece]).sum();
            let likely = 1.0 / (1.0 + (-sum).exp());
            let wrong = if sample.urgent { MISSED * (likely - 1.0) } else { likely };
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

#[expect(clippy::expect_used, reason = "a program for developers: the words of the failure are for them")]
fn write(names: &[String], weights: &[f32]) {
    let mut lines: Vec<(&String, f32)> = names.iter().zip(weights.iter().copied()).collect();
    lines.retain(|(_, weight)| weight.abs() >= 0.05);
    lines.sort_by(|one, other| (!one.0.starts_with('['), one.0).cmp(&(!other.0.starts_with('['), other.0)));
    let mut file = String::from(
        "// What each piece of evidence weighs: above 0 speaks for urgency, below against it.\n\
         // Made by `cargo run --example triage_weights`; change the lexicons or the labelled messages, not this file.\n",
    );
    for (name, weight) in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(file, "{weight:.2} {name}");
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/triage/weights.txt");
    fs::write(path, file).expect("the weights can be written");
}
