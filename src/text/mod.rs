//! Properties of any text, whoever wrote it: where links are, and which characters are none.

mod links;

pub use links::links;

/// Whether X refuses a text because of this character: byte order marks and what is not a character.
pub const fn is_forbidden(character: char) -> bool {
    matches!(character, '\u{FFFE}' | '\u{FEFF}' | '\u{FFFF}')
}

/// Marks that only turn the direction of writing.
pub const fn is_directional(character: char) -> bool {
    matches!(character, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
