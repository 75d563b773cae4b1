//! What is wrong, where, and what to write instead; and all of it at once.

use std::{fmt, sync::Arc};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, renderer::DecorStyle};

use super::{
    place::{Origin, Place},
    secrets,
};

/// One mistake, told so that the person who wrote the file can mend it.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, in one sentence without a full stop.
    pub problem: String,
    /// A few words beside the underline.
    pub label: Option<String>,
    /// A second place that belongs to it, with a few words beside its underline.
    pub also: Option<Box<(Place, String)>>,
    /// What to write instead.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn new(place: Place, problem: impl Into<String>) -> Self {
        Self { place, problem: problem.into(), label: None, also: None, help: Vec::new() }
    }

    /// Adds words beside the underline.
    #[must_use]
    pub fn label(mut self, words: impl Into<String>) -> Self {
        self.label = Some(words.into());
        self
    }

    /// Underlines a second place of the same file; a place elsewhere is named in words.
    #[must_use]
    pub fn also(mut self, place: Place, words: impl Into<String>) -> Self {
        self.also = Some(Box::new((place, words.into())));
        self
    }

    /// Adds a line that says what to write instead.
    #[must_use]
    pub fn help(mut self, words: impl Into<String>) -> Self {
        self.help.push(words.into());
        self
    }

    /// Two diagnostics that a reader could not tell apart.
    fn same_as(&self, other: &Self) -> bool {
        self.place.origin.name == other.place.origin.name
            && self.place.origin.text == other.place.origin.text
            && self.place.span == other.place.span
            && self.problem == other.problem
    }

    fn render(&self, renderer: &Renderer) -> String {
        let (line, column) = self.place.line_and_column();
        let origin = &self.place.origin;
        let title = Level::ERROR.primary_title(format!("{}:{line}:{column}: {}", origin.name, self.problem));
        let mut help = self.help.clone();
        let mut group = if origin.text.is_empty() {
            Group::with_title(title)
        } else {
            let mut here = AnnotationKind::Primary.span(self.place.span.clone());
            if let Some(label) = &self.label {
                here = here.label(label);
            }
            let mut snippet = Snippet::source(secrets::masked(&origin.text)).annotation(here);
            match self.also.as_deref() {
                Some((place, words)) if place.origin.name == origin.name => {
                    snippet = snippet.annotation(AnnotationKind::Context.span(place.span.clone()).label(words));
                }
                Some((place, words)) => {
                    let (line, column) = place.line_and_column();
                    help.insert(0, format!("{words}: {}:{line}:{column}", place.origin.name));
                }
                None => {}
            }
            title.element(snippet)
        };
        for words in help {
            group = group.element(Level::HELP.message(words));
        }
        renderer.render(&[group])
    }
}

/// Every mistake found in one run, in the order of the files and of their lines.
#[derive(Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// One mistake alone.
    pub fn one(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }

    /// Sorts by file in order of first mention, then by line; each variable of the environment is a file of its own.
    pub fn new(mut diagnostics: Vec<Diagnostic>) -> Self {
        let mut files: Vec<Arc<Origin>> = Vec::new();
        for diagnostic in &diagnostics {
            let origin = &diagnostic.place.origin;
            if !files.iter().any(|file| Arc::ptr_eq(file, origin)) {
                files.push(Arc::clone(origin));
            }
        }
        let rank = |place: &Place| files.iter().position(|file| Arc::ptr_eq(file, &place.origin));
        diagnostics.sort_by_key(|diagnostic| (rank(&diagnostic.place), diagnostic.place.span.start));
        let mut report = Self::default();
        report.extend(diagnostics);
        report
    }

    /// The mistakes.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Takes in more, leaving out what is told already (two zones share the administrator's file).
    pub fn extend(&mut self, more: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in more {
            if !self.diagnostics.iter().any(|known| known.same_as(&diagnostic)) {
                self.diagnostics.push(diagnostic);
            }
        }
    }

    /// Takes in another report.
    pub fn absorb(&mut self, other: Self) {
        self.extend(other.diagnostics);
    }

    /// The report for people: each mistake underlined in its file, then how many there are.
    ///
    /// Values of keys that look like a secret are masked.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
        let mut text = String::new();
        for diagnostic in &self.diagnostics {
            text.push_str(&diagnostic.render(&renderer));
            text.push_str("\n\n");
        }
        let count = self.diagnostics.len();
        let end = if count == 1 { " mistake found.\n" } else { " mistakes found.\n" };
        text + &count.to_string() + end
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}
