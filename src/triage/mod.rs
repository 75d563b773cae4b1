//! What a message is: its language, whether its author seems to need help at this moment, and what it is about.
//!
//! Pure and total: any text, even an empty or a broken one, has a verdict. How it is made: the words are folded
//! (`fold`), phrases of the lexicons are found in them and speak for families (`family`: what happens, now, here, a
//! person; past, imagined, in jest), and the weights of the families are added up (`weights`). `docs/TRIAGE.md` says how
//! good it is.

mod aside;
mod concept;
mod cues;
mod evidence;
mod family;
mod fold;
mod grammar;
mod language;
mod lexicon;
mod own;
mod pieces;
mod table;
mod vocabulary;
mod weights;

pub use evidence::Evidence;
pub use family::{Family, Role};
pub use language::languages;
pub use own::{OwnPhrases, shipped, understood};
pub use weights::{BASE, KINDS};

use crate::model::{Aside, Kind, Language, Verdict};
use aside::Asides;
use concept::{Book, Concepts};
use grammar::Fingerprint;
use language::Look;
use lexicon::{Draft, Lexicon, Sense};
use own::Without;
use weights::{Sums, Weights};

/// The lexicons, one per language, and the signs that all share.
const LEXICONS: [(Option<Language>, &str); 5] = [
    (Some(Language::Fr), include_str!("lexicon/fr.txt")),
    (Some(Language::Nl), include_str!("lexicon/nl.txt")),
    (Some(Language::De), include_str!("lexicon/de.txt")),
    (Some(Language::En), include_str!("lexicon/en.txt")),
    (None, include_str!("lexicon/all.txt")),
];

/// From this score on, of 100, a message is answered as urgent: in doubt, rather so.
pub const URGENT: u8 = 18;

/// From this score on, of 100, a human is alerted.
pub const ALERT: u8 = 80;

/// Everything triage knows: built once, then only read.
#[derive(Debug)]
pub struct Triage {
    lexicon: Lexicon,
    concepts: Concepts,
    weights: Weights,
    asides: Asides,
}

/// What a message gives to the scales, by the names in the file of weights; each once.
#[derive(Debug, Clone, Default)]
pub struct Pieces {
    /// Families, and what they and the form of the message amount to.
    pub signs: Vec<String>,
    /// Words and concepts.
    pub words: Vec<String>,
}

impl Triage {
    /// Triage as shipped.
    ///
    /// # Panics
    /// When a shipped lexicon cannot be read, which a test rules out.
    #[expect(clippy::new_without_default, reason = "it reads a thousand phrases: nothing to be made in passing")]
    #[expect(clippy::expect_used, reason = "nothing is added that could be wrong")]
    pub fn new() -> Self {
        Self::of(&OwnPhrases::default()).expect("triage as shipped")
    }

    /// Triage with a zone's own phrases: the name of a square, a local word.
    ///
    /// # Errors
    /// When a phrase cannot be understood, or is to be removed and stands nowhere.
    ///
    /// # Panics
    /// When a shipped lexicon cannot be read, which a test rules out.
    pub fn of(own: &OwnPhrases) -> Result<Self, String> {
        // The weights first: what making them takes for a moment is given back before the rest is made.
        let weights = Weights::read(include_str!("weights.txt"));
        let (mut lexicon, mut without) = (Draft::default(), Without::new(own));
        for (language, file) in LEXICONS {
            let read = lexicon.read(file, language, |line| without.takes(line));
            #[expect(clippy::expect_used, reason = "the files are part of the program, and a test reads them all")]
            read.map_err(|error| (language, error)).expect("a shipped lexicon can be read");
        }
        if let Some(phrase) = without.unmet() {
            return Err(format!("no lexicon has the phrase `{phrase}`"));
        }
        for (family, phrase) in &own.add {
            let sense = Sense { family: *family, weak: false, own: true };
            lexicon.add_phrase(sense, phrase).map_err(|problem| format!("`{phrase}` {problem}"))?;
        }
        let lexicon = lexicon.close();
        #[expect(clippy::expect_used, reason = "the files are part of the program, and a test reads them all")]
        let (asides, concepts) = (
            Asides::shipped().expect("the shipped lists can be read"),
            Concepts::shipped().expect("the shipped word book can be read"),
        );
        Ok(Self { lexicon, concepts, weights, asides })
    }

    /// The families that a message shows.
    pub fn evidence(&self, text: &str) -> Evidence {
        Evidence::of(&fold::words(text), &self.lexicon, Look::at(text).shown())
    }

