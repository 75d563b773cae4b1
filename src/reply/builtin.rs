//! The texts that every zone has without writing any.
//!
//! Each is short enough that two of them, with zone names of 45 characters, still fit one post on X.

use crate::model::{Feed, Kind, Language};

/// What the built-in texts on X end with: X may refuse a text equal to a recent one, and the time makes each one new.
pub const TIME_MARK: &str = " ({{ time }})";

/// The help line that a text for somebody who may harm themselves has to name, as it is written in public texts.
pub const fn help_lines(language: Language) -> &'static [&'static str] {
    match language {
        Language::Fr => &["0800 32 123"],
        Language::Nl => &["1813"],
        Language::De => &["108"],
        Language::En => &["0800 32 123", "1813"],
    }
}

/// Whether built-in texts carry [`TIME_MARK`] on this feed.
pub fn marks_time(feed: Feed) -> bool {
    feed == Feed::XMentions
}

/// The built-in text for a kind, without the mark of the time.
pub const fn text(kind: Kind, language: Language) -> &'static str {
    match kind {
        Kind::Police | Kind::None => standard(language),
        Kind::Medical | Kind::Fire => rescue(language),
        Kind::SelfHarm => help(language),
    }
}

/// The standard text: 101.
const fn standard(language: Language) -> &'static str {
    match language {
        Language::Fr => "PAS d'appels urgents via ce canal, formez le 101. {{ zone.name }}",
        Language::Nl => "GEEN dringende oproepen via dit kanaal, bel 101. {{ zone.name }}",
        Language::De => "KEINE dringenden Notrufe über diesen Kanal, wählen Sie 101. {{ zone.name }}",
        Language::En => "NO urgent calls via this channel, dial 101. {{ zone.name }}",
    }
}

/// Someone is hurt, or it burns: 112.
const fn rescue(language: Language) -> &'static str {
    match language {
        Language::Fr => "PAS d'appels urgents via ce canal. Ambulance ou pompiers : formez le 112. {{ zone.name }}",
        Language::Nl => "GEEN dringende oproepen via dit kanaal. Ziekenwagen of brandweer: bel 112. {{ zone.name }}",
        Language::De => {
            "KEINE dringenden Notrufe über diesen Kanal. Rettungsdienst oder Feuerwehr: wählen Sie 112. {{ zone.name }}"
        }
        Language::En => "NO urgent calls via this channel. Ambulance or fire brigade: dial 112. {{ zone.name }}",
    }
}

/// Someone may harm themselves: calm words, no capitals, no reproach, the help line first.
const fn help(language: Language) -> &'static str {
    match language {
        Language::Fr => {
            "Quelqu'un vous écoute, jour et nuit, au 0800 32 123. En danger immédiat : 112. {{ zone.name }}"
        }
        Language::Nl => "Er luistert iemand, dag en nacht, op het nummer 1813. In direct gevaar: 112. {{ zone.name }}",
        Language::De => {
            "Jemand hört Ihnen zu, Tag und Nacht, unter der Nummer 108. In akuter Gefahr: 112. {{ zone.name }}"
        }
        Language::En => {
            "Someone will listen, day and night: 0800 32 123 (in French) or 1813 (in Dutch). In immediate danger: 112. {{ zone.name }}"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_names_its_number_and_the_zone() {
        for language in Language::ALL {
            for (kind, number) in [
                (Kind::None, "101"),
                (Kind::Police, "101"),
                (Kind::Medical, "112"),
                (Kind::Fire, "112"),
                (Kind::SelfHarm, "112"),
            ] {
                let text = text(kind, language);
                assert!(text.contains(number) && text.ends_with("{{ zone.name }}"), "{text}");
            }
            for line in help_lines(language) {
                assert!(text(Kind::SelfHarm, language).contains(line), "{language}: {line}");
            }
        }
    }

    #[test]
    fn the_text_for_somebody_in_distress_does_not_shout() {
        for language in Language::ALL {
            let text = text(Kind::SelfHarm, language);
            let shouted =
                text.split_whitespace().any(|word| word.chars().filter(|letter| letter.is_uppercase()).count() > 1);
            assert!(!shouted && !text.contains('!'), "{text}");
        }
    }
}
