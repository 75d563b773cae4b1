//! The machine's clock is set wrong while citizens write on platforms whose clock is right: nobody is told twice, nobody
//! is missed once it is right again, and then all is as before at once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod disk;
mod stage;

use std::{path::Path, time::Duration};

use disk::WrongBy;
use formez101::{
    clock::between,
    sandbox::{Fault, FaultKind, Said},
};
use stage::{ANSWERED, Plan, Stage, name, paths, side_by_side};

const TEXT: &str = "Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan";

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// What is written during a longer error may be too old, or too young, to be judged.
const MAX_AGE: i64 = 2 * HOUR;
/// A few polls on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(20);
/// So long the clock is wrong.
const WRONG: Duration = Duration::from_secs(5);

/// A zone whose program has a clock of its own.
async fn zone(shim: &Path) -> (Stage, WrongBy) {
    let mut stage = Stage::planned(Plan { instagram: true, ..Plan::default() }).await;
    let clock = WrongBy::nothing_yet(stage.folder());
    stage.environment = vec![("LD_PRELOAD", shim.into()), ("SHIM_CLOCK", clock.path().into())];
    stage.start();
    stage.read_again().await;
    (stage, clock)
}

fn one_on_each_feed(stage: &Stage, group: &str) -> Vec<Said> {
    ANSWERED.into_iter().map(|feed| stage.say(feed, &format!("{group} {}", name(feed)), TEXT)).collect()
}

/// The feeds whose citizens are not answered in time.
async fn missed(stage: &mut Stage, written: &[Said]) -> Vec<&'static str> {
    let begun = stage.clock.now();
    loop {
        let open = ANSWERED.into_iter().zip(written).filter(|(_, said)| stage.replies(said).is_empty());
        let open: Vec<_> = open.map(|(feed, _)| name(feed)).collect();
        if open.is_empty() || between(begun, stage.clock.now()) > AT_ONCE {
            return open;
        }
        stage.pass(Duration::from_millis(50)).await;
    }
}

fn twice(stage: &Stage, written: &[Said]) -> Vec<&'static str> {
    let twice = ANSWERED.into_iter().zip(written).filter(|(_, said)| stage.replies(said).len() > 1);
    twice.map(|(feed, _)| name(feed)).collect()
}

/// One jump and the way back; what was not as it should be.
async fn jump(shim: &Path, seconds: i64, restart: bool) -> Vec<String> {
    let (mut stage, clock) = zone(shim).await;
    let first = one_on_each_feed(&stage, "Eerst");
    let mut wrong = Vec::new();
    let mut note = |what: &str, feeds: Vec<&str>| {
        if !feeds.is_empty() {
            wrong.push(format!("{seconds} s{}: {what}: {}", if restart { ", restart" } else { "" }, feeds.join(", ")));
        }
    };
    note("missed before", missed(&mut stage, &first).await);
    clock.seconds(seconds);
    let during = one_on_each_feed(&stage, "Tijdens");
    stage.pass(WRONG / 2).await;
    if restart {
        stage.kill();
        stage.start();
    }
    stage.pass(WRONG / 2).await;
    clock.seconds(0);
    let after = one_on_each_feed(&stage, "Daarna");
    note("missed after", missed(&mut stage, &after).await);
    if seconds.abs() < MAX_AGE {
        note("missed during", missed(&mut stage, &during).await);
    }
    for (what, written) in [("before", &first), ("during", &during), ("after", &after)] {
        note(&format!("twice {what}"), twice(&stage, written));
    }
    stage.expect_no_panic();
    wrong
}

/// Posts whose answers are lost while the clock is wrong; what was not as it should be.
async fn lost(shim: &Path, seconds: i64) -> Vec<String> {
    let (mut stage, clock) = zone(shim).await;
    clock.seconds(seconds);
    for feed in ANSWERED {
        let (platform, path, _) = paths(feed);
        stage.sandbox.fault(Fault::new(FaultKind::ResetAfter).on(platform, "POST", path));
    }
    let during = one_on_each_feed(&stage, "Tijdens");
    // A look takes ten seconds, another try follows at once.
    stage.pass(Duration::from_secs(15)).await;
    clock.seconds(0);
    let mut wrong = Vec::new();
    let mut note = |what: &str, feeds: Vec<&str>| {
        if !feeds.is_empty() {
            wrong.push(format!("{seconds} s, answer lost: {what}: {}", feeds.join(", ")));
        }
    };
    let open = missed(&mut stage, &during).await;
    note("missed", if seconds.abs() < MAX_AGE { open } else { Vec::new() });
    note("twice", twice(&stage, &during));
    wrong
}

#[test]
fn whatever_the_clock_says_nobody_is_told_twice_and_nobody_is_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(shim) = disk::shim(folder.path()) else { return };
    let now = formez101::clock::Clock::system().now().as_second();
    let jumps = [MINUTE, -MINUTE, 40 * MINUTE, -40 * MINUTE, 3 * HOUR, -3 * HOUR, -now];
    let stories =
        jumps.into_iter().flat_map(|seconds| [(seconds, false), (seconds, true)]).map(|(seconds, restart)| {
            let shim = &shim;
            move || jump(shim, seconds, restart)
        });
    let wrong = side_by_side(7, stories).concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_post_whose_answer_is_lost_while_the_clock_is_wrong_is_found_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(shim) = disk::shim(folder.path()) else { return };
    let jumps = [MINUTE, -MINUTE, 40 * MINUTE, -40 * MINUTE, 3 * HOUR, -3 * HOUR];
    let stories = jumps.map(|seconds| {
        let shim = &shim;
        move || lost(shim, seconds)
    });
    let wrong = side_by_side(6, stories).concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
