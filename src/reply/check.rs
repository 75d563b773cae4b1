//! Everything that can be wrong with a zone's texts, found before the service starts.

use std::collections::BTreeSet;

use super::selection::{Chosen, select};
use super::{Facts, Finding, Present, Scope, TextError, TextKey, Texts, builtin, compose, length, template};
use crate::{
    model::{Feed, Kind, Language, LanguageChoice},
    text::links,
};

/// Everything that is wrong with a zone's texts on its feeds, all at once.
///
/// `own_handle` is the X account's handle, which a public reply must not name. A text is measured only on the feeds where
/// it would really be used. The texts of all languages together are measured only for a bilingual zone.
pub fn check(
    texts: &Texts,
    facts: &Facts,
    languages: &[Language],
    bilingual: bool,
    feeds: &[Feed],
    own_handle: Option<&str>,
) -> Vec<Finding> {
    let zone = Zone { texts, facts, languages, own_handle };
    let mut findings: Vec<Finding> =
        texts.own.iter().flat_map(|(key, source)| zone.check_words(*key, source)).collect();
    let mut seen = BTreeSet::new();
    for (feed, kind) in feeds.iter().flat_map(|feed| Kind::ALL.map(|kind| (*feed, kind))) {
        let chosen: Vec<Chosen<'_>> = languages.iter().map(|language| select(texts, feed, kind, *language)).collect();
        let before = findings.len();
        for chosen in &chosen {
            if seen.insert((feed, vec![chosen.key])) && zone.is_sound(chosen) {
                findings.extend(zone.check_use(feed, kind, chosen));
            }
        }
        let keys: Vec<TextKey> = chosen.iter().map(|chosen| chosen.key).collect();
        let worth_joining = bilingual
            && chosen.len() > 1
            && findings.len() == before
            && chosen.iter().all(|chosen| zone.is_sound(chosen));
        if worth_joining && seen.insert((feed, keys)) {
            findings.extend(zone.check_together(feed, kind, &chosen));
        }
    }
    findings
}

/// What the rules look at.
struct Zone<'a> {
    texts: &'a Texts,
    facts: &'a Facts,
    languages: &'a [Language],
    own_handle: Option<&'a str>,
}

