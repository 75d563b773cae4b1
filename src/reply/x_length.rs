//! How long a text is on X, in the weighted units that X counts in.
//!
//! The rules are those of the public configuration, version 3: a text may weigh 280. Before counting, the text is put in
//! Unicode form C. Then, from the left: a link weighs 23 whatever its length; an emoji weighs 2, however many code points
//! it is made of; letters, digits and common punctuation weigh 1; all else weighs 2, such as `€`, `…` and the narrow
//! no-break space.

mod emoji;

use unicode_normalization::UnicodeNormalization;

use crate::text::{is_forbidden, links};

/// The greatest weight of a post on X.
pub const LIMIT: usize = 280;

/// The weight of a link, whatever its length.
const LINK: usize = 23;

/// The weight of an emoji, however many code points it is made of.
const EMOJI: usize = 2;

/// What X would say of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// How much the text weighs; at most [`LIMIT`] may be posted.
    pub units: usize,
    /// Whether every character of it is allowed.
    pub clean: bool,
}

/// Weighs a text as X does.
pub fn weigh(text: &str) -> Weight {
    let text: String = text.nfc().collect();
    let mut links = links(&text).into_iter().peekable();
    let mut units = 0;
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if let Some(link) = links.next_if(|link| link.start == at) {
            units += LINK;
            at = link.end;
            continue;
        }
        let emoji = emoji::length(&text[at..]);
        if emoji > 0 {
            units += EMOJI;
            at += emoji;
        } else {
            units += weight(next);
            at += next.len_utf8();
        }
    }
    Weight { units, clean: !text.chars().any(is_forbidden) }
}

/// The weight of one character outside links and emoji.
const fn weight(character: char) -> usize {
    match character {
        '\0'..='\u{10FF}' | '\u{2000}'..='\u{200D}' | '\u{2010}'..='\u{201F}' | '\u{2032}'..='\u{2037}' => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> usize {
        weigh(text).units
    }

    #[test]
    fn what_belgian_texts_are_made_of_weighs_one() {
        for character in "aÉèàëïüßœÆ«»’“”–—\u{a0}\u{200b}'1!".chars() {
            assert_eq!(units(&character.to_string()), 1, "{character:?}");
        }
    }

    #[test]
    fn rarer_signs_weigh_two() {
        for character in "€…•→™\u{202f}漢あ한".chars() {
            assert_eq!(units(&character.to_string()), 2, "{character:?}");
        }
    }

    #[test]
    fn the_edges_of_the_table_are_exact() {
        for (character, weight) in [
            ('\u{10FF}', 1),
            ('\u{1100}', 2),
            ('\u{1FFF}', 2),
            ('\u{2000}', 1),
            ('\u{200D}', 1),
            ('\u{200E}', 2),
            ('\u{200F}', 2),
            ('\u{2010}', 1),
            ('\u{201F}', 1),
            ('\u{2020}', 2),
            ('\u{2031}', 2),
            ('\u{2032}', 1),
            ('\u{2037}', 1),
            ('\u{2038}', 2),
        ] {
            assert_eq!(units(&character.to_string()), weight, "{character:?}");
        }
    }

    #[test]
    fn a_letter_and_its_accent_are_joined_before_counting() {
        assert_eq!(units("e\u{301}te\u{301}"), 3);
    }

    #[test]
    fn an_emoji_weighs_two_however_it_is_built() {
        for emoji in [
            "📞",
            "☎",
            "☎\u{fe0f}",
            "⚠\u{fe0f}",
            "👮🏽",
            "👮🏽\u{200d}♀\u{fe0f}",
            "👨\u{200d}👩\u{200d}👧\u{200d}👦",
            "🇧🇪",
            "1\u{20e3}",
            "1\u{fe0f}\u{20e3}",
            "#\u{fe0f}\u{20e3}",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        ] {
            assert_eq!(units(emoji), 2, "{emoji}");
        }
        assert_eq!(units("🇧🇪🇩🇪"), 4);
        assert_eq!(units("101 📞📞"), 8);
    }

    #[test]
    fn a_sign_that_asks_to_be_drawn_as_text_is_no_emoji() {
        assert_eq!(units("☎\u{fe0e}"), 4);
        assert_eq!(units("©"), 1);
        assert_eq!(units("©\u{fe0f}"), 2);
    }

    #[test]
    fn a_link_weighs_twenty_three() {
        for link in [
            "https://www.police.be",
            "http://a.be",
            "politie.be",
            "www.politie.be/5998/contact",
            "https://www.example.org/a/very/long/path/that/goes/on/and/on?with=questions&and=answers#too",
        ] {
            assert_eq!(units(link), 23, "{link}");
            assert_eq!(units(&format!("Info: {link}.")), 30, "{link}");
        }
    }

    #[test]
    fn some_characters_are_never_allowed() {
        assert!(!weigh("a\u{feff}b").clean);
        assert!(!weigh("a\u{ffff}b").clean);
        assert!(weigh("a\u{202a}b\u{202c}\u{fe0f}").clean);
    }

    #[test]
    fn the_limit_itself_may_be_posted() {
        assert_eq!(units(&"é".repeat(280)), LIMIT);
        assert_eq!(units(&"€".repeat(140)), LIMIT);
        assert_eq!(units(""), 0);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_weighed(text in "\\PC{0,200}|[a-z.:/@(?=#)\u{200d}\u{fe0f}👮1\u{20e3}é-]{0,80}") {
            let weight = weigh(&text).units;
            proptest::prop_assert!(weight <= 23 * text.chars().count() + 23);
        }
    }
}
