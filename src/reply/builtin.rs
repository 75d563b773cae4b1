//! The texts that every zone has without writing any.
//!
//! Each is short enough that two of them, with zone names of 45 characters, still fit one post on X.

use crate::model::{Feed, Kind, Language};

/// What the built-in texts on X end with, in these languages; nothing elsewhere.
///
/// X's rules want an automatic reply to say how to get no more of them (`platforms/x.md` 6). In public the time stands there
/// too: X may refuse a text equal to a recent one, and the time makes each one new.
pub fn mark(feed: Feed, languages: &[Language]) -> String {
    let no_more: Vec<&str> = languages.iter().map(|language| no_more(*language)).collect();
    let no_more = no_more.join(" / ");
    match feed {
        Feed::XMentions => format!(" ({{{{ time }}}}, {STOP} = {no_more})"),
        Feed::XInbox => format!(" ({STOP} = {no_more})"),
        _ => String::new(),
    }
}

/// The word to write for no more automatic replies; the same in all languages, so that there is room for two of them.
pub const STOP: &str = "stop";

/// What that word brings.
pub const fn no_more(language: Language) -> &'static str {
    match language {
        Language::Fr => "plus de réponse",
        Language::Nl => "geen antwoord meer",
        Language::De => "keine Antwort mehr",
        Language::En => "no more replies",
    }
}

/// The help line that a text for somebody who may harm themselves has to name, as it is written in public texts.
pub const fn help_lines(language: Language) -> &'static [&'static str] {
    match language {
        Language::Fr => &["0800 32 123"],
        Language::Nl => &["1813"],
        Language::De => &["108"],
        Language::En => &["0800 32 123", "1813"],
    }
}

/// The built-in text for a kind, without its [`mark`].
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
        Language::Fr => "PAS d'appels urgents ici. Ambulance ou pompiers : formez le 112. {{ zone.name }}",
        Language::Nl => "GEEN dringende oproepen hier. Ambulance of brandweer: bel 112. {{ zone.name }}",
        Language::De => "KEINE Notrufe hier. Krankenwagen oder Feuerwehr: wählen Sie 112. {{ zone.name }}",
        Language::En => "NO urgent calls here. Ambulance or fire brigade: dial 112. {{ zone.name }}",
    }
}

/// Someone may harm themselves: calm words, no capitals, no reproach, the help line first.
const fn help(language: Language) -> &'static str {
    match language {
        Language::Fr => "On vous écoute jour et nuit au 0800 32 123. Danger immédiat : 112. {{ zone.name }}",
        Language::Nl => "Er luistert iemand, dag en nacht: 1813. In direct gevaar: 112. {{ zone.name }}",
        Language::De => "Jemand hört Ihnen zu, Tag und Nacht: 108. In akuter Gefahr: 112. {{ zone.name }}",
        Language::En => {
            "Someone will listen, day and night: 0800 32 123 (in French) or 1813 (in Dutch). In immediate danger: 112. {{ zone.name }}"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Platform;

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

    /// Every built-in text with everything that may stand behind it.
    fn whole_texts() -> Vec<(Kind, String)> {
        let each = |kind, language| (kind, format!("{}{}", text(kind, language), mark(Feed::XMentions, &[language])));
        Language::ALL.into_iter().flat_map(|language| Kind::ALL.map(|kind| each(kind, language))).collect()
    }

    fn words(text: &str) -> impl Iterator<Item = &str> {
        text.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty())
    }

    #[test]
    fn no_text_shouts_but_for_one_word_and_that_for_somebody_in_distress_not_at_all() {
        let shouts = |word: &&str| word.chars().filter(|letter| letter.is_uppercase()).count() > 1;
        for (kind, text) in whole_texts() {
            let shouted: Vec<&str> = words(&text).filter(shouts).collect();
            if kind == Kind::SelfHarm {
                assert!(shouted.is_empty() && !text.contains('!'), "{text}");
            } else {
                assert!(matches!(shouted[..], ["PAS" | "GEEN" | "KEINE" | "NO"]), "{text}");
            }
        }
    }

    #[test]
    fn numbers_are_written_in_digits() {
        let in_words = [
            "un", "une", "deux", "cent", "douze", "een", "één", "twee", "honderd", "twaalf", "eins", "zwei", "hundert",
            "zwölf", "one", "two", "hundred", "twelve", "eleven", "eight",
        ];
        for (_, text) in whole_texts() {
            let found = words(&text).find(|word| in_words.contains(&word.to_lowercase().as_str()));
            assert_eq!(found, None, "{text}");
        }
    }

    #[test]
    fn on_x_every_text_says_how_to_get_no_more_of_them_and_elsewhere_none() {
        for feed in Feed::ALL {
            for language in Language::ALL {
                let says = mark(feed, &[language]).contains(&format!("{STOP} = {}", no_more(language)));
                assert_eq!(says, feed.platform() == Platform::X, "{feed} {language}");
            }
        }
    }
}
