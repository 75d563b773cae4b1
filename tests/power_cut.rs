//! The power fails at a write or an fsync of the state folder: what was not synced is gone, or there in part. Whatever
//! the disk holds then, the service starts again and everybody is answered once.
//!
//! `FORMEZ101_CUTS` says how often the power fails, `FORMEZ101_TEST_SEED` replays the cuts and what the disk kept.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod disk;
mod stage;

use std::{os::unix::process::ExitStatusExt as _, path::Path, time::Duration};

use disk::{Disk, Lies};
use formez101::{
    clock::between,
    sandbox::{Feed, Said},
};
use serde_json::json;
use stage::{ANSWERED, DUTCH, LIMIT, Plan, Stage, side_by_side};

/// How often the power fails when nobody says otherwise.
const CUTS: usize = 60;
/// One stage bears so many cuts; more are spread over several.
const CUTS_OF_A_STAGE: usize = 50;
/// So many stages stand side by side.
const AT_ONCE: usize = 4;
/// One cut in so many meets a zone at its very first start.
const FIRST_STARTS: usize = 4;
/// So many cuts befall one zone before its first start succeeds.
const CUTS_OF_A_START: usize = 5;
/// A life makes some hundred changes to the disk at most before the power fails.
const RECORDS: std::ops::Range<u64> = 1..150;
/// A first start makes more, since it makes the ledger.
const FIRST_RECORDS: std::ops::Range<u64> = 1..420;
/// The power fails after so long even where little is written.
const LIFE: Duration = Duration::from_millis(1500);
/// Somebody writes about so often.
const WRITES_EVERY: Duration = Duration::from_millis(150);
/// So many disks lie about what they have synced.
const LIARS: usize = 8;
/// So many rounds of them are played until one is found out.
const ROUNDS_OF_LIARS: usize = 3;
/// So many cuts befall each of them.
const CUTS_OF_A_LIAR: usize = 15;
/// Who is not answered in this time then is missed: a look and another try take half of it.
const LIARS_LIMIT: Duration = Duration::from_secs(30);
/// X's access token lives so many seconds, so that the vault is written again and again.
const TOKEN: u32 = 4;

const TEXT: &str = "Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan";

fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

fn cuts() -> usize {
    given("FORMEZ101_CUTS").map_or(CUTS, |cuts| usize::try_from(cuts).expect("few enough"))
}

fn seed() -> u64 {
    let seed = given("FORMEZ101_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("FORMEZ101_TEST_SEED={seed} FORMEZ101_CUTS={}", cuts());
    seed
}

/// A zone on a disk that fails.
struct Powered<'a> {
    stage: Stage,
    random: fastrand::Rng,
    shim: &'a Path,
    lies: Lies,
    written: Vec<(Feed, Said)>,
}

impl<'a> Powered<'a> {
    async fn new(shim: &'a Path, lies: Lies, random: fastrand::Rng) -> Self {
        let stage = Stage::planned(Plan { instagram: true, both: true, renews_x: true, ..Plan::default() }).await;
        let settings = json!({"x_access_life_seconds": TOKEN, "x_refresh_grace_seconds": 3600});
        stage.sandbox.set(&settings).expect("set");
        Self { stage, random, shim, lies, written: Vec::new() }
    }

    fn someone_writes(&mut self) {
        let feed = ANSWERED[self.written.len() % ANSWERED.len()];
        let said = self.stage.say(feed, &format!("Burger {}", self.written.len()), TEXT);
        self.written.push((feed, said));
    }

    /// One life, until the power fails in it: at the record of a number, or at some instant. Gives how many there were.
    async fn life(&mut self, cut: u64) -> Result<usize, String> {
        let (state, journal) = (self.stage.state(), self.stage.folder().join("journal"));
        let base = disk::read(&state);
        self.stage.environment = vec![
            ("LD_PRELOAD", self.shim.into()),
            ("SHIM_FOLDER", state.clone().into()),
            ("SHIM_JOURNAL", journal.clone().into()),
            ("SHIM_CUT", cut.to_string().into()),
        ];
        self.stage.start();
        let born = self.stage.clock.now();
        let mut next = self.random.u32(0..300);
        loop {
            match self.stage.ended_by_itself() {
                Some(status) if status.signal() == Some(9) => break,
                Some(status) => return Err(format!("it does not go on: {status}")),
                None => {}
            }
            let age = between(born, self.stage.clock.now());
            if age > LIFE {
                self.stage.kill();
                break;
            }
            if age > Duration::from_millis(next.into()) {
                self.someone_writes();
                next += self.random.u32(0..2 * u32::try_from(WRITES_EVERY.as_millis()).expect("short"));
            }
            self.stage.pass(Duration::from_millis(10)).await;
        }
        let disk = Disk::after(&base, &journal, self.lies);
        let records = disk.records;
        disk::write(&state, &disk.found(&mut self.random));
        Ok(records)
    }

