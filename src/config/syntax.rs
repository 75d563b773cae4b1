//! What the TOML parser found, in words for someone who has never heard of TOML.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    diagnostic::Diagnostic,
    place::{Origin, Place},
};

/// Beginnings of the parser's messages, what they mean, and what to write.
const WORDS: &[(&str, &str, &str)] = &[
    ("duplicate key", "this is given twice", "keep one of the two"),
    ("string values must be quoted", "text must stand in quotes", "write `\"` before and after it"),
    ("key with no value", "a key without a value", "write `key = value`"),
    ("missing value", "the value is missing", "write it after the `=`, or remove the line"),
    ("missing assignment", "the `=` is missing", "write `key = value`"),
    ("extra `=`", "one `=` too many", "write `key = value`; text with an `=` stands in quotes"),
    ("extra assignment", "one `=` too many", "write `key = value`; text with an `=` stands in quotes"),
    ("unclosed array table", "the closing `]]` is missing", "write `]]` at the end of the line"),
    ("unclosed table", "the closing `]` is missing", "write `]` at the end of the line"),
    ("unclosed array", "the closing `]` of the list is missing", "write `]` after the last item"),
    ("unclosed inline table", "the closing `}` is missing", "write `}` after the last value"),
    ("missing comma", "a comma is missing", "write `,` between the two"),
    ("extra comma", "one comma too many", "remove it"),
    ("unexpected key or value", "this cannot stand here", "write one `key = value` per line"),
    ("invalid unquoted key", "a key cannot hold this character", "use the letters a to z, digits, `_` and `-`"),
    (
        "invalid basic string",
        "the closing quote is missing",
        "write `\"` at the end of the text, on the same line; text over several lines stands between `\"\"\"` and `\"\"\"`",
    ),
    ("invalid literal string", "the closing quote is missing", "write `'` at the end of the text, on the same line"),
    ("missing escaped value", "a `\\` stands alone", "write `\\\\` for a backslash"),
    ("cannot extend", "this is already something other than a table", "give it once, in one form"),
    ("unexpected leading zero", "a number cannot begin with 0", "remove the leading 0, or write the number in quotes"),
];

/// One diagnostic for each line that does not parse; the first mistake of a line explains the others.
pub fn explain(origin: &Arc<Origin>, errors: Vec<toml::de::Error>) -> Vec<Diagnostic> {
    let mut lines = BTreeSet::new();
    errors
        .into_iter()
        .map(|error| in_plain_words(origin, &error))
        .filter(|diagnostic| lines.insert(diagnostic.place.line_and_column().0))
        .collect()
}

fn in_plain_words(origin: &Arc<Origin>, error: &toml::de::Error) -> Diagnostic {
    let place = Place::new(origin, error.span().unwrap_or(0..0));
    match WORDS.iter().find(|(beginning, ..)| error.message().starts_with(beginning)) {
        Some((_, problem, help)) => Diagnostic::new(place, *problem).help(*help),
        None => Diagnostic::new(place, format!("this line is not valid TOML: {}", error.message()))
            .help("write one `key = value` per line; text stands in quotes"),
    }
}
