//! What an administrator does beside the running service, as real processes on real files.

#![allow(clippy::unwrap_used, reason = "in a test, a failed `unwrap` is the failure that it reports")]

mod process;

use formez101::{
    clock::Clock,
    sandbox::{Feed, Say},
};
use process::Zone;
use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    time::Duration,
};

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

/// What stands at an address of this machine: the status and the body.
fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// An address of this machine that is free now.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn status_shows_a_zone_that_runs_and_one_that_does_not() {
    let zone = Zone::new();
    zone.asks(&["status", "--zone", "exemple"]).with(64, &["zone exemple: there is no ledger in"]);
    zone.file(&zone.sound("reply"));
    let mut running = zone.runs();
    let message = zone.sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "On se bat devant chez moi")).unwrap();
    zone.wait("the answer", |sandbox| sandbox.replies_to(&message.message_id).len() == 1);
    running.says("reply ended: sent");

    let shown = zone.asks(&["status", "--zone", "exemple"]);
    shown.with(0, &[]);
    for words in [
        "Zone exemple: running since 20",
        ", mode = \"reply\"",
        "facebook.inbox       read 0s ago, every ",
        "today: 1 sent; 0 not ended",
    ] {
        assert!(shown.out.contains(words), "{words:?} is not in:\n{}", shown.out);
    }
    let json = zone.asks(&["status", "--zone", "exemple", "--json"]);
    let state: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        (&state["today"]["sent"], &state["mode"], &state["paused"]),
        (&1.into(), &"reply".into(), &false.into())
    );
    assert_eq!(state["feeds"].as_array().unwrap().len(), 5);
    for secret in ["sandbox-page-token", "Jan", "se bat", message.message_id.as_str(), message.author_id.as_str()] {
        assert!(!json.out.contains(secret) && !shown.out.contains(secret), "{secret} is shown");
    }

    zone.asks(&["pause", "--zone", "exemple", "--for", "2h"]).with(0, &[]);
    assert!(zone.asks(&["status", "--zone", "exemple"]).out.contains("  paused until 20"));
    running.signal("TERM");
    assert_eq!(running.end(), Some(0), "{}", running.said);
    let shown = zone.asks(&["status", "--zone", "exemple"]);
    shown.with(69, &[]);
    for words in [
        "Zone exemple: not running, mode = \"reply\"",
        "today: 1 sent; 0 not ended",
        "paused until 20",
        "look: the service does not run",
    ] {
        assert!(shown.out.contains(words), "{words:?} is not in:\n{}", shown.out);
    }
    zone.asks(&["status"]).with(64, &["name the zone with --zone"]);
}

#[test]
fn a_monitor_sees_health_and_figures_on_a_port_of_this_machine() {
    let (zone, address) = (Zone::new(), free_address());
    zone.file(&format!("{}[health]\nlisten = \"{address}\"\n", zone.sound("observe")));
    let mut running = zone.runs();
    let message = zone.sandbox.say(Say::new(Feed::XMentions, "lucie", "On se bat devant chez moi")).unwrap();
    running.says("observe mode: would have replied");
    let ready = || get(&address, "/readyz") == (200, "ready\n".to_owned());
    while !ready() {
        zone.runtime.block_on(Clock::system().sleep(Duration::from_millis(50)));
    }
    assert_eq!(get(&address, "/healthz"), (200, "well\n".to_owned()));
    assert_eq!(get(&address, "/").0, 404);
    let (status, metrics) = get(&address, "/metrics");
    assert_eq!(status, 200);
    for line in [
        "# TYPE formez101_messages_total counter",
        "formez101_healthy{zone=\"exemple\"} 1",
        "formez101_messages_total{zone=\"exemple\",feed=\"x.mentions\",outcome=\"silent\",reason=\"observed\"} 1",
        "formez101_feed_stale{zone=\"exemple\",feed=\"facebook.inbox\"} 0",
        "formez101_replies_in_doubt{zone=\"exemple\"} 0",
    ] {
        assert!(metrics.lines().any(|shown| shown == line), "{line} is not in:\n{metrics}");
    }
    assert!(!metrics.contains("lucie") && !metrics.contains(&message.message_id), "{metrics}");

    // A reload opens the same port again.
    for _ in 0..3 {
        let before = running.said.matches("configuration read again").count();
        running.signal("HUP");
        while running.said.matches("configuration read again").count() == before {
            running.says("zone exemple: observe mode");
        }
        while TcpStream::connect(&address).is_err() {
            zone.runtime.block_on(Clock::system().sleep(Duration::from_millis(20)));
        }
        assert_eq!(get(&address, "/healthz").0, 200);
    }
    assert!(!running.said.contains("cannot be listened on"), "{}", running.said);

    // A port that is taken is told, and citizens are answered all the same; a reload opens another one.
    let other = free_address();
    zone.file(&format!("{}[health]\nlisten = \"{other}\"\n", zone.sound("observe")));
    running.signal("HUP");
    running.says("configuration read again");
    while TcpStream::connect(&other).is_err() {
        zone.runtime.block_on(Clock::system().sleep(Duration::from_millis(50)));
    }
    assert_eq!(get(&other, "/healthz").0, 200);
    assert!(TcpStream::connect(&address).is_err(), "the old one is closed");
    let _taken = TcpListener::bind(&address).unwrap();
    zone.file(&format!("{}[health]\nlisten = \"{address}\"\n", zone.sound("observe")));
    running.signal("HUP");
    running.says("the address of [health] cannot be listened on");
    zone.sandbox.say(Say::new(Feed::XMentions, "marie", "On se bat devant chez moi")).unwrap();
    running.says("observe mode: would have replied");
}

#[test]
fn a_port_for_everybody_is_a_mistake() {
    let zone = Zone::new();
    for (value, words) in
        [("0.0.0.0:9101", "must be an address of this machine alone"), ("9101", "must be an address with a port")]
    {
        zone.file(&format!("{}[health]\nlisten = \"{value}\"\n", zone.sound("observe")));
        zone.asks(&["check", "--zone", "exemple"]).with(78, &[words, "127.0.0.1:9101"]);
    }
}

#[test]
fn somebody_else_hears_that_the_zone_lives() {
    let zone = Zone::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    zone.file(&format!("{}[health]\nping = \"http://{address}/ping/1\"\n", zone.sound("observe")));
    let _running = zone.runs();
    let (mut stream, _) = listener.accept().unwrap();
    let mut asked = [0; 4096];
    let read = stream.read(&mut asked).unwrap();
    let asked = String::from_utf8_lossy(&asked[..read]).to_ascii_lowercase();
    assert!(asked.starts_with("get /ping/1 http/1.1\r\n"), "{asked}");
    assert!(!asked.contains("authorization") && !asked.contains("exemple"), "{asked}");
    zone.file(&format!("{}[health]\nping = \"http://example.org/ping/1\"\n", zone.sound("observe")));
    let checked = zone.asks(&["check", "--zone", "exemple"]);
    checked.with(78, &["`ping` of [health] would be called unprotected", "https://example.org/ping/1"]);
}
