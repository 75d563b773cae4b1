//! A process that is killed at any instruction, again and again, loses no message and answers none twice.
//!
//! `FORMEZ101_KILLS` says how often it is killed, `FORMEZ101_TEST_SEED` replays the instants and the words.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use std::time::Duration;

use formez101::sandbox::{Fault, FaultKind, Feed, Said, Where};
use serde_json::json;
use stage::{ANSWERED, DUTCH, FRENCH, GERMAN, Plan, Stage, side_by_side};

/// How often the process is killed when nobody says otherwise.
const KILLS: usize = 40;
/// One stage bears so many kills; more are spread over several, side by side.
const KILLS_OF_A_STAGE: usize = 250;
/// One kill in so many meets a zone at its very first start.
const FIRST_STARTS: usize = 10;
/// So many kills befall one zone before its first start succeeds.
const KILLS_OF_A_START: usize = 4;
/// So many zones start for the first time side by side.
const STARTS_AT_ONCE: usize = 4;
/// How many citizens write between two kills.
const PER_LIFE: usize = 3;
/// A life lasts so many milliseconds, counted from the start of the process. In shorter ones a slow machine is killed over the
/// same private reply three times, after which it is rightly in doubt.
const LIFE: std::ops::Range<u64> = 30..2_000;
/// A first start is over by then, milliseconds.
const START: std::ops::Range<u64> = 0..350;
/// X's access token lives so many seconds, so that every other life or so renews it.
const TOKEN: u32 = 4;

/// What is written, and the words in which it must be answered.
const TEXTS: [(&str, &str); 3] = [
    ("Bonjour, il y a une bagarre devant chez moi, envoyez quelqu'un s'il vous plaît", FRENCH),
    ("Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan", DUTCH),
    ("Guten Abend, vor meinem Haus streiten sich zwei Männer und ich habe Angst", GERMAN),
];

