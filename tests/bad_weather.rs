//! Platforms on a bad day, citizens who write oddly, and a service that was away: nothing is lost, nobody is told twice.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use std::time::Duration;

use formez101::sandbox::{Colleague, Fault, FaultKind, Feed, Platform, Said, Say};
use serde_json::json;
use stage::{DUTCH, FEEDS, FRENCH, Stage, name, paths};

const TEXT: &str = "Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan";

/// One citizen on each feed writes; those of different `group`s are different people.
fn one_on_each_feed(stage: &Stage, group: &str) -> Vec<Said> {
    FEEDS.into_iter().map(|feed| stage.say(feed, &format!("{group} {}", name(feed)), TEXT)).collect()
}

#[tokio::test]
async fn pages_that_cannot_be_read_are_read_again_and_lose_nobody() {
    let mut stage = Stage::running().await;
    for feed in FEEDS {
        let (platform, _, piece) = paths(feed);
        for broken in [
            FaultKind::Html { processed: true },
            FaultKind::Truncate,
            FaultKind::Status { status: 200, html: false, processed: true, body: Some(json!({"data": "no list"})) },
            FaultKind::Status { status: 502, html: true, processed: true, body: None },
            FaultKind::ResetBefore,
        ] {
            stage.sandbox.fault(Fault::new(broken).on(platform, "GET", piece));
        }
    }
    let written = one_on_each_feed(&stage, "Weer");
    stage.until("everybody is answered", |stage| written.iter().all(|said| !stage.replies(said).is_empty())).await;
    stage.read_again().await;

    stage.expect_one_reply_each(written.iter().map(|said| (said, DUTCH)));
    assert_eq!(stage.sandbox.snapshot()["faults"], json!([]), "every misfortune really happened");
    for feed in FEEDS {
        assert!(!stage.lines(&["WARN", name(feed), "cannot be read for now"]).is_empty(), "{}", stage.log());
        assert_eq!(stage.lines(&[name(feed), "the feed is read again"]).len(), 1, "{}", stage.log());
    }
    stage.expect_no_violation();
    stage.expect_no_panic();
}

#[tokio::test]
async fn an_empty_page_with_a_next_one_and_items_doubled_or_out_of_order_change_nothing() {
    let mut stage = Stage::running().await;
    stage.stop().await;
    let mut written: Vec<Said> = (0..8).flat_map(|group| one_on_each_feed(&stage, &format!("Groep {group}"))).collect();
    for feed in FEEDS {
        let (platform, _, piece) = paths(feed);
        let faults = [(FaultKind::EmptyPage, 1), (FaultKind::DuplicateItems, 2), (FaultKind::Reorder, 2)];
        for (kind, times) in faults {
            stage.sandbox.fault(Fault::new(kind).on(platform, "GET", piece).times(times));
        }
        if platform == Platform::X {
            stage.sandbox.fault(Fault::new(FaultKind::PartialErrors).on(platform, "GET", piece).times(2));
        }
    }
    let began = stage.clock.now();
    stage.start();
    stage.until("every misfortune has happened", |stage| stage.sandbox.snapshot()["faults"] == json!([])).await;
    for feed in FEEDS {
        let followed = stage.requests(began, |status| status == 200).into_iter().any(|(_, path)| {
            path.contains(paths(feed).2) && (path.contains("&after=") || path.contains("&pagination_token="))
        });
        assert!(followed, "{feed:?}: the empty page's next one is read");
    }
    written.extend(one_on_each_feed(&stage, "Daarna"));
    stage.ended(written.len() as u64).await;

    stage.expect_one_reply_each(written.iter().map(|said| (said, DUTCH)));
    assert_eq!(stage.outcomes().await, [("sent".to_owned(), written.len() as u64)]);
    stage.expect_no_violation();
    stage.expect_no_panic();
}

#[tokio::test]
async fn a_used_up_window_of_x_is_left_alone_until_its_reset() {
    let mut stage = Stage::running().await;
    let seconds = 3;
    for feed in [Feed::XMentions, Feed::XInbox] {
        let (platform, path, piece) = paths(feed);
        stage.sandbox.fault(Fault::new(FaultKind::RateLimit { seconds }).on(platform, "GET", piece));
        stage.sandbox.fault(Fault::new(FaultKind::RateLimit { seconds }).on(platform, "POST", path));
    }
    let written = one_on_each_feed(&stage, "Druk");
    stage.ended(4).await;

    stage.expect_one_reply_each(written.iter().map(|said| (said, DUTCH)));
    assert_eq!(stage.sandbox.snapshot()["faults"], json!([]), "every misfortune really happened");
    assert_eq!(stage.lines(&["WARN", "the platform takes no reply for now", "x 429"]).len(), 2, "{}", stage.log());
    assert_eq!(stage.lines(&["WARN", "cannot be read for now", "x 429"]).len(), 2, "{}", stage.log());
    // A call before the reset would be a violation.
    stage.expect_no_violation();
}