    /// Triage with other weights than those shipped: for the program that learns them.
    #[must_use]
    pub fn weighed(self, weights: &str) -> Self {
        Self { weights: Weights::read(weights), ..self }
    }

    /// What a message gives to the scales, and what it weighs for urgency, the heaviest first: to explain a verdict.
    pub fn heaviest(&self, text: &str) -> Vec<(String, f32)> {
        let Pieces { signs, words } = self.pieces(text);
        let weigh = |name: String| {
            let [urgent, ..] = self.weights.of(Fingerprint::named(&name));
            (name, f32::from(urgent) / 100.0)
        };
        let mut all: Vec<(String, f32)> = signs.into_iter().chain(words).map(weigh).collect();
        all.sort_by(|(_, one), (_, other)| other.abs().total_cmp(&one.abs()));
        all
    }

    /// What a message gives to the scales: for the program that learns what each piece weighs.
    pub fn pieces(&self, text: &str) -> Pieces {
        let (words, look) = (fold::words(text), Look::at(text));
        let mut named = Pieces::default();
        let evidence = Evidence::of(&words, &self.lexicon, look.shown());
        evidence.signs(text, &words, &mut |name| named.signs.push(name.to_owned()));
        let concepts = self.concepts.search(&words, &Book::of(look));
        pieces::pieces(&words, &concepts, &mut |name| named.words.push(name.to_owned()));
        named.words.sort_unstable();
        named.words.dedup();
        named
    }

    /// What triage says of a message that was sent to a zone serving these languages, in legal order.
    ///
    /// `earlier` is the language that its author showed before in that conversation.
    pub fn verdict(&self, text: &str, served: &[Language], bilingual: bool, earlier: Option<Language>) -> Verdict {
        let (words, look) = (fold::words(text), Look::at(text));
        let evidence = Evidence::of(&words, &self.lexicon, look.shown());
        let sums = self.sums(text, &words, &evidence, look);
        let (score, grave) = score(sums, &evidence);
        let urgent = score >= URGENT;
        let read = look.answer(served, bilingual, earlier);
        Verdict {
            languages: read.answer,
            shown: read.shown,
            urgent,
            alert: score >= ALERT,
            kind: match (urgent, grave) {
                (false, _) => Kind::None,
                (true, true) => Kind::SelfHarm,
                (true, false) => sums.kind(),
            },
            score,
            reasons: evidence.strong.iter().chain(&evidence.weak).map(|family| family.code()).collect(),
            aside: self.asides.of(text, &words).filter(|aside| !urgent || *aside == Aside::Stop),
        }
    }

    /// What all pieces of a message weigh together.
    fn sums(&self, text: &str, words: &[String], evidence: &Evidence, look: Look) -> Sums {
        let (mut signs, mut pieces) = (Vec::new(), Vec::with_capacity(words.len() * 6));
        evidence.signs(text, words, &mut |name| signs.push(Fingerprint::named(name)));
        let concepts = self.concepts.search(words, &Book::of(look));
        pieces::pieces(words, &concepts, &mut |name| pieces.push(Fingerprint::named(name)));
        let mut sums = self.weights.sums(&signs, &mut pieces);
        evidence.own.iter().for_each(|family| sums.lean(family.role()));
        sums
    }
}

/// Where somebody may die, this score already counts as urgent.
const BARELY: u8 = 7;

