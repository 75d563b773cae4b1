//! What an administrator does beside the running service, as real processes on real files.

#![allow(clippy::unwrap_used, reason = "in a test, a failed `unwrap` is the failure that it reports")]

mod process;

use formez101::{
    clock::Clock,
    sandbox::{Feed, Say},
};
use process::Zone;
use std::time::Duration;

#[test]
fn a_pause_holds_within_a_poll_and_over_a_restart_until_it_is_ended() {
    let zone = Zone::new();
    zone.file(&zone.sound("reply"));
    zone.asks(&["pause", "--zone", "exemple"])
        .with(64, &["the zone is not paused: there is no ledger in", "has the zone exemple ever run?"]);
    let mut running = zone.runs();
    let paused = zone.asks(&["pause", "--zone", "exemple"]);
    paused.with(0, &[]);
    assert!(
        paused.out.starts_with("The zone exemple is paused until `formez101 resume --zone exemple`."),
        "{}",
        paused.out
    );
    let first = zone.sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "On se bat devant chez moi")).unwrap();
    running.says("posting is switched off");
    running.signal("TERM");
    assert_eq!(running.end(), Some(0), "{}", running.said);
    let mut running = zone.runs();
    zone.sandbox.say(Say::new(Feed::XInbox, "lucie", "On se bat devant chez moi")).unwrap();
    running.says("posting is switched off");
    zone.asks(&["resume", "--zone", "exemple"]).with(0, &[]);
    let again = zone.asks(&["resume", "--zone", "exemple"]);
    assert_eq!(again.out, "The zone exemple was not paused.\n");
    let second = zone.sandbox.say(Say::new(Feed::FacebookInbox, "Piet", "Au secours, on force ma porte")).unwrap();
    zone.wait("the answer", |sandbox| sandbox.replies_to(&second.message_id).len() == 1);
    assert!(zone.sandbox.replies_to(&first.message_id).is_empty());

    let short = zone.asks(&["pause", "--zone", "exemple", "--for", "1s"]);
    assert!(short.out.starts_with("The zone exemple is paused until 20"), "{}", short.out);
    zone.runtime.block_on(Clock::system().sleep(Duration::from_millis(1100)));
    let third = zone.sandbox.say(Say::new(Feed::FacebookInbox, "Els", "Au secours, il a un couteau")).unwrap();
    zone.wait("the answer", |sandbox| sandbox.replies_to(&third.message_id).len() == 1);
    zone.asks(&["pause", "--zone", "exemple", "--for", "soon"]).with(64, &["is not a duration"]);
    running.signal("TERM");
    assert_eq!(running.end(), Some(0), "{}", running.said);
}

#[test]
fn a_reply_that_is_not_in_doubt_is_nothing_to_decide() {
    let zone = Zone::new();
    zone.has_a_ledger();
    for command in ["retry", "drop"] {
        let asked = zone.asks(&[command, "--zone", "exemple", "7"]);
        asked.with(64, &["nothing is done: no reply 7 of the zone exemple is in doubt; there is none"]);
    }
    zone.asks(&["drop", "--zone", "exemple", "seven"]).with(64, &["invalid digit"]);
}
