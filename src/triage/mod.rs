//! What a message is: its language, and one day its urgency and its kind.
//!
//! Pure and total: any text, even an empty or a broken one, has a verdict.

mod cues;
mod language;

pub use language::languages;

use crate::model::{Kind, Language, Verdict};

/// What triage says of a message that was sent to a zone serving these languages, in legal order.
///
/// Urgency and kind are not judged yet: every message counts as not urgent and of no kind, and gets the standard text.
pub fn verdict(text: &str, served: &[Language], bilingual: bool) -> Verdict {
    Verdict { languages: languages(text, served, bilingual), urgent: false, kind: Kind::None }
}
