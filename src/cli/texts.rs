//! Every text that a zone would post, as it would appear.

use crate::{
    config::Zone,
    model::{Feed, Kind, Language, LanguageChoice},
    reply::{self, Present, TextError, TextKey},
};

/// One text as it would appear on a feed, and the kinds of messages that get it.
pub struct Shown {
    /// The language or languages in which the message is answered.
    pub choice: LanguageChoice,
    /// The text, or why there is none.
    pub text: Result<String, TextError>,
    /// Where it comes from, for each language: a place in the zone's file, or `None` for a built-in one.
    pub sources: Vec<(Language, Option<TextKey>)>,
    kinds: Vec<Kind>,
}

impl Shown {
    /// The names of the kinds that get it; none for the standard text.
    pub fn kinds(&self) -> Vec<&'static str> {
        if self.kinds.contains(&Kind::None) {
            return Vec::new();
        }
        self.kinds.iter().map(|kind| kind.name()).collect()
    }
}

/// Every text of a feed, the kinds that share a text together.
pub fn shown(zone: &Zone, feed: Feed, time: &str) -> Vec<Shown> {
    let (mut all, present) = (Vec::new(), Present::example(time));
    for choice in choices(zone) {
        let mut texts: Vec<Shown> = Vec::new();
        for kind in [Kind::None].into_iter().chain(Kind::ALL) {
            let text = reply::render(&zone.texts, &zone.facts, feed, kind, &choice, &present);
            let source = |language: &Language| (*language, reply::own_text(&zone.texts, feed, kind, *language));
            let sources: Vec<_> = choice.as_slice().iter().map(source).collect();
            match texts.iter_mut().find(|shown| shown.text == text && shown.sources == sources) {
                Some(shown) => shown.kinds.push(kind),
                None => texts.push(Shown { choice: choice.clone(), text, sources, kinds: vec![kind] }),
            }
        }
        all.append(&mut texts);
    }
    all
}

/// Each language alone; then, where every reply is given in all of them, all together.
fn choices(zone: &Zone) -> Vec<LanguageChoice> {
    let alone = zone.languages.iter().copied().map(LanguageChoice::one);
    let together =
        LanguageChoice::several(&zone.languages).filter(|choice| zone.bilingual && choice.as_slice().len() > 1);
    alone.chain(together).collect()
}
