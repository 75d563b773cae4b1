//! Which of the zone's languages to answer in.
//!
//! Cue words first: they know how citizens here really write. Where they say nothing, a small general detector. Where that
//! says nothing either, the language that the author showed earlier in that conversation, else the zone's first.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::cues;
use crate::{
    model::{Language, LanguageChoice},
    text::links,
};

/// How many bytes of a message are looked at: enough to know its language, and a bound on the cost.
const LONGEST_LOOKED_AT: usize = 4_000;

/// A message with fewer letters gives the general detector nothing to go by.
const FEWEST_LETTERS: usize = 8;

/// Whoever writes so many words in one of the four languages...
const FEWEST_WORDS: usize = 4;

/// ...shows it by a cue in so many words, and mostly by many more.
const WORDS_A_CUE: usize = 8;

/// Cues of this weight for one language, and none for another, leave no doubt: three words or more.
const SURE: u32 = 6;

/// The evidence is contradictory when the second language shows at least this much...
const CLEAR: u32 = 4;

/// ...and at least this many hundredths of what the first shows.
const SIMILAR: u32 = 60;

/// In which languages to answer a message, and whether it showed one by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The languages of the answer.
    pub answer: LanguageChoice,
    /// The one language that the message showed. None where it is chosen for another reason.
    pub shown: Option<Language>,
}

/// What a message shows of its language, whoever reads it.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// How much cue words show of each, in the order of [`Language::ALL`].
    counts: [u32; 4],
    /// What the general detector says.
    detected: Option<Language>,
    /// It seems to be written in none of the four.
    foreign: bool,
}

impl Look {
    /// Looks at a message.
    pub fn at(text: &str) -> Self {
        let plain = plain(text);
        let words: Vec<&str> = plain.split([' ', '\n']).filter(|word| !word.is_empty()).collect();
        let counts = cues::count(&words);
        if let Some(language) = sure(counts) {
            return Self { counts, detected: Some(language), foreign: false };
        }
        let found = detect(&plain);
        let detected = found.and_then(four);
        // The detector knows sixteen languages and takes each of the others for one of them.
        let cues = counts.iter().sum::<u32>() as usize;
        let strange = words.len() >= FEWEST_WORDS && cues * WORDS_A_CUE <= words.len();
        Self { counts, detected, foreign: strange || (found.is_some() && detected.is_none()) }
    }

    /// Whether it seems to be written in none of the four languages.
    pub const fn is_foreign(self) -> bool {
        self.foreign
    }

    /// The languages that the message may be written in, in the order of [`Language::ALL`]: those that it shows, or all.
    pub fn shown(self) -> [bool; 4] {
        let mut shown = self.counts.map(|count| count > 0);
        if let Some(detected) = self.detected {
            shown[detected as usize] = true;
        }
        if shown.contains(&true) { shown } else { [true; 4] }
    }

    /// The language or languages to answer in: always among those served, and in their order.
    ///
    /// `served` is the zone's list in legal order; French stands in for an empty one, which the configuration refuses. All
    /// of them are chosen when `bilingual`, and when the message shows two of them clearly and to a similar degree. `earlier` is what
    /// the author showed before; it counts where the message shows nothing against it.
    pub fn answer(self, served: &[Language], bilingual: bool, earlier: Option<Language>) -> Read {
        let Some((first, others)) = served.split_first() else {
            return Read { answer: LanguageChoice::one(Language::Fr), shown: None };
        };
        let all = || {
            let answer = LanguageChoice::several(served).unwrap_or(LanguageChoice::one(*first));
            Read { answer, shown: None }
        };
        if bilingual || others.is_empty() {
            return all();
        }
        let only = |language| Read { answer: LanguageChoice::one(language), shown: Some(language) };
        let mut shown: Vec<(u32, Language)> =
            served.iter().map(|language| (self.counts[*language as usize], *language)).collect();
        // A stable sort: between equals, the zone's order holds.
        shown.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let [(most, best), (second, _), ..] = shown[..] else { return all() };
        if second >= CLEAR && second * 100 >= most * SIMILAR {
            return all();
        }
        if most > second {
            return only(best);
        }
        // Nothing, or as much of one as of another: only a language that the cues do not rule out may be chosen.
        let open: Vec<Language> =
            shown.iter().filter(|(count, _)| *count == most).map(|(_, language)| *language).collect();
        let detected = self.detected.filter(|language| open.contains(language));
        let earlier = earlier.filter(|language| open.contains(language)).unwrap_or(best);
        detected.map_or(Read { answer: LanguageChoice::one(earlier), shown: None }, only)
    }
}

/// The language or languages to answer a message in, as `Look::answer` tells them after one look.
pub fn languages(text: &str, served: &[Language], bilingual: bool, earlier: Option<Language>) -> Read {
    Look::at(text).answer(served, bilingual, earlier)
}