#[tokio::test]
async fn a_limit_of_graph_holds_its_own_feed_back_and_no_other() {
    let mut stage = Stage::running().await;
    // Reading one feed is limited with a time to wait for, posting on the other with nothing but the number.
    let timed = FaultKind::RateLimit { seconds: 12 };
    let bare = FaultKind::Error {
        code: 613,
        subcode: None,
        message: None,
        status: None,
        title: None,
        problem: None,
        processed: false,
    };
    stage.sandbox.fault(Fault::new(timed).on(Platform::Facebook, "GET", "/conversations"));
    stage.sandbox.fault(Fault::new(bare).on(Platform::Facebook, "POST", "/comments"));
    stage.until("the inbox meets its limit", |stage| !stage.lines(&["facebook.inbox", "graph 613"]).is_empty()).await;
    let limited_at = stage.clock.now();
    let written = one_on_each_feed(&stage, "Druk");
    stage.until("X is answered", |stage| written[2..].iter().all(|said| stage.replies(said).len() == 1)).await;
    stage.until("posting meets its limit", |stage| !stage.lines(&["takes no reply", "graph 613"]).is_empty()).await;
    stage.pass(Duration::from_secs(3)).await;
    assert_eq!(stage.reads(Feed::FacebookInbox, limited_at), 0, "the inbox is left alone");
    assert!(stage.reads(Feed::FacebookMentions, limited_at) > 3, "reading the other feed goes on");
    assert!(stage.replies(&written[0]).is_empty() && stage.replies(&written[1]).is_empty());
    assert_eq!(stage.lines(&["facebook.inbox", "graph 613"]).len(), 1, "said once");

    // The time that was named is obeyed to the second, and not a minute longer.
    stage.until("the inbox is answered", |stage| stage.replies(&written[0]).len() == 1).await;
    // A pause of our own is no promise to the platform: a new process may ask again, and nothing was forgotten.
    let (status, _) = stage.stop().await;
    assert!(status.success());
    stage.start();
    stage.ended(4).await;
    stage.expect_one_reply_each(written.iter().map(|said| (said, DUTCH)));
    stage.expect_no_violation();
}

#[tokio::test]
async fn a_dead_token_is_named_once_and_stops_no_other_platform() {
    let mut stage = Stage::running().await;
    stage.sandbox.set(&json!({"facebook_token": "another-token"})).expect("set");
    let dead_since = stage.clock.now();
    let refused = |stage: &Stage, piece: &str| {
        let refusals = stage.requests(dead_since, |status| status == 401);
        refusals.iter().filter(|(_, path)| path.contains(piece)).count()
    };
    let first = one_on_each_feed(&stage, "Eerst");
    stage.until("X is answered", |stage| first[2..].iter().all(|said| stage.replies(said).len() == 1)).await;
    stage
        .until("each Facebook feed was refused again and again", |stage| {
            refused(stage, "/conversations") >= 3 && refused(stage, "/tagged") >= 3
        })
        .await;
    let second = one_on_each_feed(&stage, "Dan");
    stage.until("X goes on", |stage| second[2..].iter().all(|said| stage.replies(said).len() == 1)).await;
    for feed in FEEDS {
        let wanted = usize::from(paths(feed).0 == Platform::Facebook);
        assert_eq!(stage.lines(&[name(feed), "cannot be read"]).len(), wanted, "{feed:?}\n{}", stage.log());
    }

    let alarms = stage.lines(&["ERROR", "the platform refuses the token: run `formez101 login facebook"]);
    assert_eq!((alarms.len(), stage.lines(&["ERROR"]).len()), (1, 1), "one alarm for the account\n{}", stage.log());

    let token = formez101::sandbox::Setup::default().facebook_token;
    stage.sandbox.set(&json!({ "facebook_token": token })).expect("set");
    stage.ended(8).await;
    stage.expect_one_reply_each(first.iter().chain(&second).map(|said| (said, DUTCH)));
    stage
        .until("each Facebook feed is read again, and said so once", |stage| {
            [Feed::FacebookInbox, Feed::FacebookMentions]
                .iter()
                .all(|feed| stage.lines(&[name(*feed), "the feed is read again"]).len() == 1)
        })
        .await;
    stage.expect_no_violation();
}

