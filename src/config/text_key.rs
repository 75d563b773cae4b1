//! Which text a path below `[reply]` means, and the way back.

use crate::{
    model::{Feed, Kind, Language, Surface},
    reply::{Scope, TextKey},
};

/// `["x", "mentions", "medical", "fr"]`: scope, then kind, then language.
pub fn parse(path: &[&str]) -> Option<TextKey> {
    let (language, rest) = path.split_last()?;
    let kind =
        rest.last().and_then(|name| Kind::ALL.into_iter().find(|kind| *kind != Kind::None && kind.name() == *name));
    let rest = if kind.is_some() { &rest[..rest.len() - 1] } else { rest };
    let scope = match rest {
        [] => Scope::General,
        [surface] => Scope::Surface(Surface::ALL.into_iter().find(|known| known.name() == *surface)?),
        [platform, feed] => Scope::Feed(format!("{platform}.{feed}").parse::<Feed>().ok()?),
        _ => return None,
    };
    Some(TextKey { scope, kind, language: language.parse::<Language>().ok()? })
}

/// `reply.x.mentions.medical.fr`.
pub fn path(key: TextKey) -> String {
    let mut path = "reply".to_owned();
    let scope = match key.scope {
        Scope::General => None,
        Scope::Surface(surface) => Some(surface.name()),
        Scope::Feed(feed) => Some(feed.name()),
    };
    for part in scope.into_iter().chain(key.kind.map(Kind::name)).chain([key.language.code()]) {
        path.push('.');
        path.push_str(part);
    }
    path
}
