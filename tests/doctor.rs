//! What `doctor` names: one seeded fault a test, and what to do about it.

#![allow(clippy::unwrap_used, reason = "in a test, a failed `unwrap` is the failure that it reports")]

mod process;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
};

use formez101::{
    ledger::StateFolder,
    sandbox::{Fault, FaultKind, Platform},
};
use process::{Ended, Zone, program};
use serde_json::json;

/// Asks the doctor.
fn doctor(zone: &Zone) -> Ended {
    zone.asks(&["doctor", "--zone", "exemple"])
}

/// A zone with a fault: the doctor names it in these words, and nothing else is at fault.
#[track_caller]
fn names(told: &Ended, fault: &str, advice: &str) {
    assert_eq!(told.code, Some(1), "{}{}", told.out, told.err);
    let lines: Vec<&str> = told.out.lines().collect();
    let faults: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("  FAULT")).collect();
    let named = faults.iter().find(|at| lines[**at].contains(fault)).copied();
    let Some(at) = named else { panic!("{fault:?} is not named:\n{}", told.out) };
    assert!(lines[at + 1].starts_with("        -> ") && lines[at + 1].contains(advice), "{}", told.out);
    assert_eq!(faults.len(), 1, "it names more:\n{}", told.out);
    assert!(!told.out.contains("sandbox-page-token") && !told.out.contains("sandbox-x-token"), "{}", told.out);
}

/// The zone's file with one of its lines changed.
fn change(zone: &Zone, from: &str, to: &str) {
    let text = zone.sound("observe");
    assert!(text.contains(from), "{text}");
    zone.file(&text.replacen(from, to, 1));
}

fn fault(zone: &Zone, kind: FaultKind, platform: Platform, path: &str) {
    zone.sandbox.fault(Fault::new(kind).on(platform, "GET", path).times(1000));
}

fn graph(code: i64, subcode: Option<i64>) -> FaultKind {
    FaultKind::Error { code, subcode, message: None, status: None, title: None, problem: None, processed: false }
}

#[test]
fn a_zone_that_lacks_nothing_is_well_before_its_first_start_and_while_it_runs() {
    let zone = Zone::new();
    let told = doctor(&zone);
    told.with(0, &[]);
    for words in [
        "state folder: ",
        "is not there yet: the first start makes it",
        "facebook: the token is good",
        "x.inbox: can be read",
        "service: it does not run",
    ] {
        assert!(told.out.contains(words), "{words:?} is not in:\n{}", told.out);
    }
    assert!(!zone.path("state").exists(), "it has made nothing");
    let _running = zone.runs();
    let told = doctor(&zone);
    told.with(0, &[]);
    for words in [
        "ledger: every page of it is in order",
        "hash.key: is a key",
        "service: runs since 20",
        "mode = \"observe\": nothing is posted",
    ] {
        assert!(told.out.contains(words), "{words:?} is not in:\n{}", told.out);
    }
}

#[test]
fn a_mistake_in_the_file() {
    let zone = Zone::new();
    change(&zone, "mode =", "mod =");
    doctor(&zone).with(78, &["did you mean `mode`?"]);
}

#[test]
fn a_token_that_is_not_there() {
    let zone = Zone::new();
    fs::remove_file(zone.path("credentials/x.token")).unwrap();
    names(&doctor(&zone), "x: the credential x.token is missing", "formez101 login x --zone exemple");
}

#[test]
fn a_token_that_is_dead() {
    let zone = Zone::new();
    zone.sandbox.set(&json!({ "facebook_token": "another" })).unwrap();
    names(&doctor(&zone), "facebook: the platform does not take the token", "formez101 login facebook --zone exemple");
}

#[test]
fn a_permission_that_was_not_granted() {
    let zone = Zone::new();
    fault(&zone, graph(200, None), Platform::Facebook, "/tagged");
    names(
        &doctor(&zone),
        "facebook.mentions: the token lacks a permission",
        "grant everything: formez101 login facebook",
    );
}

#[test]
fn a_token_of_another_account() {
    let zone = Zone::new();
    let name = format!("account = \"{}\"", formez101::sandbox::Setup::default().x_username);
    change(&zone, &name, "account = \"ZPAutre\"");
    let told = doctor(&zone);
    assert_eq!(told.code, Some(1), "{}", told.out);
    assert!(told.out.contains("another account"), "{}", told.out);
}

#[test]
fn a_name_that_dns_does_not_know() {
    let zone = Zone::new();
    fs::write(zone.path("config/formez101.toml"), "allow_other_hosts = true\n").unwrap();
    let base = format!("api_base = \"http://{}\"\npoll = \"100ms\"\n[x]", zone.address);
    change(&zone, &base, "api_base = \"https://graph.formez101.invalid\"\n[x]");
    names(&doctor(&zone), "graph.formez101.invalid: its name is not known", "name server");
}

