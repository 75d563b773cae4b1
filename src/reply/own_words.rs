//! Knowing our own words again: in a message that only repeats them, and on the platform after a reply.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Facts, Present, Texts, builtin, template};
use crate::{
    model::{Kind, Language},
    text::links,
};

/// Shorter messages, folded, are never taken for ours: too much that people write is that short.
const SHORTEST: usize = 20;

/// How alike a message must be to one of our texts, from 0 to 1.
const ALIKE: f64 = 0.85;

/// The longest text compared letter by letter; longer ones are only looked for whole.
const LONGEST_COMPARED: usize = 600;

/// How many characters may stand beside one of our texts, where we do not know what they say.
const SPARE: usize = 32;

/// How many may stand there when they seem to be the name of a zone.
const SPARE_NAME: usize = 64;

/// What a word in the name of a zone holds, folded, in any of its languages.
const NAME_WORDS: [&str; 4] = ["zone", "police", "politie", "polizei"];

/// No platform shows a longer message, in bytes; a longer one is nobody's template.
const LONGEST_MESSAGE: usize = 40_000;

/// The texts of a zone and the built-in texts of all zones, ready to be compared with a message.
#[derive(Debug, Clone)]
pub struct OwnWords {
    /// The literal pieces of each text, folded, without what differs from zone to zone.
    texts: Vec<Vec<String>>,
    /// Whole texts as this zone would post them, and without the variable parts, folded.
    whole: Vec<String>,
    /// The zone's names and opening hours, folded.
    names: Vec<String>,
    /// What stands behind built-in texts on X, folded.
    marks: Vec<String>,
    /// Whether one of the texts asks a question itself.
    asks: bool,
}

impl OwnWords {
    /// Prepares the comparison for one zone: its own texts in all languages, and every built-in text.
    pub fn new(texts: &Texts, facts: &Facts) -> Self {
        let own = texts.own.iter().map(|(key, source)| (key.language, source.as_str()));
        let builtin = Language::ALL
            .into_iter()
            .flat_map(|language| Kind::ALL.map(|kind| (language, builtin::text(kind, language))));
        let mut ours = Self {
            texts: Vec::new(),
            whole: Vec::new(),
            names: facts.names.values().chain(facts.opening_hours.values()).map(|name| fold(name)).collect(),
            marks: Language::ALL.map(|language| fold(builtin::no_more(language))).into(),
            asks: false,
        };
        for (language, source) in own.chain(builtin) {
            ours.add(source, facts, language);
        }
        ours.names.retain(|name| !name.is_empty());
        ours.names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        // The longest first, so that a text is not hidden by a shorter one that it contains.
        ours.texts.sort_by_key(|pieces| std::cmp::Reverse(pieces.iter().map(String::len).sum::<usize>()));
        ours.texts.dedup();
        ours.whole.sort();
        ours.whole.dedup();
        ours
    }

    fn add(&mut self, source: &str, facts: &Facts, language: Language) {
        let pieces: Vec<String> = template::words(source)
            .into_iter()
            .map(|(_, words)| fold(words))
            .filter(|words| !words.is_empty())
            .collect();
        let bare = pieces.join(" ");
        if bare.chars().count() < SHORTEST {
            return;
        }
        self.asks |= source.contains('?');
        // The day of the next opening is no small difference: the text is known as it stands on each of them.
        let days =
            if template::uses(source, "next_opening") { Present::week().collect() } else { vec![Present::default()] };
        let filled = days.iter().filter_map(|present| template::fill(source, facts, language, present).ok());
        self.whole.extend(filled.map(|text| fold(&text)));
        self.whole.push(bare);
        self.texts.push(pieces);
    }

    /// Whether a message is nearly one of our own texts, or one with little beside it, whichever zone posted it.
    ///
    /// Handles at the start, links, case, accents, punctuation and spacing do not count. A text of ours followed by a
    /// question or by a message of some length is a citizen's. The cost grows with the length of the message, not faster.
    pub fn is_ours(&self, message: &str) -> bool {
        if message.len() > LONGEST_MESSAGE {
            return false;
        }
        let folded = fold(&without_links(without_handles(message)));
        if folded.chars().count() < SHORTEST {
            return false;
        }
        let nearly = |ours: &String| *ours == folded || is_alike(ours, &folded);
        self.whole.iter().any(nearly) || ((self.asks || !message.contains('?')) && self.is_little_else(&folded))
    }

    /// Whether the message is made of whole texts of ours with little beside them.
    fn is_little_else(&self, folded: &str) -> bool {
        let mut rest = format!(" {folded} ");
        let mut texts = 0;
        for pieces in &self.texts {
            if let Some(without) = without_pieces(&rest, pieces) {
                rest = without;
                texts += 1;
            }
        }
        for name in self.names.iter().chain(&self.marks) {
            rest = rest.replace(&format!(" {name} "), " ");
        }
        let mut words = rest.split_whitespace();
        let spare =
            if words.any(|word| NAME_WORDS.iter().any(|part| word.contains(part))) { SPARE_NAME } else { SPARE };
        let left: usize =
            rest.split_whitespace().filter(|word| !is_time_part(word)).map(|word| word.chars().count() + 1).sum();
        texts > 0 && left <= texts * spare
    }
}

