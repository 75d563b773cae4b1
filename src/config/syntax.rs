//! What the TOML parser refuses, in words for someone who has never heard of TOML; and the rest of the file, still to be read.
//!
//! The parser gives up or loses its way after some mistakes. So each line that does not parse is told, blanked out byte for
//! byte, and the text parsed again, until what is left parses: every other line can still be judged, at its own place.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use toml::de::{DeTable, Error};

use super::{
    diagnostic::Diagnostic,
    place::{Origin, Place},
    secrets,
};

/// More mistakes than this are not worth reading at once.
const MOST: usize = 100;

/// What is left of a text when every line that does not parse is told and blanked out.
#[derive(Default)]
pub struct Parsable {
    /// The parts to read, each as long as the original text, so that places stay true.
    pub parts: Vec<Part>,
    /// What was wrong, in the order found.
    pub found: Vec<Diagnostic>,
    /// The lines that were wrong, from 1.
    pub lines: BTreeSet<usize>,
}

/// A text that parses.
pub struct Part {
    /// The table that its keys belong to: empty for a whole file, else the name in a header that did not parse.
    pub table: String,
    /// The text.
    pub text: String,
}

/// Tells every line that does not parse, and keeps the others.
pub fn recover(origin: &Arc<Origin>) -> Parsable {
    let mut so_far = Parsable::default();
    let mut waiting = vec![Part { table: String::new(), text: origin.text.clone() }];
    while let Some(mut part) = waiting.pop() {
        while so_far.found.len() < MOST {
            let (_, errors) = DeTable::parse_recoverable(&part.text);
            let Some(error) = next(&errors, &part.text) else { break };
            let before = part.text.clone();
            waiting.extend(so_far.tell(origin, error, &mut part.text));
            if part.text == before {
                break;
            }
        }
        so_far.parts.push(part);
    }
    so_far
}

/// The next mistake to tell: what is left open explains what comes after it, else the first in the text.
fn next<'a>(errors: &'a [Error], text: &str) -> Option<&'a Error> {
    let open = errors.iter().find(|error| opener(text, error).is_some());
    open.or_else(|| errors.iter().min_by_key(|error| start_of(error)))
}

impl Parsable {
    /// Tells one mistake and blanks it out; what stood below a header that does not parse becomes a part of its own.
    fn tell(&mut self, origin: &Arc<Origin>, error: &Error, text: &mut String) -> Option<Part> {
        let (diagnostic, lost) = match opener(text, error) {
            Some(Opener { at, lost, problem, help }) => {
                (Diagnostic::new(Place::new(origin, at..at + 1), problem).help(help), lost)
            }
            None => (in_plain_words(origin, error), line_around(text, start_of(error))),
        };
        self.found.push(diagnostic);
        self.lines.extend(line_number(text, lost.start)..=line_number(text, lost.end));
        let header = text[lost.clone()].trim();
        let table =
            header.starts_with('[').then(|| header.split('#').next().unwrap_or(header).replace(['[', ']', ' '], ""));
        let section = table.map(|table| {
            let end = text[lost.end..].find("\n[").map_or(text.len(), |next| lost.end + next);
            let mut body = blank(&text[..lost.end]) + &text[lost.end..end];
            body.push_str(&blank(&text[end..]));
            text.replace_range(lost.end..end, &blank(&text[lost.end..end]));
            Part { table, text: body }
        });
        text.replace_range(lost.clone(), &blank(&text[lost]));
        section
    }
}

/// As many bytes, and as many lines, of nothing.
fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

fn start_of(error: &Error) -> usize {
    error.span().map_or(0, |span| span.start)
}

fn line_number(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

/// The bytes of the line at a place, without its end.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    start..end
}

/// The beginning of something that is never closed.
struct Opener {
    at: usize,
    /// How much of the text is lost with it.
    lost: Range<usize>,
    problem: &'static str,
    help: &'static str,
}

/// Where that begins which this error says is never closed.
fn opener(text: &str, error: &Error) -> Option<Opener> {
    let end = start_of(error).min(text.len());
    let message = error.message();
    if message.starts_with("invalid multi-line") {
        let quotes = if message.contains("literal") { "'''" } else { "\"\"\"" };
        let at = text.get(..end)?.rfind(quotes)?;
        let help = "write the same three quotes again after the last line of the text";
        return Some(Opener {
            at,
            lost: line_around(text, at).start..text.len(),
            problem: "this text is never closed",
            help,
        });
    }
    let (open, close, problem, help) = if message.starts_with("unclosed array,") {
        ('[', ']', "this list is never closed", "write `]` after its last item")
    } else if message.starts_with("unclosed inline table") {
        ('{', '}', "this table is never closed", "write `}` after its last value")
    } else {
        return None;
    };
    let lines: Vec<Range<usize>> = lines(text).filter(|line| line.start < end).collect();
    let first = lines.iter().rposition(|line| {
        let value = text[line.clone()].split_once('=').map_or("", |(_, value)| value);
        value.matches(open).count() > value.matches(close).count()
    })?;
    let at = lines[first].start + text[lines[first].clone()].find(open)?;
    // The items on the lines below are lost as well, up to the next key or table.
    let item = |line: &&Range<usize>| {
        !text[(*line).clone()].contains('=') && !text[(*line).clone()].trim_start().starts_with('[')
    };
    let last = lines[first + 1..].iter().take_while(item).last().unwrap_or(&lines[first]);
    Some(Opener { at, lost: lines[first].start..last.end, problem, help })
}

