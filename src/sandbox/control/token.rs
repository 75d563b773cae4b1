//! What a rehearsal may do to the tokens of Facebook and Instagram: end them, or take permissions away.

use serde::Deserialize;

use super::super::time;
use super::super::world::World;

/// A change of a token that was given out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenChange {
    /// `facebook` or `instagram` for the first token of that account, or a token itself.
    pub token: String,
    /// When it ends: RFC 3339, or a distance such as `-1s` or `+3d`.
    pub ends: Option<String>,
    /// When the data access of its Instagram permissions ends.
    pub data_access_ends: Option<String>,
    /// It is refused from now on, with this subcode of 190; 0 for none.
    pub subcode: Option<i64>,
    /// The permissions that are left.
    pub scopes: Option<Vec<String>>,
}

/// Changes a token.
pub fn change(world: &mut World, change: &TokenChange) -> Result<(), String> {
    let token = match change.token.as_str() {
        "facebook" => world.setup.facebook_token.clone(),
        "instagram" => world.setup.instagram_token.clone(),
        other => other.to_owned(),
    };
    let mut grant = world.grant(&token).ok_or("no such token")?;
    let moment = |text: &String| time::end(text, world.now()).ok_or(format!("'{text}' is not a time"));
    if let Some(text) = &change.ends {
        grant.ends = Some(moment(text)?);
    }
    if let Some(text) = &change.data_access_ends {
        grant.data_access_ends = Some(moment(text)?);
    }
    if let Some(scopes) = &change.scopes {
        grant.scopes.clone_from(scopes);
    }
    grant.ended = change.subcode.or(grant.ended);
    world.grants.tokens.insert(token, grant);
    Ok(())
}
