//! Messages that ask for nothing: thanks, praise, a thumb; and the wish to get no automatic reply any more.
//!
//! A message is one of these only when it is made of listed words alone: one word that is not listed may be a report, and
//! then it is answered. The lists are files that a comms officer can read.

use std::collections::HashMap;

use super::fold;
use crate::model::Aside;

/// The lists, one per language, and the signs that all share.
const LISTS: [&str; 5] = [
    include_str!("asides/fr.txt"),
    include_str!("asides/nl.txt"),
    include_str!("asides/de.txt"),
    include_str!("asides/en.txt"),
    include_str!("asides/all.txt"),
];

/// Nobody thanks in more words than these; a longer message says something.
const MOST_WORDS: usize = 24;

/// What a phrase is to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    aside: Aside,
    /// Whether it may only stand beside another phrase.
    beside: bool,
}

/// The lists, ready to be compared with a message.
#[derive(Debug)]
pub struct Asides {
    /// Phrases by their first word.
    phrases: HashMap<String, Vec<(Part, Vec<String>)>>,
}

impl Asides {
    /// The lists as shipped.
    ///
    /// # Errors
    /// The first line that cannot be understood.
    pub fn shipped() -> Result<Self, String> {
        let mut asides = Self { phrases: HashMap::new() };
        LISTS.iter().try_for_each(|list| asides.read(list))?;
        Ok(asides)
    }

    fn read(&mut self, list: &str) -> Result<(), String> {
        let mut part = None;
        for line in list.lines() {
            let line = line.split("//").next().unwrap_or_default().trim();
            if let Some(name) = line.strip_prefix('[') {
                let (aside, beside) = match name {
                    "thanks]" => (Aside::Thanks, false),
                    "with thanks]" => (Aside::Thanks, true),
                    "stop]" => (Aside::Stop, false),
                    "with stop]" => (Aside::Stop, true),
                    _ => return Err(format!("no such list: {line}")),
                };
                part = Some(Part { aside, beside });
            } else if !line.is_empty() {
                let words: Vec<String> = fold::words(line).into_iter().filter(|word| word != fold::END).collect();
                let part = part.ok_or_else(|| format!("a phrase before the first list: {line}"))?;
                let first = words.first().ok_or_else(|| format!("a phrase without a word: {line}"))?.clone();
                self.phrases.entry(first).or_default().push((part, words));
            }
        }
        Ok(())
    }

    /// What a message, of these folded words, is made of, if of nothing else.
    pub fn of(&self, text: &str, words: &[String]) -> Option<Aside> {
        // A question wants an answer.
        if text.contains('?') {
            return None;
        }
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| *word != fold::END).collect();
        let made_of = |aside| self.covers(&words, aside).then_some(aside);
        // Whoever says the word again and again cries it.
        let cried = words.windows(2).any(|pair| pair[0] == pair[1]);
        made_of(Aside::Thanks).or_else(|| made_of(Aside::Stop).filter(|_| !cried))
    }

    /// Whether phrases of one sort cover every word, and at least one of them may stand alone.
    fn covers(&self, words: &[&str], aside: Aside) -> bool {
        if words.is_empty() || words.len() > MOST_WORDS {
            return false;
        }
        // For each place between two words whether phrases reach it, without and with one that may stand alone.
        let mut reached = vec![[false; 2]; words.len() + 1];
        reached[0] = [true, false];
        for at in 0..words.len() {
            let here = reached[at];
            if here == [false; 2] {
                continue;
            }
            for (part, phrase) in self.phrases.get(words[at]).into_iter().flatten() {
                if part.aside == aside && begins(&words[at..], phrase) {
                    let there = &mut reached[at + phrase.len()];
                    there[0] |= here[0] && part.beside;
                    there[1] |= here[1] || (here[0] && !part.beside);
                }
            }
        }
        reached[words.len()][1]
    }
}

fn begins(words: &[&str], phrase: &[String]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, of_phrase)| *word == of_phrase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Aside> {
        Asides::shipped().expect("the shipped lists can be read").of(text, &fold::words(text))
    }

    #[test]
    fn thanks_praise_and_a_thumb_are_thanks() {
        for text in [
            "merci",
            "ok merci !!",
            "Merciiii beaucoup 🙏🙏",
            "@ZPExemple un grand merci à toute l'équipe, bonne soirée",
            "d'accord, merci pour votre réponse rapide",
            "👍",
            "👍🏽",
            "❤️",
            "bedankt, top",
            "Dank u wel voor de snelle reactie !",
            "merci hoor, fijne avond",
            "danke schön",
            "Vielen Dank für die schnelle Antwort. Gute Nacht",
            "thx",
            "Thank you so much officer, great job 👏",
            "ok",
        ] {
            assert_eq!(of(text), Some(Aside::Thanks), "{text}");
        }
    }

    #[test]
    fn one_word_that_says_something_makes_it_a_message() {
        for text in [
            "",
            "merci d'envoyer quelqu'un vite",
            "merci de m'aider",
            "merci d'avance",
            "merci ?",
            "ok mais il revient",
            "thanks, he is back and has a knife",
            "thanks for nothing",
            "bedankt maar het brandt nog",
            "alvast bedankt",
            "danke, aber er ist noch da",
            "🆘",
            "😡",
            "😭🙏",
            "super, il y a le feu",
            "beaucoup",
            "bonne nuit",
            "14 rue Haute merci",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn whoever_wants_no_automatic_reply_says_so_in_a_few_words() {
        for text in [
            "STOP",
            "stop svp",
            "@ZPExemple STOP!",
            "Ne m'écrivez plus",
            "je ne veux plus de réponse automatique",
            "Désabonnez-moi, merci",
            "stoppen aub",
            "geen automatische berichten meer",
            "uitschrijven",
            "Abmelden",
            "Bitte keine automatischen Antworten mehr",
            "unsubscribe",
            "please don't reply anymore",
        ] {
            assert_eq!(of(text), Some(Aside::Stop), "{text}");
        }
    }

    #[test]
    fn a_cry_is_no_wish_for_silence() {
        for text in [
            "stop de trein!",
            "STOP, il me frappe",
            "stop stop stop",
            "stop!! stop!!",
            "stop him",
            "arrêtez",
            "arrêtez-le",
            "laissez-moi tranquille",
            "laat me los",
            "hou op",
            "leave me alone",
            "stop it",
            "stop?",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_says_why() {
        let read = |list: &str| Asides { phrases: HashMap::new() }.read(list);
        assert_eq!(read("merci"), Err("a phrase before the first list: merci".to_owned()));
        assert_eq!(read("[merci]\nmerci"), Err("no such list: [merci]".to_owned()));
        assert_eq!(read("[thanks]\n!?"), Err("a phrase without a word: !?".to_owned()));
    }
}