/// Every line's bytes, without its end.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).map(|start| line_around(text, start))
}

/// Beginnings of the parser's messages, what they mean, and what to write.
const WORDS: &[(&str, &str, &str)] = &[
    ("key with no value", "a key without a value", "write `key = value`"),
    ("missing value", "the value is missing", "write it after the `=`, or remove the line"),
    ("missing assignment", "the `=` is missing", "write `key = value`"),
    ("extra `=`", "one `=` too many", "write `key = value`; text with an `=` stands in quotes"),
    ("extra assignment", "one `=` too many", "write `key = value`; text with an `=` stands in quotes"),
    ("unclosed array table", "the closing `]]` is missing", "write `]]` at the end of the line"),
    ("unclosed table", "the closing `]` is missing", "write `]` after the table's name, which holds no blanks"),
    ("missing comma", "a comma is missing", "write `,` between the two"),
    ("extra comma", "one comma too many", "remove it"),
    (
        "unexpected key or value",
        "something stands after the value",
        "write one `key = value` per line; a text with `\"` in it stands between `'` and `'`",
    ),
    ("unquoted keys cannot be empty", "a name is missing", "write the name of the key or of the table"),
    ("invalid unquoted key", "a key cannot hold this character", "use the letters a to z, digits, `_` and `-`"),
    ("invalid basic string", "the closing quote is missing", "write `\"` at the end of the text, on the same line"),
    ("invalid literal string", "the closing quote is missing", "write `'` at the end of the text, on the same line"),
    ("missing escaped value", "a `\\` stands alone", "write `\\\\` for a backslash"),
    (
        "invalid boolean",
        "this is neither true nor false nor a text in quotes",
        "write `true` or `false` in small letters, or put text between `\"` and `\"`",
    ),
    ("cannot extend", "this is something else already", "write all of it in one place"),
    ("unexpected leading zero", "a number cannot begin with 0", "remove the 0, or write the number in quotes"),
];

fn in_plain_words(origin: &Arc<Origin>, error: &Error) -> Diagnostic {
    let place = Place::new(origin, error.span().unwrap_or(0..0));
    let written = place.written().to_owned();
    if error.message().starts_with("duplicate key") {
        return given_twice(place, &written);
    }
    if error.message().starts_with("string values must be quoted") {
        return unquoted(place, &written);
    }
    match WORDS.iter().find(|(beginning, ..)| error.message().starts_with(beginning)) {
        Some((_, problem, help)) => Diagnostic::new(place, *problem).help(*help),
        None => Diagnostic::new(place, format!("this line is not valid TOML: {}", error.message()))
            .help("write one `key = value` per line; text stands in quotes"),
    }
}

fn unquoted(place: Place, written: &str) -> Diagnostic {
    if written.trim().is_empty() {
        return Diagnostic::new(place, "the value is missing").help("write it after the `=`, or remove the line");
    }
    if written.starts_with(['“', '”', '„', '«', '‘', '’']) {
        return Diagnostic::new(place, "these quotes are typographic ones")
            .help("write straight quotes, `\"`, before and after the text");
    }
    let problem = "text must stand in quotes";
    let line = &place.origin.text[line_around(&place.origin.text, place.span.start)];
    if secrets::masked(line) == line {
        return Diagnostic::new(place, problem).help(format!("write `\"{written}\"`"));
    }
    Diagnostic::new(place, problem).help("write `\"` before and after it")
}

/// A key or a table for the second time, with the first one where it can be found above.
fn given_twice(place: Place, written: &str) -> Diagnostic {
    let text = &place.origin.text;
    let here = line_around(text, place.span.start);
    let header = text[here.clone()].trim().starts_with('[');
    let mut first = None;
    let mut at = here.start;
    while at > 0 && first.is_none() {
        let line = line_around(text, at - 1);
        let words = &text[line.clone()];
        let same = if header {
            words.trim() == text[here.clone()].trim()
        } else {
            words.split('=').next().is_some_and(|key| key.trim() == written)
        };
        if same {
            let start = line.start + words.find(written).unwrap_or(0);
            first = Some(Place::new(&place.origin, start..start + written.len()));
        }
        if !header && words.trim_start().starts_with('[') {
            break;
        }
        at = line.start;
    }
    let what = if header { "the table" } else { "the key" };
    let help = if header { "put the settings of both under one of them" } else { "keep one of the two" };
    let diagnostic = Diagnostic::new(place, format!("{what} `{written}` is given twice")).help(help);
    match first {
        Some(first) => diagnostic.also(first, "first here"),
        None => diagnostic,
    }
}
