//! `formez101 preview`: every text as it would appear, where, how long, and where it comes from.

use std::{fmt::Write as _, path::Path};

use super::{
    Exit, check,
    texts::{self, Shown},
};
use crate::{
    config::{self, Report, Zone, text_path},
    model::Feed,
    reply,
};

/// Prints every text of a zone or of all of them, or every mistake in the files.
pub fn preview(dir: &Path, zone: Option<&str>) -> Exit {
    match run(dir, zone, &super::environment(), check::EXAMPLE_TIME) {
        Ok(text) => {
            super::tell(&text);
            Exit::Well
        }
        Err(report) => check::refuse(&report),
    }
}

/// Reads one zone, or all of them, and shows their texts; `time` (`HH:MM:SS`) stands where a text names the time.
///
/// # Errors
/// Every mistake found.
pub fn run(dir: &Path, zone: Option<&str>, environment: &[(String, String)], time: &str) -> Result<String, Report> {
    let loaded = match zone {
        Some(zone) => vec![config::load(dir, zone, environment, &[])?],
        None => config::load_all(dir, environment, &[])?,
    };
    Ok(loaded.iter().map(|loaded| page(&loaded.zone, time)).collect::<Vec<_>>().join("\n"))
}

/// One text with every feed on which it appears in the same words.
struct Text {
    shown: Shown,
    feeds: Vec<Feed>,
}

/// Every text of a zone, each once.
fn page(zone: &Zone, time: &str) -> String {
    let names: Vec<&str> =
        zone.languages.iter().filter_map(|language| zone.facts.names.get(language)).map(String::as_str).collect();
    let mut texts: Vec<Text> = Vec::new();
    for feed in zone.places() {
        for shown in texts::shown(zone, feed, time) {
            let same = |text: &&mut Text| {
                let known = &text.shown;
                (&known.choice, known.kinds(), &known.text, &known.sources)
                    == (&shown.choice, shown.kinds(), &shown.text, &shown.sources)
            };
            match texts.iter_mut().find(same) {
                Some(text) => text.feeds.push(feed),
                None => texts.push(Text { shown, feeds: vec![feed] }),
            }
        }
    }
    // The languages in their order, and within one the standard text before the others, whatever the feed.
    let languages = |text: &Text| {
        let place = |language| zone.languages.iter().position(|served| *served == language);
        let chosen = text.shown.choice.as_slice();
        (chosen.len(), chosen.first().and_then(|language| place(*language)), text.shown.kinds())
    };
    texts.sort_by_key(languages);
    let mut page = format!("Zone {}: {}\n", zone.id, names.join(" / "));
    if texts.is_empty() {
        page.push_str("\n  nothing is posted in this zone\n");
    }
    for text in &texts {
        describe(&mut page, text);
    }
    page
}

fn describe(page: &mut String, Text { shown, feeds }: &Text) {
    let kinds = shown.kinds();
    let what = if kinds.is_empty() { "standard".to_owned() } else { kinds.join(", ") };
    let _ = writeln!(page, "\n  {}, {what} ({})", shown.choice, sources(shown));
    match &shown.text {
        Ok(text) => {
            for line in text.lines() {
                let _ = writeln!(page, "{}", format!("    {line}").trim_end());
            }
            let lengths: Vec<String> = feeds
                .iter()
                .map(|feed| {
                    let length = reply::measure(*feed, text);
                    format!("{feed} {} of {}", length.used, length.limit)
                })
                .collect();
            let _ = writeln!(page, "    -> {}", lengths.join("; "));
        }
        Err(error) => {
            let _ = writeln!(page, "    no text: {error}");
        }
    }
}

/// Where a text comes from, said once where it is the same for all its languages.
fn sources(shown: &Shown) -> String {
    let mut sources: Vec<String> = shown
        .sources
        .iter()
        .map(|(_, own)| own.map_or_else(|| "built in".to_owned(), |key| format!("`{}`", text_path(key))))
        .collect();
    sources.dedup();
    sources.join(" + ")
}
