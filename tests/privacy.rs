//! No word, name, handle or id of a citizen and no token is ever found in the log or in the state folder.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    io::{Read as _, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::{Path, PathBuf},
};

use formez101::sandbox::{By, Colleague, Fault, FaultKind, Feed, Platform, Say, Setup};
use stage::{FEEDS, Stage, name, paths};

/// Tokens that stand nowhere else in the world.
fn setup() -> Setup {
    Setup {
        facebook_token: "EAAGeheimPaginaTokenZebrafink0001".to_owned(),
        x_token: "GeheimXTokenZebrafink0002".to_owned(),
        ..Setup::default()
    }
}

/// Something that must not be found, and what it is.
struct Needle {
    what: String,
    bytes: Vec<u8>,
}

/// Everything about citizens and tokens in this world, as it stands now.
fn needles(stage: &Stage) -> Vec<Needle> {
    let mut all = Vec::new();
    let mut add = |what: &str, text: &str| {
        // Shorter pieces would be found by chance in a file of random bytes.
        assert!(text.len() >= 8, "{what} '{text}' is too short to be looked for");
        all.push(Needle { what: format!("{what}: {text}"), bytes: text.to_ascii_lowercase().into_bytes() });
    };
    let setup = setup();
    add("token", &setup.facebook_token);
    add("token", &setup.x_token);
    let world = stage.sandbox.snapshot();
    for citizen in world["citizens"].as_array().expect("a list") {
        for key in ["name", "handle", "psid", "x_id"] {
            add(key, citizen[key].as_str().expect("a text"));
        }
        // A name can be logged in parts.
        for part in citizen["name"].as_str().expect("a text").split(' ').filter(|part| part.len() >= 8) {
            add("part of a name", part);
        }
    }
    for message in stage.sandbox.all_messages() {
        add("message id", &message.id);
        add("thread id", &message.thread_id);
        if matches!(message.by, By::Citizen | By::Colleague) {
            add("text", &message.text);
            for word in message.text.split(' ').filter(|word| word.contains("zebrafink")) {
                add("word", word);
            }
        }
    }
    all
}

/// The needles that stand in one of these files, with the file.
fn found(needles: &[Needle], files: &[PathBuf]) -> Vec<String> {
    // Every needle has at least eight bytes, so one look at each place of a file is enough to rule most out.
    let mut by_head: HashMap<&[u8], Vec<&Needle>> = HashMap::new();
    for needle in needles {
        by_head.entry(&needle.bytes[..8]).or_default().push(needle);
    }
    let mut found = BTreeSet::new();
    for file in files {
        // A file of the ledger may be gone between listing and reading it.
        let Ok(bytes) = fs::read(file) else { continue };
        let hay = bytes.to_ascii_lowercase();
        for (place, head) in hay.windows(8).enumerate() {
            for needle in by_head.get(head).into_iter().flatten() {
                if hay[place..].starts_with(&needle.bytes) {
                    found.insert(format!("{} in {}", needle.what, file.file_name().expect("a name").display()));
                }
            }
        }
    }
    found.into_iter().collect()
}

/// The files that the program writes, and what it shows of itself, as one file more.
fn files(stage: &Stage) -> Vec<PathBuf> {
    let mut files = vec![stage.output()];
    walk(&stage.state(), &mut files);
    files.retain(|file| file.file_name().is_none_or(|name| name != "status.sock"));
    let shown = stage.output().with_extension("shown");
    fs::write(&shown, shown_by(&stage.state().join("status.sock"))).expect("written");
    files.push(shown);
    files
}

