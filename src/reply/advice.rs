//! What could be better in a zone's own texts, and is no reason to refuse them.

use super::{Facts, TextKey, Texts, builtin, selection::select, template};
use crate::model::{Feed, Kind, Language, Platform};

/// Words of fewer letters in capitals are abbreviations, or the one loud word of the standard text.
const SHORTEST_SHOUT: usize = 4;

/// Longer words that may stand in capitals: those of the standard texts, and the one to write on X.
const LOUD: [&str; 3] = ["GEEN", "KEINE", "STOP"];

/// What could be better in the zone's own texts on its feeds: which text, and how the sentence about it goes on.
pub fn advice(texts: &Texts, facts: &Facts, languages: &[Language], feeds: &[Feed]) -> Vec<(TextKey, String)> {
    let served = texts.own.iter().filter(|(key, _)| languages.contains(&key.language));
    let mut advice: Vec<(TextKey, String)> = served
        .filter_map(|(key, source)| {
            let shouted = shouted(source, facts);
            let words = shouted.join(", ");
            let told = format!("is partly in capitals, which are hard to read and sound like shouting: {words}");
            (!shouted.is_empty()).then_some((*key, told))
        })
        .collect();
    let mut silent: Vec<TextKey> = feeds
        .iter()
        .filter(|feed| feed.platform() == Platform::X)
        .flat_map(|feed| Kind::ALL.map(|kind| (*feed, kind)))
        .flat_map(|(feed, kind)| languages.iter().map(move |language| select(texts, feed, kind, *language)))
        .filter(|chosen| chosen.own && !chosen.source.to_lowercase().contains(builtin::STOP))
        .map(|chosen| chosen.key)
        .collect();
    silent.sort_unstable();
    silent.dedup();
    advice.extend(silent.into_iter().map(|key| {
        let (stop, no_more) = (builtin::STOP, builtin::no_more(key.language));
        let told = format!(
            "is posted on X and does not say how to get no more automatic replies, as X's rules want: add \"{stop} = {no_more}\", or leave it to the built-in text"
        );
        (key, told)
    }));
    advice
}

/// Whether a number, as it is written, stands in a text of the zone or in a built-in one.
pub fn stands_in_a_text(texts: &Texts, number: &str) -> bool {
    let built_in = || Language::ALL.iter().flat_map(|language| Kind::ALL.map(|kind| builtin::text(kind, *language)));
    texts.own.values().map(String::as_str).chain(built_in()).any(|text| text.contains(number))
}

/// The words of a text that are in capitals, without the zone's own names.
fn shouted<'a>(source: &'a str, facts: &Facts) -> Vec<&'a str> {
    let loud = |word: &&str| {
        word.chars().count() >= SHORTEST_SHOUT
            && word.chars().all(char::is_uppercase)
            && !LOUD.contains(word)
            && !facts.names.values().any(|name| name.contains(word))
    };
    let words =
        template::words(source).into_iter().flat_map(|(_, words)| words.split(|letter: char| !letter.is_alphabetic()));
    words.filter(loud).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Scope;

    fn told(source: &str, feeds: &[Feed]) -> Vec<String> {
        let mut texts = Texts::default();
        texts.set(TextKey { scope: Scope::General, kind: None, language: Language::Fr }, source.to_owned());
        let facts = Facts { names: [(Language::Fr, "Zone de police BRUNO".to_owned())].into(), ..Facts::default() };
        let told = advice(&texts, &facts, &[Language::Fr, Language::Nl], feeds);
        told.into_iter().map(|(_, words)| words).collect()
    }

    #[test]
    fn a_text_that_shouts_is_told_and_one_that_stresses_a_word_is_not() {
        let inbox = [Feed::FacebookInbox];
        assert_eq!(
            told("URGENT ! Formez le 101, n'écrivez PAS ICI. APPELEZ.", &inbox),
            ["is partly in capitals, which are hard to read and sound like shouting: URGENT, APPELEZ"]
        );
        for good in
            ["PAS d'appels urgents, formez le 101. {{ zone.name }}", "101. STOP = fin. Zone de police BRUNO, ZP"]
        {
            assert_eq!(told(good, &inbox), Vec::<String>::new(), "{good}");
        }
    }

    #[test]
    fn an_own_text_on_x_says_how_to_get_no_more_of_them() {
        let x = [Feed::FacebookInbox, Feed::XMentions, Feed::XInbox];
        assert_eq!(
            told("Formez le 101. {{ zone.name }}", &x),
            [
                "is posted on X and does not say how to get no more automatic replies, as X's rules want: add \"stop = plus de réponse\", or leave it to the built-in text"
            ]
        );
        assert_eq!(told("Formez le 101. {{ zone.name }} (STOP = fin)", &x), Vec::<String>::new());
        assert_eq!(told("Formez le 101. {{ zone.name }}", &x[..1]), Vec::<String>::new());
    }
}