/// A number from the environment.
fn given(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

fn kills() -> usize {
    given("FORMEZ101_KILLS").map_or(KILLS, |kills| usize::try_from(kills).expect("few enough"))
}

fn seed() -> u64 {
    let seed = given("FORMEZ101_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("FORMEZ101_TEST_SEED={seed} FORMEZ101_KILLS={}", kills());
    seed
}

/// A zone on every platform that answers comments in both ways and whose X token is renewed all the time.
async fn zone() -> Stage {
    let stage = Stage::planned(Plan { instagram: true, both: true, renews_x: true, ..Plan::default() }).await;
    // A renewal whose answer dies with the process is repeated with the same token. Where X takes that one no more,
    // a human must log in: see tests/renewal.rs.
    let settings = json!({"x_access_life_seconds": TOKEN, "x_refresh_grace_seconds": 3600});
    stage.sandbox.set(&settings).expect("set");
    stage
}

/// How many replies a message is to have.
fn wanted(feed: Feed) -> usize {
    if matches!(feed, Feed::FacebookComments | Feed::InstagramComments) { 2 } else { 1 }
}

/// A message, where it was written, and the words in which it must be answered.
type Written = (Feed, Said, &'static str);

fn expect_answered(stage: &Stage, written: &[Written]) {
    let mut wrong = Vec::new();
    for (feed, said, words) in written {
        let replies = stage.replies(said);
        let mut places: Vec<String> = replies.iter().map(|reply| format!("{:?}", reply.feed)).collect();
        places.sort();
        places.dedup();
        let well = places.len() == wanted(*feed) && replies.iter().all(|reply| reply.text.contains(words));
        if replies.len() != wanted(*feed) || !well {
            wrong.push(format!(
                "{feed:?} {}: wanted {} with '{words}', got {replies:?}",
                said.message_id,
                wanted(*feed)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}\n{}", wrong.len(), wrong.join("\n"), stage.log());
}

/// What befalls the connections of one life. Some hang before the platform took notice and some after, so that many a
/// kill falls between the intent on our disk and our knowing of its fate. The first kind is rare, so that no reply meets
/// it thrice, and so is the second where a reply proves itself only at the next try.
fn misfortune(stage: &Stage, kills: usize, random: &mut fastrand::Rng) {
    let hang = |processed, path: &str| {
        let on = Where { method: Some("POST".to_owned()), path_contains: Some(path.to_owned()), ..Where::default() };
        stage.sandbox.fault(Fault { on, ..Fault::new(FaultKind::Timeout { ms: 250, processed }) });
    };
    // A few kills must meet enough of them to be a test.
    let rare = if kills <= 100 { 20 } else { 5 };
    match random.u32(0..100) {
        chance if chance < rare => {
            hang(false, ["/messages", "/comments", "/replies", "/2/tweets", "/2/dm"][random.usize(0..5)]);
        }
        20..25 => hang(true, "/messages"),
        25..70 => hang(true, ["/comments", "/replies", "/2/tweets", "/2/dm"][random.usize(0..4)]),
        70..85 => hang(true, "/2/oauth2/token"),
        _ => {}
    }
}

/// What one stage saw.
#[derive(Default)]
struct Seen {
    citizens: usize,
    found: usize,
    absent: usize,
    renewed: usize,
}

/// One zone, killed so often while citizens write on each of its feeds.
async fn lives(kills: usize, mut random: fastrand::Rng) -> Seen {
    let mut stage = zone().await;
    stage.start();
    stage.read_again().await;
    let mut written: Vec<Written> = Vec::new();
    for _ in 0..kills {
        let life = random.u64(LIFE);
        let mut moments: Vec<u64> = (0..PER_LIFE).map(|_| random.u64(0..=life)).collect();
        moments.sort_unstable();
        misfortune(&stage, kills, &mut random);
        let mut lived = 0;
        for moment in moments {
            stage.pass(Duration::from_millis(moment - lived)).await;
            lived = moment;
            let number = written.len();
            let (text, words) = random.choice(TEXTS).expect("three texts");
            let feed = ANSWERED[number % ANSWERED.len()];
            written.push((feed, stage.say(feed, &format!("Citizen {number}"), text), words));
        }
        stage.pass(Duration::from_millis(life - lived)).await;
        stage.kill();
        stage.start();
    }

    stage
        .until("everybody is answered", |stage| {
            written.iter().all(|(feed, said, _)| stage.replies(said).len() >= wanted(*feed))
        })
        .await;
    // Until the last one is looked for, one might still be posted again.
    stage.nothing_open().await;

    expect_answered(&stage, &written);
    let replies: usize = written.iter().map(|(feed, ..)| wanted(*feed)).sum();
    assert_eq!(stage.posted().len(), replies, "nobody else was written to");
    let citizens = u64::try_from(written.len()).expect("few enough");
    assert_eq!(stage.outcomes().await, [("sent".to_owned(), citizens)], "every message is counted once");
    expect_good_manners(&stage);
    let count = |words| stage.lines(&[words]).len();
    Seen {
        citizens: written.len(),
        found: count("the reply stands on the platform"),
        absent: count("does not stand on the platform"),
        renewed: count("the login was renewed"),
    }
}

fn expect_good_manners(stage: &Stage) {
    stage.expect_no_violation_but_haste();
    stage.expect_no_panic();
    assert!(stage.lines(&["in_doubt"]).is_empty(), "nothing is in doubt when the platform answers\n{}", stage.log());
    assert!(stage.lines(&["run `formez101 login"]).is_empty(), "no login is lost\n{}", stage.log());
}

#[test]
fn kills_at_any_instant_on_every_feed_leave_each_citizen_with_each_reply_once() {
    let (kills, mut random) = (kills(), fastrand::Rng::with_seed(seed()));
    let stages = kills.div_ceil(KILLS_OF_A_STAGE);
    let stories = (0..stages).map(|stage| {
        // The rest goes to the first ones.
        let (share, random) = (kills / stages + usize::from(stage < kills % stages), random.fork());
        move || lives(share, random)
    });
    let seen = side_by_side(stages, stories).into_iter().fold(Seen::default(), |all, one| Seen {
        citizens: all.citizens + one.citizens,
        found: all.found + one.found,
        absent: all.absent + one.absent,
        renewed: all.renewed + one.renewed,
    });
    let Seen { citizens, found, absent, renewed } = seen;
    println!("{kills} kills, {citizens} citizens: 0 double, 0 missed; X's token was renewed {renewed} times");
    println!("looked for after a kill: {found} stood there, {absent} did not");
    assert!(found > 0, "no kill fell between an acceptance and our knowing of it: this test tests nothing");
    assert!(absent > 0, "no reply had to be posted again: this test tests half");
    assert!(renewed > 0, "no token was renewed");
}

/// One zone whose very first start is killed a few times. What stood there before the first one is never answered, what
/// was written between two of them once at most, what was written once it runs exactly once.
async fn first_start(kills: usize, mut random: fastrand::Rng) {
    let mut stage = zone().await;
    let write = |stage: &Stage, group: &str, random: &mut fastrand::Rng| {
        let one = |feed: Feed| {
            let (text, words) = random.choice(TEXTS).expect("three texts");
            (feed, stage.say(feed, &format!("{group} {feed:?}"), text), words)
        };
        ANSWERED.into_iter().map(one).collect::<Vec<Written>>()
    };
    let old = write(&stage, "Old", &mut random);
    // Meta's times are whole seconds: what is old must not be of the second of the first start.
    stage.pass(Duration::from_millis(1100)).await;
    let mut between = Vec::new();
    for kill in 0..kills {
        stage.start();
        stage.pass(Duration::from_millis(random.u64(START))).await;
        stage.kill();
        between.extend(write(&stage, &format!("Between {kill}"), &mut random));
    }
    stage.start();
    stage.read_again().await;
    let new = write(&stage, "New", &mut random);
    stage
        .until("the new ones are answered", |stage| {
            new.iter().all(|(feed, said, _)| stage.replies(said).len() >= wanted(*feed))
        })
        .await;
    stage.nothing_open().await;
    expect_answered(&stage, &new);
    for (feed, said, _) in &old {
        assert_eq!(stage.replies(said), [], "{feed:?}: what is old is not answered\n{}", stage.log());
    }
    let answered: Vec<Written> = between.into_iter().filter(|(_, said, _)| !stage.replies(said).is_empty()).collect();
    expect_answered(&stage, &answered);
    expect_good_manners(&stage);
}

#[test]
fn a_first_start_that_is_killed_again_and_again_answers_nothing_old_and_everything_new() {
    let mut random = fastrand::Rng::with_seed(seed());
    let zones = (kills() / FIRST_STARTS).div_ceil(KILLS_OF_A_START).max(1);
    let stories = (0..zones).map(|_| {
        let random = random.fork();
        move || first_start(KILLS_OF_A_START, random)
    });
    side_by_side(STARTS_AT_ONCE, stories);
    println!("{} kills of first starts of {zones} zones", zones * KILLS_OF_A_START);
}