/// The one language that cues show, when they show it so well that the detector, which takes longest of all, has nothing to add.
fn sure(counts: [u32; 4]) -> Option<Language> {
    let shown = |language: &Language| counts[*language as usize] > 0;
    let [language] = Language::ALL.into_iter().filter(shown).collect::<Vec<_>>()[..] else { return None };
    (counts[language as usize] >= SURE).then_some(language)
}

/// What the general detector says, when the text is long enough.
fn detect(plain: &str) -> Option<whichlang::Lang> {
    let long = plain.chars().filter(|letter| letter.is_alphabetic()).count() >= FEWEST_LETTERS;
    long.then(|| whichlang::detect_language(plain))
}

/// The one of the four languages that it is.
const fn four(found: whichlang::Lang) -> Option<Language> {
    match found {
        whichlang::Lang::Fra => Some(Language::Fr),
        whichlang::Lang::Nld => Some(Language::Nl),
        whichlang::Lang::Deu => Some(Language::De),
        whichlang::Lang::Eng => Some(Language::En),
        _ => None,
    }
}

/// The words of a message in lower case, one space between them, without links and handles.
fn plain(text: &str) -> String {
    let mut end = text.len().min(LONGEST_LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let text: Cow<'_, str> = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.into(),
        _ => text.nfc().collect(),
    };
    let mut plain = String::with_capacity(text.len());
    let mut at = 0;
    for link in links(&text).into_iter().chain(std::iter::once(text.len()..text.len())) {
        for chunk in text[at..link.start].split_whitespace().filter(|chunk| !chunk.starts_with('@')) {
            for word in chunk.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '\'' | '’' | '-')))
            {
                let word = word.trim_matches(['\'', '’', '-']);
                if !word.is_empty() {
                    let straight = word.chars().map(|letter| if letter == '’' { '\'' } else { letter });
                    plain.extend(straight.flat_map(char::to_lowercase));
                    plain.push(' ');
                }
            }
        }
        at = link.end;
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Language::{De, En, Fr, Nl};

    const ALL: [Language; 4] = Language::ALL;

    fn chosen(text: &str, served: &[Language]) -> Vec<Language> {
        languages(text, served, false, None).answer.as_slice().to_vec()
    }

    #[test]
    fn each_language_is_known_as_citizens_write_it() {
        for (expected, text) in [
            (Fr, "Il y a un accident devant l'école, venez vite"),
            (Fr, "au secours"),
            (Fr, "ya une bagarre rue neuve ils ont un couteau svp"),
            (Fr, "JSUIS SUIVIE DEPUIS LA GARE CHUI SEULE"),
            (Fr, "C’est normal que personne ne réponde ?"),
            (Fr, "@ZPExemple cambriolage en cours https://example.com/the-police-is-here"),
            (Nl, "Er is een ongeval gebeurd aan de brug"),
            (Nl, "hulp!!"),
            (Nl, "kheb iemand horen roepen int park, komt er nog iemand of wa"),
            (Nl, "dien zatte is weer bezig, hij slaat op mijn deur"),
            (Nl, "pas op, spookrijder op de E40"),
            (Nl, "#inbraak bij de buren"),
            (De, "Bei uns wurde eingebrochen"),
            (De, "hilfe bitte schnell"),
            (De, "da brennt was hinterm Haus, kommt wer?"),
            (De, "isch kann nit mehr, der Nachbar schreit"),
            (De, "Strasse gesperrt wegen Unfall, wo soll ich fahren"),
            (En, "Someone is breaking into my neighbour's house"),
            (En, "help me"),
            (En, "dont call me he is here pls come"),
            (En, "Im scared, hes outside my door"),
        ] {
            assert_eq!(chosen(text, &ALL), [expected], "{text}");
        }
    }

    #[test]
    fn without_evidence_the_zone_s_first_language_is_chosen() {
        for text in [
            "",
            " \n",
            "?",
            "👮🚨🔥",
            "101",
            "\0\0\0",
            "@ZPExemple",
            "https://example.com/un-deux-trois",
            "E40",
            "ok",
            "Добрий день",
        ] {
            assert_eq!(chosen(text, &[Nl, Fr]), [Nl], "{text:?}");
            assert_eq!(chosen(text, &[De, Fr]), [De], "{text:?}");
        }
    }

    #[test]
    fn cues_of_one_language_alone_leave_no_doubt_and_few_or_contradicted_ones_do() {
        assert_eq!(sure([0, SURE, 0, 0]), Some(Nl));
        for counts in [[0; 4], [0, SURE - 1, 0, 0], [0, SURE, 1, 0], [SURE; 4]] {
            assert_eq!(sure(counts), None, "{counts:?}");
        }
    }

    #[test]
    fn other_languages_than_the_four_are_known_to_be_others() {
        for text in [
            "Допоможіть, моїй мамі погано, вона не дихає",
            "Hay un hombre con un cuchillo en el tren, por favor",
            "nie chcę już żyć, siedzę na torach, przepraszam was",
            "yangın var yardım edin, itfaiye numarası kaç?",
        ] {
            assert!(Look::at(text).is_foreign(), "{text}");
        }
        for text in [
            "il y a quelqu'un dans mon jardin, venez vite",
            "er staat iemand met een mes aan mijn deur",
            "da brennt was hinterm Haus, kommt wer?",
            "someone is breaking into my house, please hurry",
            "au secours",
            "🆘",
            "",
        ] {
            assert!(!Look::at(text).is_foreign(), "{text}");
        }
    }

    #[test]
    fn a_language_that_the_zone_does_not_serve_is_never_chosen() {
        assert_eq!(chosen("Someone is breaking into my house, please hurry", &[Fr, Nl]), [Fr]);
        assert_eq!(chosen("Mein Nachbar schlägt seine Frau", &[Nl, Fr]), [Nl]);
    }

    #[test]
    fn words_that_no_file_knows_are_left_to_the_detector() {
        assert_eq!(chosen("lichtbakken knipperen, kruising onoverzichtelijk", &[Fr, Nl]), [Nl]);
    }

    #[test]
    fn contradictory_evidence_brings_all_languages_in_legal_order() {
        let mixed = "bonjour, venez vite svp! hulp, er is iemand gevallen";
        assert_eq!(chosen(mixed, &[Nl, Fr]), [Nl, Fr]);
        assert_eq!(chosen(mixed, &[De, Fr, Nl]), [De, Fr, Nl]);
        assert_eq!(chosen(mixed, &[De, Fr]), [Fr], "only one of the two is served");
    }

    #[test]
    fn one_foreign_word_is_no_contradiction() {
        assert_eq!(chosen("merci voor de snelle hulp gisteren aan de school van mijn kinderen", &[Fr, Nl]), [Nl]);
        assert_eq!(chosen("le wijkagent de la rue ne répond jamais au téléphone", &[Fr, Nl]), [Fr]);
    }

    #[test]
    fn a_message_that_shows_no_language_is_answered_in_the_one_its_author_showed_before() {
        let chosen = |text, earlier| languages(text, &[Fr, Nl, De], false, earlier);
        for text in ["", "??", "112", "👍", "ok", "allo"] {
            assert_eq!(chosen(text, None).answer.as_slice(), [Fr], "{text}");
            assert_eq!(chosen(text, Some(Nl)), Read { answer: LanguageChoice::one(Nl), shown: None }, "{text}");
            assert_eq!(chosen(text, Some(En)).answer.as_slice(), [Fr], "{text}: the zone does not serve English");
        }
        // What the message itself shows counts more.
        assert_eq!(chosen("venez vite svp", Some(Nl)), Read { answer: LanguageChoice::one(Fr), shown: Some(Fr) });
    }

    #[test]
    fn a_bilingual_zone_always_answers_in_all_its_languages() {
        assert_eq!(languages("venez vite", &[Nl, Fr], true, None).answer.as_slice(), [Nl, Fr]);
        assert_eq!(languages("", &[Nl, Fr], true, Some(Fr)).answer.as_slice(), [Nl, Fr]);
    }

    #[test]
    fn a_letter_and_its_accent_may_come_apart() {
        assert_eq!(chosen("blesse\u{301}e", &[Nl, Fr]), [Fr]);
    }

    #[test]
    fn a_very_long_message_is_judged_by_its_beginning() {
        let long = "Er is een ongeval gebeurd. ".repeat(120);
        assert_eq!(long.len(), 3_240);
        assert_eq!(chosen(&long, &[Fr, Nl]), [Nl]);
        assert_eq!(chosen(&format!("{} il y a un blessé", "👮".repeat(3_000)), &[Nl, Fr]), [Nl], "the end is not read");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_text_has_a_language_that_the_zone_serves(
            text in "\\PC{0,300}|[\0-\u{300}]{0,200}|((help|au secours|hulp|bitte|@a|'|’|#|👮) ?){0,30}",
            served in proptest::sample::subsequence(ALL.to_vec(), 1..=4).prop_shuffle(),
            bilingual in proptest::bool::ANY,
            earlier in proptest::option::of(proptest::sample::select(ALL.to_vec())),
        ) {
            let chosen = languages(&text, &served, bilingual, earlier);
            prop_assert!(chosen.shown.is_none_or(|shown| chosen.answer.as_slice() == [shown]));
            let chosen = chosen.answer.as_slice();
            prop_assert!(!chosen.is_empty());
            // One of them, or all of them in their order.
            prop_assert!(chosen == served || (chosen.len() == 1 && served.contains(&chosen[0]) && !bilingual));
        }
    }
}
