//! A process that is killed at any instruction, again and again, loses no message and answers none twice.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use std::time::Duration;

use formez101::sandbox::{Fault, FaultKind, Said, Where};
use stage::{DUTCH, FEEDS, FRENCH, GERMAN, Stage};

/// How often the process is killed.
const KILLS: usize = 40;
/// How many citizens write between two kills.
const PER_LIFE: usize = 3;
/// A life lasts so many milliseconds, counted from the start of the process.
const LIFE: std::ops::Range<u64> = 30..950;

/// What is written, and the words in which it must be answered.
const TEXTS: [(&str, &str); 3] = [
    ("Bonjour, il y a une bagarre devant chez moi, envoyez quelqu'un s'il vous plaît", FRENCH),
    ("Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan", DUTCH),
    ("Guten Abend, vor meinem Haus streiten sich zwei Männer und ich habe Angst", GERMAN),
];

#[tokio::test]
async fn forty_kills_while_120_citizens_write_over_four_feeds_leave_exactly_120_replies() {
    let given = std::env::var("FORMEZ101_TEST_SEED").ok().map(|seed| seed.parse().expect("a number"));
    let seed = given.unwrap_or_else(|| fastrand::u64(..));
    println!("FORMEZ101_TEST_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stage = Stage::running().await;
    // Some connections hang before the platform took notice and some after, so that many a kill falls between
    // the intent on our disk and our knowing of its fate. The first kind comes first, so that no reply meets it thrice.
    for (times, processed) in [(12, false), (60, true)] {
        let post = Where { method: Some("POST".to_owned()), ..Where::default() };
        let hang = FaultKind::Timeout { ms: 250, processed };
        stage.sandbox.fault(Fault { on: post, ..Fault::new(hang).times(times) });
    }

    let mut written: Vec<(Said, &str)> = Vec::new();
    for _ in 0..KILLS {
        let life = random.u64(LIFE);
        let mut moments: Vec<u64> = (0..PER_LIFE).map(|_| random.u64(0..=life)).collect();
        moments.sort_unstable();
        let mut lived = 0;
        for moment in moments {
            stage.pass(Duration::from_millis(moment - lived)).await;
            lived = moment;
            let number = written.len();
            let (text, words) = random.choice(TEXTS).expect("three texts");
            let said = stage.say(FEEDS[number % FEEDS.len()], &format!("Citizen {number}"), text);
            written.push((said, words));
        }
        stage.pass(Duration::from_millis(life - lived)).await;
        stage.kill();
        stage.start();
    }
    assert_eq!(written.len(), 120);

    stage.until("everybody is answered", |stage| written.iter().all(|(said, _)| !stage.replies(said).is_empty())).await;
    // Until the last one is looked for, one might still be posted again.
    stage.nothing_open().await;

    stage.expect_one_reply_each(written.iter().map(|(said, words)| (said, *words)));
    assert_eq!(stage.posted().len(), 120, "nobody else was written to");
    assert_eq!(stage.outcomes().await, [("sent".to_owned(), 120)], "every message is counted once");
    // A process cannot know which calls the one before it made in the second of its death.
    let mut violations = stage.sandbox.violations();
    violations.retain(|violation| !violation.ends_with("more than two conversation calls in a second"));
    assert_eq!(violations, Vec::<String>::new());
    stage.expect_no_panic();
    assert!(stage.lines(&["in_doubt"]).is_empty(), "nothing is in doubt when the platform answers");
    let found = stage.lines(&["the reply stands on the platform"]).len();
    let absent = stage.lines(&["does not stand on the platform"]).len();
    println!("looked for after a kill: {found} stood there, {absent} did not");
    assert!(found > 0, "no kill fell between an acceptance and our knowing of it: this test tests nothing");
    assert!(absent > 0, "no reply had to be posted again: this test tests half");
}
