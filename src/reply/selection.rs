//! Which text is meant: the most specific one that the zone wrote, or else the built-in one.

use super::{Scope, TextKey, Texts, builtin};
use crate::model::{Feed, Kind, Language};

/// The text chosen for one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen<'a> {
    /// Its place in the zone's file; for a built-in text, the place where the zone could write its own.
    pub key: TextKey,
    /// Its source.
    pub source: &'a str,
    /// Whether the zone wrote it; otherwise it is built in.
    pub own: bool,
}

/// The text for a message of this kind on this feed.
///
/// A text written for the kind beats any text without a kind: somebody who needs an ambulance must never be sent to 101
/// because the zone wrote a text for the feed. Among texts of the same sort, the feed beats the surface beats the rest.
pub fn select(texts: &Texts, feed: Feed, kind: Kind, language: Language) -> Chosen<'_> {
    let standard = matches!(kind, Kind::Police | Kind::None);
    let kinds = [Some(Some(kind)), standard.then_some(None)];
    let scopes = [Scope::Feed(feed), Scope::Surface(feed.surface()), Scope::General];
    for kind in kinds.into_iter().flatten() {
        for scope in scopes {
            let key = TextKey { scope, kind, language };
            if let Some(source) = texts.own.get(&key) {
                return Chosen { key, source, own: true };
            }
        }
    }
    let key = TextKey { scope: Scope::General, kind: (!standard).then_some(kind), language };
    Chosen { key, source: builtin::text(kind, language), own: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Surface;

    const FR: Language = Language::Fr;

    fn texts(own: &[(Scope, Option<Kind>)]) -> Texts {
        let mut texts = Texts::default();
        for (scope, kind) in own {
            texts.set(TextKey { scope: *scope, kind: *kind, language: FR }, format!("{scope:?} {kind:?}"));
        }
        texts
    }

    fn chosen(texts: &Texts, kind: Kind) -> String {
        select(texts, Feed::XMentions, kind, FR).source.to_owned()
    }

    #[test]
    fn the_feed_beats_the_surface_beats_the_rest() {
        let every = [Scope::General, Scope::Surface(Surface::Public), Scope::Feed(Feed::XMentions)];
        let mut own = Vec::new();
        for scope in every {
            own.push((scope, None));
            assert_eq!(chosen(&texts(&own), Kind::None), format!("{scope:?} None"));
            assert_eq!(chosen(&texts(&own), Kind::Police), format!("{scope:?} None"));
        }
    }

    #[test]
    fn texts_of_other_feeds_and_surfaces_are_left_alone() {
        let own = texts(&[(Scope::Feed(Feed::XInbox), None), (Scope::Surface(Surface::Private), None)]);
        assert_eq!(chosen(&own, Kind::None), builtin::text(Kind::None, FR));
    }

    #[test]
    fn a_text_for_the_kind_beats_a_nearer_text_without_one() {
        let own = texts(&[(Scope::General, Some(Kind::Medical)), (Scope::Feed(Feed::XMentions), None)]);
        assert_eq!(chosen(&own, Kind::Medical), "General Some(Medical)");
        assert_eq!(chosen(&own, Kind::None), "Feed(XMentions) None");
    }

    #[test]
    fn nobody_who_needs_112_or_a_help_line_is_sent_to_101() {
        let own = texts(&[(Scope::Feed(Feed::XMentions), None), (Scope::General, Some(Kind::Police))]);
        for kind in [Kind::Medical, Kind::Fire, Kind::SelfHarm] {
            assert_eq!(chosen(&own, kind), builtin::text(kind, FR));
        }
    }
}
