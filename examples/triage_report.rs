//! Writes the figures of triage into `docs/TRIAGE.md`: `cargo run --example triage_report`.

#[path = "../tests/triage/corpus.rs"]
mod corpus;
#[path = "../tests/triage/figures.rs"]
mod figures;

use std::{fmt::Write as _, fs, path::Path};

use figures::{Judged, Share, false_alarms, judge, language, recall, share};
use formez101::triage::{Triage, URGENT};

/// A set of the page: what it is, its part and which of its sources.
type Set = (&'static str, &'static str, fn(&str) -> bool);

const SETS: [Set; 8] = [
    ("tuning part (lexicons, word book and weights were made with it)", "tune", |_| true),
    ("test part: the mix of the development set, by another hand, none of it used for tuning", "test", |name| {
        name == "gen"
    }),
    ("test part: the same mix by yet another hand, judged once, when all was settled", "test", |name| {
        name == corpus::LAST.0
    }),
    ("test part: plain news and chatter by yet another hand, judged once, when all was settled", "test", |name| {
        name == corpus::LAST.1
    }),
    ("test part: ordinary messages", "test", |name| {
        corpus::is_ordinary(name) && name != "gen" && name != corpus::LAST.0
    }),
    ("test part: messages about self-harm and what sounds like it", "test", corpus::is_self_harm),
    ("test part: messages that mean to be hard", "test", corpus::is_hard),
    ("test part: chatter and news", "test", |name| corpus::is_chatter(name) && name != corpus::LAST.1),
];

const BEGIN: &str = "<!-- made by examples/triage_report.rs -->\n";
const END: &str = "<!-- end of what is made -->\n";

#[expect(clippy::expect_used, reason = "a program for developers: the words of the failure are for them")]
fn main() {
    let triage = Triage::new();
    let mut text = String::from(BEGIN);
    let dev = judge(&triage, corpus::read("dev.jsonl"));
    text.push_str(&table("development set (`dev.jsonl`; everything was made with it)", &dev));
    for (name, part, chosen) in SETS {
        text.push_str(&table(name, &judge(&triage, corpus::messages(part, chosen))));
    }
    let tuned = corpus::messages("tune", |name| corpus::is_ordinary(name) || corpus::is_hard(name));
    text.push_str(&worst(&[dev, judge(&triage, tuned)].concat()));
    text.push_str(END);
    print!("{text}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/TRIAGE.md");
    let page = fs::read_to_string(&path).expect("docs/TRIAGE.md can be read");
    let (before, rest) = page.split_once(BEGIN).expect("the page has a place for it");
    let (_, after) = rest.split_once(END).expect("the place has an end");
    fs::write(&path, format!("{before}{text}{after}")).expect("docs/TRIAGE.md can be written");
}

fn table(name: &str, judged: &[Judged]) -> String {
    let mut text = format!("\n### {}: {} messages\n\n", name, judged.len());
    text.push_str("| which | urgent found | false alarms | language right |\n|---|---|---|---|\n");
    let mut row = |name: &str, chosen: &dyn Fn(&Judged) -> bool| {
        if judged.iter().any(chosen) {
            let cells = [recall(judged, chosen), false_alarms(judged, chosen), language(judged, chosen)];
            let [found, alarms, right] = cells.map(cell);
            let _ = writeln!(text, "| {name} | {found} | {alarms} | {right} |");
        }
    };
    row("all", &|_| true);
    for code in ["fr", "nl", "de", "en", "other"] {
        row(code, &|one| one.message.lang == code);
    }
    for kind in ["police", "medical", "fire", "self_harm"] {
        row(kind, &|one| one.message.kind == kind);
    }
    let kind = share(
        judged,
        |one| one.message.urgent && one.verdict.urgent,
        |one| one.verdict.kind.name() == one.message.kind,
    );
    let _ = writeln!(text, "\nOf the urgent ones found, the kind is right for {}.", cell(kind));
    text
}

/// The share in hundredths, the count, and where the true share lies with 95 % confidence.
fn cell(share: Share) -> String {
    if share.of == 0 {
        return "none".into();
    }
    let (low, high) = interval(share);
    format!(
        "{:.1} % ({} of {}; {:.1} to {:.1})",
        share.value() * 100.0,
        share.hits,
        share.of,
        low * 100.0,
        high * 100.0
    )
}

/// Where the true share lies with 95 % confidence, after Wilson.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn interval(share: Share) -> (f64, f64) {
    let (value, of, z) = (share.value(), share.of as f64, 1.96_f64);
    let middle = value + z * z / (2.0 * of);
    let half = z * (value * (1.0 - value) / of + z * z / (4.0 * of * of)).sqrt();
    let whole = 1.0 + z * z / of;
    (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
}

/// The ten worst mistakes: first those that cost most.
fn worst(judged: &[Judged]) -> String {
    let mut wrong: Vec<&Judged> = judged.iter().filter(|one| one.verdict.urgent != one.message.urgent).collect();
    wrong.sort_by_key(|one| {
        let distance = if one.message.urgent {
            100 - i32::from(one.verdict.score)
        } else {
            i32::from(one.verdict.score) - i32::from(URGENT)
        };
        (std::cmp::Reverse(one.message.urgent), std::cmp::Reverse(distance))
    });
    let missed = wrong.iter().filter(|one| one.message.urgent).take(5);
    let needless = wrong.iter().filter(|one| !one.message.urgent).take(5);
    let mut text = String::from(
        "\n### The ten worst mistakes\n\nFrom the development set and the tuning part; the texts of the test part stay unread.\n\n",
    );
    for one in missed.chain(needless) {
        let what = if one.message.urgent { format!("missed ({})", one.message.kind) } else { "needless".into() };
        let _ = writeln!(text, "- {what}, score {}: “{}”", one.verdict.score, one.message.text.replace('\n', " "));
    }
    text
}