    /// The power holds from now on: everybody is answered.
    async fn settle(
        &mut self,
        limit: Duration,
        answered: impl Fn(&Stage, &(Feed, Said)) -> bool,
    ) -> Result<(), String> {
        let begun = self.stage.clock.now();
        while !self.written.iter().all(|written| answered(&self.stage, written)) {
            if let Some(status) = self.stage.ended_by_itself() {
                return Err(format!("it does not go on: {status}"));
            }
            if between(begun, self.stage.clock.now()) > limit {
                return Err("somebody is missed".to_owned());
            }
            self.stage.pass(Duration::from_millis(25)).await;
        }
        self.stage.nothing_open().await;
        Ok(())
    }

    fn starts_for_good(&mut self) {
        self.stage.environment.clear();
        self.stage.start();
    }

    /// What is wrong with the replies to those who were answered.
    fn wrong(&self) -> Vec<String> {
        let told = |(feed, said): &(Feed, Said)| {
            let replies = self.stage.replies(said);
            let mut places: Vec<_> = replies.iter().map(|reply| format!("{:?}", reply.feed)).collect();
            places.sort();
            places.dedup();
            let right = replies.iter().all(|reply| reply.text.contains(DUTCH)) && places.len() == replies.len();
            let well = replies.is_empty() || replies.len() == wanted(*feed) && right;
            (!well).then(|| format!("{feed:?} {}: {replies:?}", said.message_id))
        };
        self.written.iter().filter_map(told).collect()
    }

    fn expect_well(&self, told: &Result<(), String>) {
        let wrong = self.wrong();
        assert!(told.is_ok() && wrong.is_empty(), "{told:?}\n{}\n{}", wrong.join("\n"), self.stage.log());
        self.stage.expect_no_violation_but_haste();
        self.stage.expect_no_panic();
        assert!(self.stage.lines(&["run `formez101 login"]).is_empty(), "no login is lost\n{}", self.stage.log());
        assert!(self.stage.lines(&["in_doubt"]).is_empty(), "{}", self.stage.log());
    }
}

/// How many replies a message is to have.
fn wanted(feed: Feed) -> usize {
    if matches!(feed, Feed::FacebookComments | Feed::InstagramComments) { 2 } else { 1 }
}

/// A zone whose power fails so often while it runs; gives how many records the shim saw.
async fn lives(cuts: usize, shim: &Path, random: fastrand::Rng) -> (usize, usize) {
    let mut powered = Powered::new(shim, Lies::No, random).await;
    powered.stage.start();
    powered.stage.read_again().await;
    powered.stage.stop().await;
    let mut records = 0;
    for _ in 0..cuts {
        let cut = powered.random.u64(RECORDS);
        let life = powered.life(cut).await;
        records += life.unwrap_or_else(|why| panic!("{why}\n{}", powered.stage.log()));
    }
    powered.starts_for_good();
    let told = powered.settle(LIMIT, |stage, (feed, said)| stage.replies(said).len() >= wanted(*feed)).await;
    powered.expect_well(&told);
    let citizens = u64::try_from(powered.written.len()).expect("few enough");
    assert_eq!(powered.stage.outcomes().await, [("sent".to_owned(), citizens)], "every message is counted once");
    (records, powered.written.len())
}

