//! Where something stands: a file (or the environment), and bytes in it.

use std::{ops::Range, sync::Arc};

/// Something that settings were read from, with its text as it was read.
#[derive(Debug)]
pub struct Origin {
    /// The path as given by the administrator, or the word `environment`.
    pub name: String,
    /// The whole text; empty when it could not be read.
    pub text: String,
}

impl Origin {
    /// A text and what to call it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }
}

/// A stretch of bytes in an origin.
#[derive(Debug, Clone)]
pub struct Place {
    /// What it stands in.
    pub origin: Arc<Origin>,
    /// Its bytes in the text; may be empty.
    pub span: Range<usize>,
}

impl Place {
    /// These bytes of this origin, widened to whole characters and cut to what the text has.
    pub fn new(origin: &Arc<Origin>, span: Range<usize>) -> Self {
        let span =
            origin.text.floor_char_boundary(span.start)..origin.text.ceil_char_boundary(span.end.max(span.start));
        Self { origin: Arc::clone(origin), span }
    }

    /// The first line, for what is missing as a whole.
    pub fn first_line(origin: &Arc<Origin>) -> Self {
        let end = origin.text.lines().next().map_or(0, str::len);
        Self::new(origin, 0..end)
    }

    /// What stands there.
    pub fn written(&self) -> &str {
        self.origin.text.get(self.span.clone()).unwrap_or_default()
    }

    /// Line and column, both from 1; the column counts characters.
    pub fn line_and_column(&self) -> (usize, usize) {
        let text = &self.origin.text;
        let before = text.get(..self.span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}
