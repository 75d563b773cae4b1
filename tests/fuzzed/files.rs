//! Files that somebody wrote by hand, or that a disk has damaged.

use std::fs;

use formez101::{
    auth::Vault,
    cli::check,
    config::{Report, load},
};
use secrecy::ExposeSecret as _;

/// A zone's file: every mistake stands at a place that is there, and what is in order can be described.
pub fn config(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("zones")).unwrap();
    fs::write(folder.path().join("zones/exemple.toml"), bytes).unwrap();
    match load(folder.path(), "exemple", &[], &[]) {
        Ok(loaded) => {
            assert!(!loaded.zone.languages.is_empty(), "a zone that serves no language");
            assert!(!check::describe(&loaded.zone, ("23:05:12", jiff::Timestamp::UNIX_EPOCH)).is_empty());
        }
        Err(report) => told(&report),
    }
}

fn told(report: &Report) {
    assert!(!report.is_empty(), "refused without a reason");
    for diagnostic in report.diagnostics() {
        let mut places = vec![&diagnostic.place];
        places.extend(diagnostic.also.iter().map(|also| &also.0));
        for place in places {
            let text = &place.origin.text;
            assert!(text.get(place.span.clone()).is_some(), "{:?} is not a place: {}", place.span, diagnostic.problem);
            let (line, column) = place.line_and_column();
            assert!(line >= 1 && column >= 1);
        }
    }
    assert!(!report.render(false).is_empty() && !report.render(true).is_empty());
}

/// A login on the disk: read or refused, and a refusal quotes nothing of it.
pub fn vault(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.tokens"), bytes).unwrap();
    let vault = Vault::new(folder.path(), "x", "ZPExemple", Some("origin".to_owned().into()));
    match vault.read() {
        Ok(None) => {}
        Ok(Some(grant)) => {
            let shown = format!("{grant:?}");
            let access = grant.access.expose_secret();
            assert!(access.len() < 12 || !shown.contains(access), "a token is shown");
        }
        Err(error) => assert_eq!(error.to_string(), "the vault is damaged"),
    }
}
