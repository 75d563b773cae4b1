//! The labelled messages: made up for this project, split once before anything was tuned.

use std::{fs, path::Path};

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

/// The messages of some files.
pub fn read(files: &[&str]) -> Vec<Labelled> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/triage");
    files
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            text.lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}: {line}")))
                .collect::<Vec<Labelled>>()
        })
        .collect()
}
