//! The labelled messages: made up for this project, split once before anything was tuned. One file a source: its author and task.

use std::{fs, path::PathBuf};

/// One labelled message.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Labelled {
    /// The language that carries it; `other` for none of the four.
    pub lang: String,
    pub text: String,
    pub urgent: bool,
    pub kind: String,
    /// Why it is hard, if it is.
    #[serde(default)]
    pub note: String,
}

fn folder(part: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/triage").join(part)
}

/// The sources of a part (`tune` or `test`) whose names are chosen, each with its messages, in the order of their names.
pub fn sources(part: &str, chosen: impl Fn(&str) -> bool) -> Vec<(String, Vec<Labelled>)> {
    let folder = folder(part);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let names =
        files.filter_map(|file| file.ok()?.file_name().into_string().ok()?.strip_suffix(".jsonl").map(str::to_owned));
    let mut names: Vec<String> = names.filter(|name| chosen(name)).collect();
    names.sort_unstable();
    names.into_iter().map(|name| (name.clone(), read(&format!("{part}/{name}.jsonl")))).collect()
}

/// The messages of these sources together.
pub fn messages(part: &str, chosen: impl Fn(&str) -> bool) -> Vec<Labelled> {
    sources(part, chosen).into_iter().flat_map(|(_, messages)| messages).collect()
}

/// The messages of a file.
pub fn read(file: &str) -> Vec<Labelled> {
    let text = fs::read_to_string(folder(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}: {line}")))
        .collect()
}

/// Two sources of which no message was used for tuning, and that were judged once, when all was settled: messages in the mix of the
/// development set, and plain news and chatter.
pub const LAST: (&str, &str) = ("last", "last-chatter");

/// Written to be hard by earlier authors: pleas without a keyword, jokes with every keyword.
pub fn is_hard(name: &str) -> bool {
    matches!(name, "fr" | "nl" | "deen" | "fr-more" | "hints")
}

/// About self-harm and what sounds like it.
pub fn is_self_harm(name: &str) -> bool {
    name == "sh" || name.starts_with("sh-")
}

/// News and small talk, no messages to the police at all.
pub fn is_chatter(name: &str) -> bool {
    name == "chatter" || name.starts_with("chat-") || name == LAST.1
}

/// Written as citizens ordinarily write.
pub fn is_ordinary(name: &str) -> bool {
    !is_hard(name) && !is_self_harm(name) && !is_chatter(name)
}