impl Zone<'_> {
    /// Whether a chosen text can be filled in and says something; if not, that is already reported.
    fn is_sound(&self, chosen: &Chosen<'_>) -> bool {
        template::mistakes(chosen.source, self.facts).is_empty() && !chosen.source.trim().is_empty()
    }

    /// What is wrong with a text of the zone's own, wherever it is used.
    fn check_words(&self, key: TextKey, source: &str) -> Vec<Finding> {
        if !self.languages.contains(&key.language) {
            let served: Vec<&str> = self.languages.iter().map(|language| language.code()).collect();
            let problem = format!("The zone does not serve {}, so this text would never be used.", key.language);
            let help =
                format!("Remove the text, or add \"{}\" to `languages`, now {}.", key.language, served.join(", "));
            return vec![Finding { key, at: None, problem, help }];
        }
        if source.trim().is_empty() {
            let help = "Write a text, or remove the line so that the built-in text is used.".to_owned();
            return vec![Finding { key, at: None, problem: "The text is empty.".to_owned(), help }];
        }
        let mistakes = template::mistakes(source, self.facts).into_iter();
        let mut findings: Vec<Finding> = mistakes
            .map(|mistake| Finding { key, at: Some(mistake.at), problem: mistake.problem, help: mistake.help })
            .collect();
        findings.extend(missing_number(key, source));
        findings
    }

    /// The text on the day on which it is longest.
    fn longest(&self, feed: Feed, kind: Kind, languages: &[Language]) -> Result<String, TextError> {
        let compose = |present| compose(self.texts, self.facts, feed, kind, languages, &present);
        let texts = Present::week().map(compose).collect::<Result<Vec<_>, _>>()?;
        Ok(texts.into_iter().max_by_key(|text| length::measure(feed, text).used).unwrap_or_default())
    }

    /// What is wrong with a text on one of the feeds where it would be used.
    fn check_use(&self, feed: Feed, kind: Kind, chosen: &Chosen<'_>) -> Vec<Finding> {
        let key = chosen.key;
        let language = LanguageChoice::one(key.language);
        let text = match self.longest(feed, kind, language.as_slice()) {
            Ok(text) => text,
            Err(error) => {
                let help = "Give the zone a name: `name = { fr = \"...\", nl = \"...\" }` in [zone].".to_owned();
                return vec![Finding { key, at: None, problem: error.problem, help }];
            }
        };
        let mut findings = Vec::new();
        if let Some(problem) = length::refusal(feed, &text) {
            let excess = length::measure(feed, &text).excess();
            findings.push(Finding {
                key,
                at: None,
                problem: about(chosen, problem),
                help: shorten(feed, chosen.own, excess),
            });
        }
        if feed == Feed::XMentions {
            findings.extend(self.check_public_x(chosen, &text));
        }
        findings
    }

    /// What X forbids in a public reply, or makes dear.
    fn check_public_x(&self, chosen: &Chosen<'_>, text: &str) -> Vec<Finding> {
        let key = chosen.key;
        let mut findings = Vec::new();
        let mut add = |at, problem: String, help: &str| {
            findings.push(Finding { key, at, problem: about(chosen, problem), help: help.to_owned() });
        };
        let lower = chosen.source.to_lowercase();
        let named = template::uses(chosen.source, "zone.name")
            || self.facts.names.values().any(|name| lower.contains(&name.to_lowercase()));
        if !named {
            let problem =
                "The text does not name the zone, and X forbids the same text on several accounts.".to_owned();
            add(None, problem, "Add `{{ zone.name }}` to the text.");
        }
        for link in links(text) {
            let link = &text[link];
            let at = chosen.source.find(link).map(|start| start..start + link.len());
            let problem = format!("X makes a link of `{link}`, and a public reply must not hold one.");
            add(
                at,
                problem,
                "Name the zone instead of its website; X takes any name with a known ending, such as .be, for a link.",
            );
        }
        let ours = self
            .own_handle
            .map(|handle| handle.trim_start_matches('@').to_lowercase())
            .filter(|handle| !handle.is_empty());
        let calls: Vec<usize> = chosen.source.match_indices(['@', '＠']).map(|(at, _)| at).collect();
        for start in &calls {
            let word = chosen.source[*start..].split_whitespace().next().unwrap_or("@");
            let whose = match &ours {
                Some(handle) if starts_with_word(&word.chars().skip(1).collect::<String>().to_lowercase(), handle) => {
                    "names our own account"
                }
                _ => "calls an account",
            };
            let problem = format!("`{word}` {whose}, and a public reply must not call anybody.");
            add(Some(*start..start + word.len()), problem, "Write the zone's name without the @.");
        }
        if calls.is_empty() && text.contains(['@', '＠']) {
            let problem =
                "The zone's name or telephone number holds an @, and a public reply must not call anybody.".to_owned();
            add(None, problem, "Write it without the @ in [zone].");
        }
        if let Some(at) = ours.and_then(|handle| self.bare_handle(chosen.source, &handle)) {
            let problem =
                format!("`{}` is our own account, and a public reply must not name it.", &chosen.source[at.clone()]);
            add(Some(at), problem, "Write `{{ zone.name }}` instead.");
        }
        findings
    }

    /// Our handle written without an @, where it is not simply the zone's name.
    fn bare_handle(&self, source: &str, handle: &str) -> Option<std::ops::Range<usize>> {
        if self.facts.names.values().any(|name| name.to_lowercase().contains(handle)) {
            return None;
        }
        template::words(source).into_iter().find_map(|(start, words)| {
            let found = words.char_indices().map(|(at, _)| at).find(|at| {
                let fresh = words[..*at]
                    .chars()
                    .next_back()
                    .is_none_or(|before| !is_word(before) && !matches!(before, '@' | '＠'));
                let part = words[*at..].get(..handle.len()).is_some_and(|part| part.eq_ignore_ascii_case(handle));
                fresh && part && !words[at + handle.len()..].starts_with(is_word)
            });
            found.map(|at| start + at..start + at + handle.len())
        })
    }

    /// What is wrong with the texts of all languages below each other.
    fn check_together(&self, feed: Feed, kind: Kind, chosen: &[Chosen<'_>]) -> Option<Finding> {
        let text = self.longest(feed, kind, self.languages).ok()?;
        let length = length::measure(feed, &text);
        let codes: Vec<&str> = self.languages.iter().map(|language| language.code()).collect();
        let problem = format!(
            "The texts in {} together are {} long on {feed}, {} over the limit of {}.",
            codes.join(" and "),
            length.used,
            length.excess(),
            length.limit
        );
        let own = chosen.iter().any(|chosen| chosen.own);
        // The place shown is one that the zone wrote, where there is one.
        let key = chosen.iter().find(|chosen| chosen.own).or(chosen.first())?.key;
        (length.excess() > 0).then(|| Finding { key, at: None, problem, help: shorten(feed, own, length.excess()) })
    }
}