/// A zone whose power fails in its very first start, again and again. What is written meanwhile may be older than the
/// start that succeeds.
async fn first_start(shim: &Path, random: fastrand::Rng) {
    let mut powered = Powered::new(shim, Lies::No, random).await;
    for _ in 0..ANSWERED.len() {
        powered.someone_writes();
    }
    let old = powered.written.clone();
    // Meta's times are whole seconds: what is old must not be of the second of the first start.
    powered.stage.pass(Duration::from_millis(1100)).await;
    for _ in 0..CUTS_OF_A_START {
        let cut = powered.random.u64(FIRST_RECORDS);
        let life = powered.life(cut).await;
        life.unwrap_or_else(|why| panic!("{why}\n{}", powered.stage.log()));
    }
    let before = powered.written.len();
    powered.starts_for_good();
    powered.stage.read_again().await;
    for _ in 0..ANSWERED.len() {
        powered.someone_writes();
    }
    let new: Vec<String> = powered.written[before..].iter().map(|(_, said)| said.message_id.clone()).collect();
    let answered = |stage: &Stage, (feed, said): &(Feed, Said)| {
        !new.contains(&said.message_id) || stage.replies(said).len() >= wanted(*feed)
    };
    let told = powered.settle(LIMIT, answered).await;
    powered.expect_well(&told);
    for (feed, said) in &old {
        assert_eq!(powered.stage.replies(said), [], "{feed:?}: what is old is not answered\n{}", powered.stage.log());
    }
}

#[test]
fn the_power_fails_at_any_write_and_everybody_is_answered_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(shim) = disk::shim(folder.path()) else { return };
    let (cuts, mut random) = (cuts(), fastrand::Rng::with_seed(seed()));
    let stages = cuts.div_ceil(CUTS_OF_A_STAGE).max(2);
    let stories = (0..stages).map(|stage| {
        let (share, shim, random) = (cuts / stages + usize::from(stage < cuts % stages), &shim, random.fork());
        move || lives(share, shim, random)
    });
    let seen = side_by_side(AT_ONCE, stories);
    let (records, citizens) = seen.into_iter().fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    println!("{cuts} power cuts in {records} changes to the disk, {citizens} citizens: 0 double, 0 missed");
    assert!(records > cuts * 20, "the shim saw {records} changes: it does not stand in the way");
}

#[test]
fn the_power_fails_in_a_first_start_and_nothing_old_is_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(shim) = disk::shim(folder.path()) else { return };
    let mut random = fastrand::Rng::with_seed(seed());
    let zones = (cuts() / FIRST_STARTS).div_ceil(CUTS_OF_A_START);
    let stories = (0..zones).map(|_| {
        let (shim, random) = (&shim, random.fork());
        move || first_start(shim, random)
    });
    side_by_side(AT_ONCE, stories);
    println!("{} power cuts in first starts of {zones} zones", zones * CUTS_OF_A_START);
}

#[test]
fn a_disk_that_lies_about_what_it_has_synced_is_found_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(shim) = disk::shim(folder.path()) else { return };
    let mut random = fastrand::Rng::with_seed(seed());
    // Whether a lie comes to light depends on where the power fails; once in many runs none of a round's does.
    for _ in 0..ROUNDS_OF_LIARS {
        let stories = (0..LIARS).map(|_| {
            let (shim, random) = (&shim, random.fork());
            move || found_out(shim, random)
        });
        let found: Vec<String> = side_by_side(AT_ONCE, stories).into_iter().flatten().collect();
        println!("{} of {LIARS} disks that lie are found out:\n{}", found.len(), found.join("\n"));
        if !found.is_empty() {
            return;
        }
    }
    panic!("disks lie, and all is well: these tests test nothing");
}

/// How a disk that lies was found out, if it was.
async fn found_out(shim: &Path, random: fastrand::Rng) -> Option<String> {
    let mut powered = Powered::new(shim, Lies::About("ledger"), random).await;
    powered.stage.start();
    powered.stage.read_again().await;
    powered.stage.stop().await;
    for cut in 1..=CUTS_OF_A_LIAR {
        let at = powered.random.u64(RECORDS);
        if let Err(why) = powered.life(at).await {
            return Some(format!("after {cut} cuts {why}"));
        }
    }
    powered.starts_for_good();
    let all = |stage: &Stage, (feed, said): &(Feed, Said)| stage.replies(said).len() >= wanted(*feed);
    if let Err(why) = powered.settle(LIARS_LIMIT, all).await {
        return Some(why);
    }
    let wrong = powered.wrong();
    if !wrong.is_empty() {
        return Some(format!("{} wrong, such as {}", wrong.len(), wrong[0]));
    }
    // Replies that the ledger has forgotten are found again on the platform, and taken for those of colleagues.
    let (citizens, outcomes) = (powered.written.len() as u64, powered.stage.outcomes().await);
    (outcomes != [("sent".to_owned(), citizens)])
        .then(|| format!("{citizens} citizens, and the ledger says {outcomes:?}"))
}