/// Every page of a running service; nothing of one that does not run.
fn shown_by(socket: &Path) -> String {
    let page = |path: &str| {
        let mut stream = UnixStream::connect(socket).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    };
    ["/status", "/metrics", "/healthz", "/readyz", "/"].into_iter().filter_map(page).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

#[track_caller]
fn expect_nothing(stage: &Stage, when: &str) {
    let found = found(&needles(stage), &files(stage));
    assert!(found.is_empty(), "{when}: {found:#?}");
}

#[track_caller]
fn expect_private_modes(stage: &Stage) {
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(format!("{:o}", mode(&stage.state())), "700");
    let mut files = Vec::new();
    walk(&stage.state(), &mut files);
    assert!(files.len() >= 3, "lock, key and ledger: {files:?}");
    for file in files {
        assert_eq!(format!("{:o}", mode(&file)), "600", "{}", file.display());
    }
}

/// One citizen on each feed, each with words of his own.
fn everybody_writes(stage: &Stage, group: &str) {
    for feed in FEEDS {
        let person = format!("{group}zebrafink {}", name(feed).replace('.', ""));
        let text = format!("Er staat iemand aan mijn deur, woord-zebrafink-{group}-{}", name(feed).replace('.', "-"));
        stage.say(feed, &person, &text);
    }
}

/// What the platforms say when they repeat what they were sent.
fn echo(platform: Platform) -> FaultKind {
    let words =
        "u schreef: woord-zebrafink-echo, met token EAAGeheimPaginaTokenZebrafink0001 GeheimXTokenZebrafink0002";
    FaultKind::Error {
        code: 100,
        subcode: None,
        message: Some(words.to_owned()),
        status: Some(if platform == Platform::X { 403 } else { 400 }),
        title: Some(words.to_owned()),
        problem: None,
        processed: false,
    }
}

/// A night on which much goes well and much goes wrong, searched while it lasts and afterwards.
async fn night(log_level: &'static str) {
    let mut stage = Stage::with(setup()).await;
    stage.log_level = log_level;
    stage.start();
    stage.read_again().await;
    expect_private_modes(&stage);

    everybody_writes(&stage, "gewoon");
    stage.until("the first are answered", |stage| stage.posted().len() == 4).await;
    expect_nothing(&stage, "after ordinary answers");
    let shown = shown_by(&stage.state().join("status.sock"));
    assert!(shown.contains("formez101_messages_total{"), "the search sees what is shown: {shown}");

    // Every post and one read in two meets an error that repeats text and token, or a loss.
    for feed in FEEDS {
        let (platform, path, piece) = paths(feed);
        stage.sandbox.fault(Fault::new(echo(platform)).on(platform, "POST", path));
        stage.sandbox.fault(Fault::new(FaultKind::ResetAfter).on(platform, "POST", path));
        stage.sandbox.fault(Fault::new(FaultKind::Truncate).on(platform, "GET", piece));
        stage.sandbox.fault(Fault::new(echo(platform)).on(platform, "GET", piece));
    }
    everybody_writes(&stage, "geweigerd");
    stage.until("the platforms refuse", |stage| stage.lines(&["outcome=\"refused\""]).len() == 4).await;
    everybody_writes(&stage, "verloren");
    stage.until("four results are unknown", |stage| stage.lines(&["result of a post is unknown"]).len() == 4).await;
    expect_nothing(&stage, "while replies are under way");
    expect_private_modes(&stage);
    stage.kill();
    expect_nothing(&stage, "after a kill, with open replies in the ledger");

    // While nobody listens: a colleague helps one, and one more writes.
    let helped = stage.say(Feed::FacebookInbox, "Geholpenzebrafink", "Dank u, woord-zebrafink-geholpen");
    let answer = Colleague::to(Feed::FacebookInbox, &helped.message_id, "Wij komen, collega-zebrafink");
    stage.sandbox.colleague(&answer).expect("written");
    let bystanders =
        Say::new(Feed::XMentions, "Getuigezebrafink", "@PZVoorbeeld @gewoonzebrafi hier is het, woord-zebrafink-x");
    stage.sandbox.say(bystanders).expect("written");
    stage.sandbox.set(&serde_json::json!({"facebook_token": "nobodys-token"})).expect("set");
    stage.start();
    stage.until("the dead token is named", |stage| !stage.lines(&["login needed"]).is_empty()).await;
    stage.sandbox.set(&serde_json::json!({"facebook_token": setup().facebook_token})).expect("set");
    stage.ended(14).await;
    expect_nothing(&stage, "when everything has ended, still running");
    expect_private_modes(&stage);
    let (status, _) = stage.stop().await;
    assert!(status.success());
    expect_nothing(&stage, "after the stop");
    expect_private_modes(&stage);
    stage.expect_no_panic();
    assert!(stage.lines(&["decision="]).len() >= 14, "the log does say what was done");

    // The search itself: what is planted is found, wherever it stands.
    let planted = needles(&stage);
    assert!(planted.len() > 60, "{} needles", planted.len());
    let ledger = stage.state().join("ledger.sqlite");
    for file in [stage.output(), ledger, stage.state().join("forgotten")] {
        let mut bytes = fs::read(&file).unwrap_or_default();
        for needle in &planted {
            bytes.extend(b"\x00more before ");
            bytes.extend(needle.bytes.to_ascii_uppercase());
            bytes.extend(b" and after");
        }
        fs::write(&file, bytes).expect("written");
        let seen = found(&planted, std::slice::from_ref(&file));
        for needle in &planted {
            assert!(seen.iter().any(|one| one.starts_with(&needle.what)), "{} is not found", needle.what);
        }
    }
}

#[tokio::test]
async fn nothing_of_a_citizen_and_no_token_is_kept_or_logged() {
    night("info").await;
}

#[tokio::test]
async fn nor_at_the_most_talkative_level() {
    night("debug").await;
}