/// A problem, said of the built-in text where the zone wrote none.
fn about(chosen: &Chosen<'_>, problem: String) -> String {
    if chosen.own {
        problem
    } else {
        format!("The built-in text in {}, with the zone's name: {problem}", chosen.key.language)
    }
}

fn shorten(feed: Feed, own: bool, excess: usize) -> String {
    if excess == 0 {
        "Type the text again by hand: copying from another program brings such characters along.".to_owned()
    } else if own {
        format!("Leave out at least {excess}, or write a shorter text for this feed alone in [reply.{feed}].")
    } else {
        format!("Shorten the zone's name, or write your own shorter text in [reply.{feed}]; at least {excess} must go.")
    }
}

/// A text that does not say the number to dial.
fn missing_number(key: TextKey, source: &str) -> Option<Finding> {
    let words: Vec<&str> = template::words(source).into_iter().map(|(_, words)| words).collect();
    let says = |number: &str| words.iter().any(|words| names_number(words, number));
    let (missing, help) = match key.kind {
        None | Some(Kind::Police | Kind::None) if !says("101") => ("101", "dial 101"),
        Some(Kind::Medical | Kind::Fire) if !says("112") => ("112", "dial 112"),
        Some(Kind::SelfHarm) if !says("112") && !builtin::help_lines(key.language).iter().any(|line| says(line)) => {
            let lines = builtin::help_lines(key.language).join(" or ");
            let problem =
                format!("A text for somebody who may harm themselves must name a help line ({lines}) or 112.");
            let help = format!("Add the number to the text: {lines}.");
            return Some(Finding { key, at: None, problem, help });
        }
        _ => return None,
    };
    let kind = match (key.scope, key.kind) {
        (_, Some(kind)) if kind != Kind::None => format!("A text for {kind} messages"),
        (Scope::General, _) => "The standard text".to_owned(),
        _ => "A standard text".to_owned(),
    };
    let problem = format!("{kind} must say {missing}, and this one does not.");
    Some(Finding {
        key,
        at: None,
        problem,
        help: format!("Tell the citizen to {help}, in figures: \"{}\".", builtin_words(key)),
    })
}

/// The built-in text that shows what is expected.
fn builtin_words(key: TextKey) -> &'static str {
    builtin::text(key.kind.unwrap_or(Kind::None), key.language)
}

/// Whether a number stands in a text: short ones alone, long ones however they are grouped.
fn names_number(words: &str, number: &str) -> bool {
    let wanted: String = number.chars().filter(char::is_ascii_digit).collect();
    if wanted.len() <= 4 {
        return words.split(|letter: char| !letter.is_ascii_digit()).any(|run| run == wanted);
    }
    let joined: String =
        words.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '.' | '/' | '-')).collect();
    joined.split(|letter: char| !letter.is_ascii_digit()).any(|run| run == wanted)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether a text starts with this word, and not with a longer one.
fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(is_word))
}
