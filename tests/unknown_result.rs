//! A post whose result is unknown is looked for, and never sent twice: one reply, whatever the answer looked like.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use formez101::sandbox::{Fault, FaultKind, Feed, Platform, Said, Say};
use stage::{DUTCH, FEEDS, Stage, name, paths};

const TEXT: &str = "Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan";

/// What befalls the posts of one feed in the order in which they leave.
fn misfortunes(platform: Platform) -> Vec<FaultKind> {
    vec![
        FaultKind::ResetAfter,
        FaultKind::ResetBefore,
        FaultKind::Status { status: 502, html: true, processed: true, body: None },
        FaultKind::Status { status: 502, html: true, processed: false, body: None },
        FaultKind::Truncate,
        FaultKind::Html { processed: true },
        passing(platform, true),
        duplicate(platform),
    ]
}

/// The platform says that something went wrong on its side, having done what was asked or not.
fn passing(platform: Platform, processed: bool) -> FaultKind {
    let (code, status) = match platform {
        Platform::Facebook => (2, 500),
        Platform::X | Platform::Bluesky | Platform::Mastodon => (0, 503),
    };
    FaultKind::Error { code, subcode: None, message: None, status: Some(status), title: None, problem: None, processed }
}

/// The platform says that the same text stands there already, and it does.
fn duplicate(platform: Platform) -> FaultKind {
    let (code, status, words) = match platform {
        Platform::Facebook => (506, 400, "(#506) Duplicate status message"),
        Platform::X | Platform::Bluesky | Platform::Mastodon => {
            (0, 403, "You are not allowed to create a Tweet with duplicate content.")
        }
    };
    FaultKind::Error {
        code,
        subcode: None,
        message: Some(words.to_owned()),
        status: Some(status),
        title: None,
        problem: None,
        processed: true,
    }
}

#[tokio::test]
async fn whatever_happens_to_a_post_on_any_feed_its_citizen_gets_one_reply() {
    let mut stage = Stage::running().await;
    for feed in FEEDS {
        let (platform, path, _) = paths(feed);
        for misfortune in misfortunes(platform) {
            stage.sandbox.fault(Fault::new(misfortune).on(platform, "POST", path));
        }
    }
    let mut written: Vec<(Feed, Said)> = Vec::new();
    for feed in FEEDS {
        let (platform, ..) = paths(feed);
        for number in 0..misfortunes(platform).len() {
            written.push((feed, stage.say(feed, &format!("{} {number}", name(feed)), TEXT)));
        }
    }
    stage.ended(written.len() as u64).await;
    stage.nothing_open().await;

    stage.expect_one_reply_each(written.iter().map(|(_, said)| (said, DUTCH)));
    assert_eq!(stage.posted().len(), written.len(), "nobody else was written to");
    assert_eq!(stage.outcomes().await, [("sent".to_owned(), written.len() as u64)]);
    stage.expect_no_violation();
    stage.expect_no_panic();
    let faults = stage.sandbox.snapshot()["faults"].clone();
    assert_eq!(faults, serde_json::json!([]), "every misfortune really happened");
    for feed in FEEDS {
        // Seven results are unknown: two of those posts do not stand there. The duplicate does.
        let lines = |words| stage.lines(&[name(feed), words]).len();
        assert_eq!(lines("the result of a post is unknown"), 7, "{feed:?}\n{}", stage.log());
        assert_eq!(lines("the reply stands on the platform"), 6, "{feed:?}\n{}", stage.log());
        assert_eq!(lines("the reply does not stand on the platform"), 2, "{feed:?}\n{}", stage.log());
    }
}

#[tokio::test]
async fn two_citizens_in_one_conversation_are_told_apart_when_both_replies_are_looked_for() {
    let mut stage = Stage::running().await;
    // The reply to the first is lost before X takes notice, the equal one to the second only on the way back: the
    // look for the first meets the second, in the same conversation.
    for misfortune in [FaultKind::ResetBefore, FaultKind::ResetAfter] {
        stage.sandbox.fault(Fault::new(misfortune).on(Platform::X, "POST", "/2/tweets"));
    }
    let first = stage.say(Feed::XMentions, "Eerste", TEXT);
    let say = Say::new(Feed::XMentions, "Tweede", &format!("@PZVoorbeeld {TEXT}")).thread(&first.message_id);
    let second = stage.sandbox.say(say).expect("written");
    stage.ended(2).await;

    stage.expect_one_reply_each([(&first, DUTCH), (&second, DUTCH)]);
    assert_eq!(stage.lines(&["the reply does not stand on the platform"]).len(), 1, "{}", stage.log());
    stage.expect_no_violation();
}