#[tokio::test]
async fn odd_texts_are_answered_like_any_other() {
    let mut stage = Stage::running().await;
    let long: String = "Er staat een man aan mijn deur en hij wil niet weggaan. ".chars().cycle().take(3_000).collect();
    let odd = [
        (long.as_str(), DUTCH),
        ("\u{1f6a8}\u{1f6a8}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}", FRENCH),
        ("\0\0Er staat een man\0 aan mijn deur en hij wil niet weggaan\0", DUTCH),
        ("\u{202e}\u{feff}\u{200b}\u{0301}\u{0301}\u{0301}", FRENCH),
        ("{{ zone.name }} {% include '/etc/passwd' %} <b>&amp;</b> \"'; DROP TABLE replies; --", FRENCH),
        ("\n\t ", FRENCH),
    ];
    let mut written: Vec<(Said, &str)> = Vec::new();
    for feed in FEEDS {
        for (number, (text, words)) in odd.into_iter().enumerate() {
            written.push((stage.say(feed, &format!("Raar {} {number}", name(feed)), text), words));
        }
    }
    stage.ended(written.len() as u64).await;
    stage.expect_one_reply_each(written.iter().map(|(said, words)| (said, *words)));
    assert_eq!(stage.outcomes().await, [("sent".to_owned(), written.len() as u64)]);
    stage.expect_no_violation();
    stage.expect_no_panic();
}

#[tokio::test]
async fn of_300_messages_that_stood_there_before_the_first_start_none_is_answered() {
    let mut stage = Stage::new().await;
    for number in 0..75 {
        for feed in FEEDS {
            // The oldest is fifty minutes old, well within the allowed age; the youngest is of this very moment.
            let say = Say::new(feed, &format!("Oud {} {number}", name(feed)), TEXT);
            stage.sandbox.say(say.at(&format!("-{}s", (74 - number) * 40))).expect("written");
        }
    }
    stage.start();
    stage.read_again().await;
    let new = one_on_each_feed(&stage, "Nieuw");
    stage.until("the new ones are answered", |stage| new.iter().all(|said| !stage.replies(said).is_empty())).await;
    stage.kill();
    stage.start();
    stage.read_again().await;
    stage.nothing_open().await;

    stage.expect_one_reply_each(new.iter().map(|said| (said, DUTCH)));
    assert_eq!(stage.posted().len(), 4, "nothing old is answered, not even after a restart");
    let outcomes = stage.outcomes().await;
    let names: Vec<&str> = outcomes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["sent", "silent baseline"]);
    stage.expect_no_violation();
}

#[tokio::test]
async fn where_a_colleague_answered_the_service_is_silent() {
    let mut stage = Stage::running().await;
    stage.stop().await;
    let theirs = one_on_each_feed(&stage, "Geholpen");
    for (feed, said) in FEEDS.into_iter().zip(&theirs) {
        let answer = Colleague::to(feed, &said.message_id, "Dag, we bellen u zo dadelijk op. Groeten, Els");
        stage.sandbox.colleague(&answer).expect("written");
    }
    stage.start();
    let ours = one_on_each_feed(&stage, "Ander");
    stage.ended(8).await;
    // They go on talking, and nobody interrupts them.
    for (feed, said) in FEEDS.into_iter().zip(&theirs).filter(|(feed, _)| *feed != Feed::FacebookMentions) {
        let thread = if feed == Feed::XMentions { &said.message_id } else { &said.thread_id };
        let say =
            Say::new(feed, &format!("Geholpen {}", name(feed)), "@PZVoorbeeld dank u wel, ik wacht op uw telefoon");
        stage.sandbox.say(say.thread(thread)).expect("written");
    }
    stage.ended(11).await;

    stage.expect_one_reply_each(ours.iter().map(|said| (said, DUTCH)));
    assert_eq!(stage.posted().len(), 4, "nobody who talks with a colleague is interrupted\n{}", stage.log());
    assert_eq!(stage.outcomes().await, [("sent".to_owned(), 4), ("silent colleague".to_owned(), 7)]);
    stage.expect_no_violation();
}

#[tokio::test]
async fn what_was_written_while_the_service_was_away_is_answered_when_it_comes_back() {
    let mut stage = Stage::running().await;
    // Some write in the very moment of the stop.
    let mut written = one_on_each_feed(&stage, "Net");
    let (status, took) = stage.stop().await;
    assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}");
    for group in ["Eerst", "Dan", "Ten slotte"] {
        written.extend(one_on_each_feed(&stage, group));
        stage.pass(Duration::from_secs(1)).await;
    }
    stage.start();
    stage.ended(written.len() as u64).await;

    stage.expect_one_reply_each(written.iter().map(|said| (said, DUTCH)));
    assert_eq!(stage.outcomes().await, [("sent".to_owned(), written.len() as u64)]);
    // Calls of the process before and of the one after may fall into one second.
    let mut violations = stage.sandbox.violations();
    violations.retain(|violation| !violation.ends_with("more than two conversation calls in a second"));
    assert_eq!(violations, Vec::<String>::new());
}
