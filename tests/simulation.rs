//! Weeks of misfortune by seed: the whole service in a world that misbehaves, and a checker that knows only what the
//! citizens saw and what the policy asked.
//!
//! `FORMEZ101_SEED=17 cargo test --test simulation one_seed -- --nocapture` plays seed 17 and tells its story.
//! `FORMEZ101_SEEDS=0..100000 cargo test --release --test simulation many_seeds -- --nocapture` is the soak.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed unwrap is the failure that the test reports"
)]

mod simulated;

use std::panic::{AssertUnwindSafe, catch_unwind};

use simulated::{check, life};

/// How many seeds each of the tests below plays; eight of them are 2,000.
const EACH: u64 = 250;

/// Plays one seed; returns what was wrong with it.
fn play(seed: u64, tell: bool) -> Result<check::Tally, String> {
    let played = catch_unwind(AssertUnwindSafe(|| {
        let remains = life::run(seed);
        let wrong = check::judge(&remains);
        (remains.world.story(), check::tally(&remains), wrong)
    }));
    let replay = format!("FORMEZ101_SEED={seed} cargo test --test simulation one_seed -- --nocapture");
    match played {
        Ok((story, tally, wrong)) => {
            if tell || !wrong.is_empty() {
                println!("{story}");
            }
            if wrong.is_empty() { Ok(tally) } else { Err(format!("seed {seed}:\n  {}\n{replay}", wrong.join("\n  "))) }
        }
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
            Err(format!("seed {seed} panicked: {}\n{replay}", words.unwrap_or_default()))
        }
    }
}

#[track_caller]
fn play_all(seeds: impl Iterator<Item = u64>) {
    let (mut total, mut wrong) = (check::Tally::default(), Vec::new());
    for seed in seeds {
        match play(seed, false) {
            Ok(tally) => total += tally,
            Err(error) => wrong.push(error),
        }
    }
    println!("{total}");
    assert!(wrong.is_empty(), "{} seeds failed:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn one_seed() {
    let seed = std::env::var("FORMEZ101_SEED").ok().map_or(101, |seed| seed.parse().expect("a number"));
    match play(seed, std::env::var("FORMEZ101_SEED").is_ok()) {
        Ok(tally) => println!("{tally}"),
        Err(wrong) => panic!("{wrong}"),
    }
}

/// As many as are asked for, on every core; none unless they are asked for.
#[test]
fn many_seeds() {
    let Ok(asked) = std::env::var("FORMEZ101_SEEDS") else { return };
    let (from, to) = asked.split_once("..").expect("a range such as 0..1000");
    let (from, to): (u64, u64) = (from.parse().expect("a number"), to.parse().expect("a number"));
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let next = std::sync::atomic::AtomicU64::new(from);
    let (mut total, mut wrong) = (check::Tally::default(), Vec::new());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|_| {
                scope.spawn(|| {
                    let (mut total, mut wrong) = (check::Tally::default(), Vec::new());
                    loop {
                        let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if seed >= to {
                            return (total, wrong);
                        }
                        match play(seed, false) {
                            Ok(tally) => total += tally,
                            Err(error) => {
                                println!("{error}");
                                wrong.push(error);
                            }
                        }
                    }
                })
            })
            .collect();
        for worker in workers {
            let (some, bad) = worker.join().expect("a worker ends");
            total += some;
            wrong.extend(bad);
        }
    });
    println!("{total}");
    assert!(wrong.is_empty(), "{} seeds failed:\n{}", wrong.len(), wrong.join("\n"));
}

macro_rules! groups {
    ($($name:ident $number:literal),*) => { $(
        #[test]
        fn $name() {
            play_all($number * EACH..($number + 1) * EACH);
        }
    )* };
}

groups!(
    seeds_0_to_249 0, seeds_250_to_499 1, seeds_500_to_749 2, seeds_750_to_999 3,
    seeds_1000_to_1249 4, seeds_1250_to_1499 5, seeds_1500_to_1749 6, seeds_1750_to_1999 7
);