#[test]
fn a_port_that_refuses() {
    let zone = Zone::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    change(&zone, &zone.address, &free);
    names(&doctor(&zone), "127.0.0.1: no connection to port", "firewall");
}

/// A server that says this to every call.
fn says(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut asked = [0; 4096];
            // Who breaks off is not our concern.
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

#[test]
fn a_certificate_that_is_not_trusted() {
    let zone = Zone::new();
    let address = says("HTTP/1.1 400 This is no TLS\r\ncontent-length: 0\r\n\r\n");
    change(&zone, &format!("http://{}", zone.address), &format!("https://{address}"));
    names(&doctor(&zone), "no protected connection comes about", "update-ca-certificates");
}

#[test]
fn a_clock_that_is_wrong() {
    let zone = Zone::new();
    let address = says(
        "HTTP/1.1 404 Not Found\r\ndate: Fri, 20 Nov 2020 22:00:00 GMT\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    change(&zone, &zone.address, &address);
    let told = doctor(&zone);
    assert!(
        told.out.contains("FAULT 127.0.0.1: is reached; this machine's clock and its clock differ by "),
        "{}",
        told.out
    );
    assert!(told.out.contains("-> set the clock right: timedatectl"), "{}", told.out);
}

#[test]
fn a_proxy_that_is_not_there() {
    let zone = Zone::new();
    let mut command = program(&["doctor", "--zone", "exemple"]);
    for folder in ["config", "state", "credentials"] {
        command.arg(format!("--{folder}-dir")).arg(zone.path(folder));
    }
    let told = Ended::from(command.env("HTTP_PROXY", "http://127.0.0.1:1").output().unwrap());
    names(&told, "proxy 127.0.0.1: no connection to port 1", "HTTPS_PROXY");
}

#[test]
fn a_platform_that_is_down() {
    let zone = Zone::new();
    fault(&zone, FaultKind::Status { status: 503, html: true, processed: false, body: None }, Platform::X, "/mentions");
    names(&doctor(&zone), "x.mentions: the platform does not answer as it should for now", "try again");
}

#[test]
fn a_limit_that_is_used_up() {
    let zone = Zone::new();
    fault(&zone, FaultKind::RateLimit { seconds: 600 }, Platform::X, "/mentions");
    names(&doctor(&zone), "x.mentions: the platform has had enough calls for now", "wait until 20");
}

#[test]
fn an_application_that_is_switched_off() {
    let zone = Zone::new();
    fault(
        &zone,
        FaultKind::Status { status: 402, html: false, processed: false, body: None },
        Platform::X,
        "/dm_events",
    );
    names(&doctor(&zone), "x.inbox: the platform refuses this altogether", "developer portal");
}

#[test]
fn a_ledger_that_is_damaged() {
    let zone = Zone::new();
    let file = zone.has_a_ledger();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    fs::write(&file, bytes).unwrap();
    names(&doctor(&zone), "ledger: the ledger cannot be read", "the ledger is set aside");
}

#[test]
fn a_key_that_is_no_key_or_gone() {
    let zone = Zone::new();
    zone.has_a_ledger();
    fs::write(zone.path("state/hash.key"), "short").unwrap();
    names(&doctor(&zone), "hash.key: is no key", "from a back-up");
    fs::remove_file(zone.path("state/hash.key")).unwrap();
    names(&doctor(&zone), "hash.key: the zone's key is gone", "from a back-up");
}

#[test]
fn a_service_that_does_not_say_how_it_is() {
    let zone = Zone::new();
    zone.has_a_ledger();
    let _held = StateFolder::open(&zone.path("state")).unwrap();
    names(&doctor(&zone), "service: it runs and does not say how it is", "systemctl restart formez101@exemple");
}

#[test]
fn a_pause_and_a_feed_that_fails_are_worth_a_look() {
    let zone = Zone::new();
    let mut running = zone.runs();
    zone.asks(&["pause", "--zone", "exemple"]).with(0, &[]);
    zone.sandbox.set(&json!({ "x_token": "another" })).unwrap();
    running.says("cannot be read");
    let told = doctor(&zone);
    for words in ["look  service: the zone is paused", "-> formez101 resume --zone exemple", "look  service: x."] {
        assert!(told.out.contains(words), "{words:?} is not in:\n{}", told.out);
    }
}

#[test]
fn a_credential_that_others_can_read_is_worth_a_look() {
    use std::os::unix::fs::PermissionsExt as _;
    let zone = Zone::new();
    fs::set_permissions(zone.path("credentials"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(zone.path("credentials/x.token"), fs::Permissions::from_mode(0o644)).unwrap();
    let told = doctor(&zone);
    told.with(0, &[]);
    assert!(
        told.out.contains("look  credentials: others than root can read ") && told.out.contains("-> chmod -R go= "),
        "{}",
        told.out
    );
    drop(TcpStream::connect(&zone.address));
}
