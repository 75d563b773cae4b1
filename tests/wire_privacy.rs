//! No words kept, no secret shown: log and state folder are searched for everything that must not be there.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use std::{fs, os::unix::fs::PermissionsExt as _};

use formez101::sandbox::Setup;
use stage::{FEEDS, Stage, files};

/// Where a needle is found.
fn found(haystacks: &[(String, Vec<u8>)], needle: &str) -> Vec<String> {
    let hit = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
    haystacks.iter().filter(|(_, bytes)| hit(bytes)).map(|(name, _)| format!("{needle:?} stands in {name}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_log_nor_ledger_holds_words_names_ids_or_tokens() {
    let setup = Setup {
        facebook_token: "SECRETpage0123456789".into(),
        x_token: "SECRETx0123456789".into(),
        ..Setup::default()
    };
    let mut stage = Stage::set(setup).await;
    stage.talkative();
    stage.open().await;
    let mut messages = Vec::new();
    for number in 0..16 {
        let text = format!("Bonsoir, on crie chez Zanzibarovitch{number}, cinquième étage");
        messages.push(stage.says(FEEDS[number % 4], &format!("qwertzuiop{number}"), &text));
    }
    stage.expect_one_reply_each(&messages).await;
    let folder = stage.state();
    let running: Vec<_> = files(&folder).into_iter().map(|(path, bytes)| (path.display().to_string(), bytes)).collect();
    assert_eq!(stage.terminate(), Some(0));
    let stopped = files(&folder).into_iter().map(|(path, bytes)| (format!("{} (stopped)", path.display()), bytes));
    let mut haystacks: Vec<_> = running.into_iter().chain(stopped).collect();
    haystacks.push(("the log".into(), stage.log().into_bytes()));

    // The search itself can find: the log names the feeds, the ledger its tables.
    assert!(!found(&haystacks, "facebook.inbox").is_empty());
    let mut needles = vec![
        "SECRET".to_owned(),
        "Zanzibarovitch".into(),
        "cinquième étage".into(),
        "qwertzuiop".into(),
        "Bonsoir".into(),
    ];
    for message in &messages {
        needles.extend([message.message_id.clone(), message.author_id.clone()]);
    }
    let hits: Vec<_> = needles.iter().flat_map(|needle| found(&haystacks, needle)).collect();
    assert_eq!(hits, Vec::<String>::new());

    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for (path, _) in files(&folder) {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
}
