//! The strict reading of one file: the parsed document is walked once against the schema, and everything wrong is noted.

use std::{ops::Range, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    diagnostic::Diagnostic,
    layer::Layer,
    leaf::{Reader, type_name},
    place::{Origin, Place},
    schema::{self, Key, Leaf, Shape, joined},
    secrets,
    suggest::{any_of, nearest},
    syntax,
};
use crate::model::Language;

/// Who writes a file, and so what it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The administrator: `formez101.toml`.
    Administrator,
    /// The comms officer: a zone's file. The environment and overrides may hold no more than that.
    Officer,
}

/// Reads a whole text; whatever is sound goes into the layer, whatever is not into the diagnostics.
pub fn read(origin: &Arc<Origin>, author: Author) -> (Layer, Vec<Diagnostic>) {
    let parsable = syntax::recover(origin);
    let mut walk = Walk::new(origin, author);
    walk.layer.torn = !parsable.found.is_empty();
    for part in &parsable.parts {
        let (document, _) = DeTable::parse_recoverable(&part.text);
        if let Some(keys) = schema::table_at(&part.table) {
            walk.table(&part.table, keys, document.get_ref());
        }
    }
    // What the parser made of a line that does not parse is not judged.
    walk.found.retain(|diagnostic| !parsable.lines.contains(&diagnostic.place.line_and_column().0));
    walk.found.extend(parsable.found);
    (walk.layer, walk.found)
}

/// What is carried along while walking a document.
pub struct Walk<'a> {
    origin: &'a Arc<Origin>,
    author: Author,
    /// The sound settings so far.
    pub layer: Layer,
    /// What is wrong so far.
    pub found: Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    /// Nothing read yet.
    pub fn new(origin: &'a Arc<Origin>, author: Author) -> Self {
        Self { origin, author, layer: Layer::default(), found: Vec::new() }
    }

    fn table(&mut self, path: &str, keys: &'static [Key], table: &DeTable<'_>) {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            match schema::find(keys, name.get_ref()) {
                Some(key) => self.entry(path, key, name.span(), value),
                None => self.unknown(path, keys, table, name, value),
            }
        }
    }

    /// One known key.
    pub fn entry(&mut self, path: &str, key: &'static Key, name: Range<usize>, value: &Spanned<DeValue<'_>>) {
        let full = key.means.map_or_else(|| joined(path, key.name), str::to_owned);
        match (key.shape, value.get_ref()) {
            (Shape::Refused(why), _) => {
                self.layer.doubtful.insert(full);
                let problem = format!("`{}` cannot be set here: {why}", key.name);
                self.found.push(Diagnostic::new(self.place(name), problem).help("remove it"));
            }
            (Shape::AdministratorOnly(_, why), _) if self.author != Author::Administrator => {
                let problem = format!("`{}` cannot be set here: {why}", key.name);
                self.found
                    .push(Diagnostic::new(self.place(name), problem).help("remove it, and ask the administrator"));
            }
            (Shape::AdministratorOnly(leaf, _) | Shape::Leaf(leaf), _) => self.leaf(full, key.name, leaf, &name, value),
            (Shape::PerLanguage, DeValue::Table(table)) => {
                self.layer.tables.insert(full.clone(), self.place(name));
                self.table(&full, schema::BY_LANGUAGE, table);
            }
            (Shape::PerLanguage, _) => {
                // One text stands for all languages; a mistake in it is told once.
                let known = self.found.len();
                for language in Language::ALL {
                    self.leaf(joined(&full, language.code()), key.name, Leaf::Text, &name, value);
                    self.found.truncate(known + 1);
                }
            }
            (Shape::Table(keys), DeValue::Table(table)) => {
                self.layer.tables.insert(full.clone(), self.place(name));
                self.table(&full, keys, table);
            }
            (Shape::Table(_), other) => {
                self.layer.doubtful.insert(full.clone());
                let problem = format!("`{}` must be a table, not {}", key.name, type_name(other));
                let help = format!("write `[{full}]` on a line of its own, and its settings below it");
                self.found.push(Diagnostic::new(self.place(name), problem).help(help));
            }
        }
    }

    fn leaf(&mut self, full: String, name: &str, leaf: Leaf, at: &Range<usize>, value: &Spanned<DeValue<'_>>) {
        if let Some((_, first)) = self.layer.values.get(&full) {
            let problem = format!("`{full}` is given in two places of this file");
            let diagnostic = Diagnostic::new(self.place(at.clone()), problem)
                .also(first.clone(), "first here")
                .help("keep one of the two");
            self.found.push(diagnostic);
            return;
        }
        let known = self.found.len();
        let read = Reader { origin: self.origin, key: name, found: &mut self.found }.read(leaf, value);
        if self.found.len() > known {
            self.layer.doubtful.insert(full.clone());
        }
        if let Some(read) = read {
            self.layer.values.insert(full, (read, self.place(value.span())));
        }
    }

    /// A key that the schema does not know here; where the right one can be guessed, reading goes on as if it stood there.
    fn unknown(
        &mut self,
        path: &str,
        keys: &'static [Key],
        table: &DeTable<'_>,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let written = name.get_ref().as_ref();
        let (diagnostic, meant) = stranger(self.place(name.span()), path, keys, written);
        self.found.push(diagnostic);
        self.layer.doubtful.insert(joined(path, written));
        match meant {
            Some(meant) if !table.contains_key(meant.name) => self.entry(path, meant, name.span(), value),
            _ => self.layer.doubtful.extend(schema::homes(written).iter().map(|home| joined(home, written))),
        }
    }

    /// These bytes of the text that is read.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place::new(self.origin, span)
    }
}

/// What to say of an unknown key, and which key was probably meant.
pub fn stranger(place: Place, path: &str, keys: &'static [Key], written: &str) -> (Diagnostic, Option<&'static Key>) {
    let table = if path.is_empty() { "at the top of the file".to_owned() } else { format!("in [{path}]") };
    let diagnostic = Diagnostic::new(place, format!("there is no key `{written}` {table}"));
    if secrets::looks_secret(written) {
        return (diagnostic.help(secrets::ADVICE), None);
    }
    let names = schema::names(keys);
    let known = format!("known here: {}", names.join(", "));
    if let Some(meant) = nearest(written, names.iter().copied()) {
        return (diagnostic.help(format!("did you mean `{meant}`?")), schema::find(keys, meant));
    }
    let homes: Vec<String> = schema::homes(written)
        .into_iter()
        .map(|home| if home.is_empty() { "at the top of the file".to_owned() } else { format!("in [{home}]") })
        .collect();
    if homes.is_empty() {
        return (diagnostic.help(known), None);
    }
    (diagnostic.help(format!("`{written}` belongs {}", any_of(&homes))).help(known), None)
}