/// From 0 (surely not urgent) to 100 (surely urgent), and whether it is a phrase about dying that made it as high.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
fn score(sums: Sums, evidence: &Evidence) -> (u8, bool) {
    let likely = 100.0 / (1.0 + (-sums.urgency()).exp());
    let score = likely.round() as u8;
    let told =
        [Family::Past, Family::Fiction, Family::Joke, Family::News, Family::Thanks, Family::Imagined, Family::Drill];
    // Somebody who may die is never left to the arithmetic, unless it is clearly a story.
    if told.iter().any(|family| evidence.has(*family)) {
        return (score, false);
    }
    let among = |list: &[Family]| list.iter().any(|family| matches!(family, Family::SelfHarm | Family::Farewell));
    let least = if among(&evidence.strong) {
        ALERT
    } else if among(&evidence.weak) && score >= BARELY {
        URGENT
    } else {
        0
    };
    (score.max(least), score < least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Verdict {
        Triage::new().verdict(text, &Language::ALL, false, None)
    }

    #[test]
    fn whoever_may_die_is_urgent_and_a_human_is_told() {
        for text in [
            "je veux mourir, dites à ma mère que je l'aime",
            "ik wil niet meer leven",
            "ich will nicht mehr leben",
            "i want to kill myself",
            "je pense au suicide",
            "mijn vriendin spreekt over zelfmoord",
            "mein Sohn redet von Selbstmord",
            "she is talking about suicide",
            "elle menace de sauter",
            "hij dreigt zich te verhangen",
            "sorry an alle, lebt wohl",
        ] {
            let verdict = verdict(text);
            assert!(verdict.urgent && verdict.alert, "{text}: {verdict:?}");
            assert_eq!(verdict.kind, Kind::SelfHarm, "{text}");
        }
    }

    /// Whoever is lifted by such a phrase gets the help lines, whatever the sums say it is about.
    #[test]
    fn a_phrase_about_dying_brings_the_help_lines_even_where_nothing_else_tells() {
        let police = Triage::new().weighed("-100 50 -300 -300 -300 [base]");
        assert_eq!(police.verdict("bonjour", &Language::ALL, false, None).kind, Kind::Police);
        for text in ["ik wil niet meer leven", "je veux mourir"] {
            let verdict = police.verdict(text, &Language::ALL, false, None);
            assert!(verdict.alert, "{text}: {verdict:?}");
            assert_eq!(verdict.kind, Kind::SelfHarm, "{text}");
        }
    }

    #[test]
    fn a_negation_or_a_question_takes_nothing_from_what_happens_now() {
        for text in [
            "pas le temps, il y a le feu dans la cuisine, que faire ?",
            "niet grappig bedoeld, er staat iemand met een mes aan mijn deur",
            "darf ich fragen, mein Vater atmet nicht mehr, was soll ich tun?",
        ] {
            assert!(verdict(text).urgent, "{text}");
        }
    }

    #[test]
    fn what_is_only_denied_or_said_in_jest_is_not_urgent() {
        for text in [
            "fausse alerte, tout va bien, merci",
            "Not an emergency, but the street lamp is broken",
            "ik lach mij dood haha",
        ] {
            assert!(!verdict(text).urgent, "{text}: {:?}", verdict(text));
        }
    }

    #[test]
    fn what_is_urgent_is_never_thanks_and_a_bare_stop_may_be_a_cry_too() {
        assert_eq!(verdict("ok merci !!").aside, Some(Aside::Thanks));
        assert_eq!(verdict("👍").aside, Some(Aside::Thanks));
        let stop = verdict("STOP svp");
        assert_eq!((stop.urgent, stop.aside), (true, Some(Aside::Stop)));
        let cry = verdict("STOP, il me frappe");
        assert_eq!((cry.urgent, cry.aside), (true, None));
    }

    #[test]
    fn a_zone_adds_its_own_phrases_and_takes_others_away() {
        let own = |add: &[(Family, &str)], remove: &[&str]| OwnPhrases {
            add: add.iter().map(|(family, phrase)| (*family, (*phrase).to_owned())).collect(),
            remove: remove.iter().map(|phrase| (*phrase).to_owned()).collect(),
        };
        let text = "knettergek gedoe op den Bist";
        assert!(!Triage::new().evidence(text).has(Family::Violence));
        let local = Triage::of(&own(&[(Family::Violence, "knettergek .. bist")], &[])).unwrap();
        assert!(local.evidence(text).has(Family::Violence));
        assert!(Triage::of(&own(&[(Family::Violence, "..")], &[])).is_err());
        // Twelve words in any order would be half a thousand million phrases.
        assert!(understood("a & b & c & d & e & f & g & h & i & j & k & l").is_err());

        let text = "je saute !";
        assert!(Triage::new().evidence(text).has(Family::SelfHarm));
        let local = Triage::of(&own(&[], &["je saute"])).unwrap();
        assert!(!local.evidence(text).has(Family::SelfHarm));
        assert!(shipped().any(|phrase| phrase == "je saute"));
        assert_eq!(Triage::of(&own(&[], &["je sautille"])).unwrap_err(), "no lexicon has the phrase `je sautille`");
    }

    #[test]
    fn a_name_that_sounds_like_danger_says_nothing_once_the_zone_calls_it_a_figure_of_speech() {
        let text = "la brocante de la rue du Couteau, c'est dimanche";
        let own = OwnPhrases { add: vec![(Family::Idiom, "rue du couteau".into())], remove: Vec::new() };
        let (shipped, local) = (Triage::new().evidence(text), Triage::of(&own).unwrap().evidence(text));
        let speaks = |evidence: &Evidence| evidence.strong.iter().chain(&evidence.weak).any(|it| *it == Family::Weapon);
        assert!(speaks(&shipped) && !speaks(&local), "{shipped:?} {local:?}");
    }
}
