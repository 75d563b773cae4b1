//! Bytes from outside, damaged in every way: nothing panics, and what must hold holds.
//!
//! Each target (`tests/fuzzed`) plays its seeds (`fuzz/seeds`) and then what a small mutator makes of them, always the
//! same. `FORMEZ101_FUZZ=100000` plays so many instead. A failure prints the number of the input; with
//! `FORMEZ101_FUZZ_SEED` it is played alone. libFuzzer runs the same targets: `docs/CONTRIBUTING.md`.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod fuzzed;

use std::{env, fs, panic, path::Path};

use fastrand::Rng;
use fuzzed::{TARGETS, Target};

/// What parsers stumble over.
const ODD: [&str; 26] = [
    "null",
    "true",
    "[]",
    "{}",
    "\"",
    "\\",
    "\\ud800",
    "\\u0000",
    "{{",
    "}}",
    "{%",
    "\n",
    "\n\n",
    "'''",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "e\u{301}",
    "👩‍👩‍👧",
    "ß\u{130}",
    "-1",
    "1e999",
    "9223372036854775808",
    "18446744073709551616",
    "99999999999",
    "0.0000001",
];

/// So many damaged inputs of a target by default; the costly ones play fewer.
fn count(name: &str) -> u64 {
    let wanted = env::var("FORMEZ101_FUZZ").ok().and_then(|number| number.parse().ok());
    wanted.unwrap_or(match name {
        "graph" | "x" | "bluesky" | "mastodon" | "config" => 1_000,
        "template" => 300,
        _ => 3_000,
    })
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A damaged copy of one of the seeds.
fn damaged(seeds: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut random = Rng::with_seed(number);
    let mut bytes = seeds[random.usize(..seeds.len())].clone();
    for _ in 0..random.usize(1..=4) {
        damage(&mut bytes, seeds, &mut random);
    }
    bytes.truncate(20_000);
    bytes
}

fn damage(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Rng) {
    let (from, to) = stretch(bytes.len(), random);
    match random.u8(..8) {
        0 => bytes.iter_mut().skip(from).take(1).for_each(|byte| *byte ^= 1 << random.u8(..8)),
        1 => bytes.truncate(from),
        2 => drop(bytes.drain(from..to)),
        3 => {
            let again = bytes[from..to].repeat(random.usize(1..20));
            drop(bytes.splice(to..to, again));
        }
        4 => {
            let other = &seeds[random.usize(..seeds.len())];
            let (start, end) = stretch(other.len(), random);
            drop(bytes.splice(from..to, other[start..end].iter().copied()));
        }
        5 => drop(bytes.splice(from..from, ODD[random.usize(..ODD.len())].bytes())),
        6 => {
            let wild: Vec<u8> = (0..random.usize(1..8)).map(|_| random.u8(..)).collect();
            drop(bytes.splice(from..from, wild));
        }
        // A whole value of JSON, TOML or a header makes room for an odd one.
        _ => {
            let is_end = |byte: &u8| b",:]}=\n".contains(byte);
            let start = bytes[from..].iter().position(is_end).map_or(from, |next| from + next + 1);
            let end = bytes[start..].iter().position(is_end).map_or(bytes.len(), |next| start + next);
            drop(bytes.splice(start..end, ODD[random.usize(..ODD.len())].bytes()));
        }
    }
}

/// Two places in something of this length, not far from each other.
fn stretch(length: usize, random: &mut Rng) -> (usize, usize) {
    let from = random.usize(..=length);
    (from, (from + random.usize(..=40)).min(length))
}

fn play(target: Target, name: &str, what: &str, bytes: &[u8]) {
    if let Err(cause) = panic::catch_unwind(|| target(bytes)) {
        eprintln!("{name}: {what} breaks a promise:\n{}", String::from_utf8_lossy(bytes));
        panic::resume_unwind(cause);
    }
}

fn fuzz(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(known, _)| *known == name).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds = files(&root.join("fuzz/seeds").join(name));
    if name == "config" {
        seeds.extend(files(&root.join("config/zones")));
    }
    if let Ok(number) = env::var("FORMEZ101_FUZZ_SEED") {
        return play(target, name, "this input", &damaged(&seeds, number.parse().unwrap()));
    }
    for seed in &seeds {
        play(target, name, "a seed", seed);
    }
    for number in 0..count(name) {
        play(target, name, &format!("FORMEZ101_FUZZ_SEED={number}"), &damaged(&seeds, number));
    }
}

#[test]
fn any_answer_of_the_graph_api() {
    fuzz("graph");
}

#[test]
fn any_answer_of_x() {
    fuzz("x");
}

#[test]
fn any_headers_of_limits() {
    fuzz("headers");
}

#[test]
fn any_file_of_a_zone() {
    fuzz("config");
}

#[test]
fn any_login_on_the_disk() {
    fuzz("vault");
}

#[test]
fn any_text_of_an_officer() {
    fuzz("template");
}

#[test]
fn any_words_of_a_citizen() {
    fuzz("text");
}