/// What a text is known by when it is read back from a platform: without the handles that X puts before a reply, in
/// Unicode form C, every run of white space as one space.
pub fn recognisable(text: &str) -> String {
    let composed: String = without_handles(text).nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Two folded texts that differ in few letters.
fn is_alike(ours: &str, message: &str) -> bool {
    let (short, long) = (ours.len().min(message.len()), ours.len().max(message.len()));
    // Too different in length to be alike, whatever they say: the costly comparison is not needed.
    #[expect(clippy::cast_precision_loss, reason = "both are at most a few hundred")]
    let possible = long <= LONGEST_COMPARED && short as f64 >= long as f64 * (ALIKE - 0.05);
    possible && strsim::normalized_levenshtein(ours, message) >= ALIKE
}

/// The message without these pieces, when it holds all of them in this order.
fn without_pieces(message: &str, pieces: &[String]) -> Option<String> {
    let mut rest = message;
    let mut left = String::with_capacity(message.len());
    for piece in pieces {
        let wanted = format!(" {piece} ");
        let (before, after) =
            rest.split_once(&wanted).map(|(before, _)| (before, &rest[before.len() + wanted.len() - 1..]))?;
        left.push_str(before);
        rest = after;
    }
    left.push_str(rest);
    Some(left)
}

/// The two digits of an hour, a minute or a second.
fn is_time_part(word: &str) -> bool {
    word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A text without the handles at its start.
fn without_handles(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with('@') {
        rest = rest.find(char::is_whitespace).map_or("", |end| rest[end..].trim_start());
    }
    rest
}

fn without_links(text: &str) -> String {
    let text: String = text.nfc().collect();
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for link in links(&text) {
        kept.push_str(&text[at..link.start]);
        kept.push(' ');
        at = link.end;
    }
    kept.push_str(&text[at..]);
    kept
}

/// Lower case without accents; whatever is neither letter nor digit becomes one space.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'œ' => folded.push_str("oe"),
            'ß' => folded.push_str("ss"),
            letter if letter.is_alphanumeric() => folded.push(letter),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Feed, LanguageChoice};
    use crate::reply::{Scope, TextKey, render};

    const OWN: &str =
        "Ce canal n'est pas lu la nuit. En cas d'urgence, formez le 101. {{ zone.name }} ({{ zone.phone }})";

    fn facts(fr: &str, nl: &str) -> Facts {
        let names = [(Language::Fr, fr.to_owned()), (Language::Nl, nl.to_owned())].into();
        Facts { names, phone: Some("02 000 00 00".to_owned()), ..Facts::default() }
    }

    fn ours() -> OwnWords {
        let mut texts = Texts::default();
        texts.set(TextKey { scope: Scope::General, kind: None, language: Language::Fr }, OWN.to_owned());
        OwnWords::new(&texts, &facts("Zone de police Exemple", "Politiezone Voorbeeld"))
    }

    #[test]
    fn a_text_that_tells_the_hours_is_ours_on_every_day() {
        let mut texts = Texts::default();
        let source = "Ce canal n'est pas lu. Formez le 101. Le bureau : {{ opening_hours }}. Prochaine ouverture : {{ next_opening }}.";
        texts.set(TextKey { scope: Scope::General, kind: None, language: Language::Fr }, source.to_owned());
        let opening_hours =
            [(Language::Fr, "lundi à vendredi 08:00-12:00, 13:00-17:00; samedi 09:00-12:00".to_owned())];
        let facts =
            Facts { opening_hours: opening_hours.into(), ..facts("Zone de police Exemple", "Politiezone Voorbeeld") };
        let ours = OwnWords::new(&texts, &facts);
        let posted = |opens: &str| Present { time: "23:05:12".to_owned(), opens: Some(opens.parse().expect("a time")) };
        for opens in ["2027-03-01T08:00", "2027-06-30T13:30", "2026-12-31T09:00"] {
            let present = posted(opens);
            let text = template::fill(source, &facts, Language::Fr, &present).expect("a text");
            assert!(ours.is_ours(&text), "{text}");
        }
    }

    #[test]
    fn our_own_texts_are_ours_however_they_come_back() {
        for text in [
            "PAS d'appels urgents via ce canal, formez le 101. Zone de police Exemple",
            "pas d’appels urgents via ce canal formez le 101",
            "@jan @ZPExemple  PAS d'appels urgents\nvia ce canal, formez le 101. https://t.co/AbC1",
            "PAS d'appel urgent via ce canal, formez le 101. Zone de police Exemple",
            "GEEN dringende oproepen via dit kanaal, bel 101. Politiezone Voorbeeld (03:04:05)",
            "CE CANAL N'EST PAS LU LA NUIT — en cas d'urgence, formez le 101. Zone de police Exemple (02 000 00 00)",
            "On vous écoute, jour et nuit : 0800 32 123. Danger immédiat : 112.",
            "KEINE Notrufe hier. Krankenwagen oder Feuerwehr: wählen Sie 112. (stop = keine Antwort mehr)",
        ] {
            assert!(ours().is_ours(text), "{text}");
        }
    }

    #[test]
    fn the_built_in_texts_of_other_zones_are_ours_too() {
        for text in [
            "PAS d'appels urgents via ce canal, formez le 101. Zone de police Bruxelles-Capitale Ixelles (12:34:56)",
            "KEINE dringenden Notrufe über diesen Kanal, wählen Sie 101. Polizeizone Weser-Göhl",
            "GEEN dringende oproepen via dit kanaal, bel 101. PZ Gent\nPAS d'appels urgents via ce canal, formez le 101. ZP Gand",
            "RT: GEEN dringende oproepen via dit kanaal, bel 101. Stad Elders",
        ] {
            assert!(ours().is_ours(text), "{text}");
        }
    }

    #[test]
    fn a_citizen_who_quotes_us_and_says_something_is_heard() {
        for text in [
            "\"PAS d'appels urgents via ce canal, formez le 101\" mais au 101 personne ne décroche et ma voisine crie",
            "PAS d'appels urgents via ce canal, formez le 101. Et si on est sourd ?",
            "GEEN dringende oproepen via dit kanaal, bel 101? Hoe dan, ik sta in de gracht",
            "Vous écrivez : pas d'appels urgents. Il y a un homme armé dans ma rue, que dois-je faire, venez vite",
        ] {
            assert!(!ours().is_ours(text), "{text}");
        }
    }

    #[test]
    fn what_people_write_is_never_ours() {
        for text in [
            "",
            "101",
            "formez le 101",
            "bel 101",
            "urgent urgent urgent !!!",
            "👮👮👮",
            "\0\0\0",
            "Il y a un accident sur la E40 à hauteur de Sterrebeek",
            "Ik bel 101 maar niemand neemt op, dringend aub",
        ] {
            assert!(!ours().is_ours(text), "{text}");
        }
    }

    #[test]
    fn a_short_text_of_the_zone_silences_nobody() {
        let mut texts = Texts::default();
        texts.set(TextKey { scope: Scope::General, kind: None, language: Language::Fr }, "Formez le 101 !".to_owned());
        assert!(!OwnWords::new(&texts, &Facts::default()).is_ours("formez le 101, formez le 101, vraiment ?"));
    }

    #[test]
    fn the_longest_message_is_nobodys_own_words() {
        let ours = ours();
        for filler in ["pas d'appels ", "a.b", "@x ", "é", "(http://a.be/(", "101 "] {
            let text: String = filler.chars().cycle().take(10_000).collect();
            assert!(!ours.is_ours(&text));
        }
    }

    #[test]
    fn a_text_read_back_is_known_by_its_words() {
        assert_eq!(
            recognisable("@jan @marie PAS d'appels\n\n formez  le 101. e\u{301} "),
            "PAS d'appels formez le 101. é"
        );
        assert_eq!(recognisable("  écrire à @jan"), "écrire à @jan");
        assert_eq!(recognisable("@jan"), "");
    }

    fn any_feed() -> impl Strategy<Value = Feed> {
        proptest::sample::select(Feed::ALL.to_vec())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_a_sister_zone_posts_is_ours(
            name in "(Zone de police|Politiezone|Polizeizone) [A-Z][a-zé]{2,12}(-[A-Z][a-z]{2,12})?",
            feed in any_feed(),
            kind in proptest::sample::select(Kind::ALL.to_vec()),
            languages in proptest::sample::subsequence(Language::ALL.to_vec(), 1..=2),
        ) {
            let choice = LanguageChoice::several(&languages).expect("at least one was drawn");
            let text = render(&Texts::default(), &facts(&name, &name), feed, kind, &choice, &Present::example("23:59:59")).expect("built-in texts fit");
            prop_assert!(ours().is_ours(&text), "{}", text);
            prop_assert_eq!(recognisable(&format!("@jan_b {text}")), recognisable(&text));
        }

        #[test]
        fn a_real_message_after_a_quote_is_heard(plea in "[a-z]{3,9}( [a-z]{3,9}){14,40}") {
            let quoted = format!("PAS d'appels urgents via ce canal, formez le 101. {plea}");
            prop_assert!(!ours().is_ours(&quoted));
        }

        #[test]
        fn no_message_panics(text in "\\PC{0,300}|[\0-\u{300}@ ]{0,100}") {
            ours().is_ours(&text);
            recognisable(&text);
        }
    }
}
