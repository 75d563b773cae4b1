//! Who is calling: which token, where it may stand, and whether it still holds.

use serde_json::Value;

use super::super::wire::Call;
use super::super::world::World;
use super::error::GraphError;
use super::proof;

/// On whose behalf a call is made, as its token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The Page, which also reaches the Instagram account linked to it.
    Page,
    /// Another Page of the same person, by its place in the settings.
    OtherPage(usize),
    /// The Instagram account, through Instagram Login.
    Instagram,
    /// The person who looks after the Pages.
    User,
    /// The application itself.
    App,
}

impl Caller {
    /// The id that `me` stands for.
    pub fn id(self, world: &World) -> &str {
        match self {
            Self::Page => &world.setup.page_id,
            Self::OtherPage(index) => {
                world.settings.meta.graph_other_pages.get(index).map_or("", |page| page.id.as_str())
            }
            Self::Instagram => &world.setup.instagram_id,
            Self::User => &world.setup.facebook_user_id,
            Self::App => &world.setup.facebook_app_id,
        }
    }
}

/// Who is calling, if the token says so.
pub fn caller(world: &World, call: &Call) -> Option<Caller> {
    world.grant(&given(call)?).map(|grant| grant.caller)
}

/// Lets a call through when it carries a token that holds. A token outside the header works and is noted.
pub fn check(world: &mut World, call: &Call) -> Result<Caller, GraphError> {
    // The documents show this one call with its token in the query and in no other way.
    let excused = call.segments.get(1).is_some_and(|node| node == "debug_token");
    if call.param("access_token").is_some() && !excused {
        world.violation(call, "token in query");
    } else if in_body(call, "access_token").is_some() {
        world.violation(call, "token in body");
    }
    let Some(token) = given(call) else {
        let message = "(#104) An access token is required to request this resource.";
        return Err(GraphError::new(104, message).status(401).ours());
    };
    let caller = holds(world, &token)?;
    proof::check(world, call, &token, caller)?;
    Ok(caller)
}

/// Refuses a token that is unknown or whose time is over.
pub fn holds(world: &World, token: &str) -> Result<Caller, GraphError> {
    let Some(grant) = world.grant(token) else {
        let message = "Invalid OAuth access token - Cannot parse access token";
        return Err(GraphError::new(190, message).status(world.settings.graph_token_error_status));
    };
    grant.refusal(world.now()).map_or(Ok(grant.caller), |subcode| Err(ended(world, subcode)))
}

/// The error of a token whose time is over.
pub fn expired(world: &World) -> GraphError {
    ended(world, 463)
}

/// The error of a token that was ended; the subcode says why.
pub fn ended(world: &World, subcode: i64) -> GraphError {
    let why = match subcode {
        458 => "The user has not authorized the application.",
        459 => "The user must log in at www.facebook.com.",
        460 => "The session has been invalidated because the user changed the password.",
        463 => "Session has expired.",
        492 => "The user no longer has a role on this Page.",
        _ => "The session is invalid.",
    };
    let mut error = GraphError::new(190, format!("Error validating access token: {why}"));
    error.subcode = (subcode != 0).then_some(subcode);
    error.status(world.settings.graph_token_error_status)
}

/// The token of a call, wherever it stands.
pub fn given(call: &Call) -> Option<String> {
    call.bearer().map(str::to_owned).or_else(|| parameter(call, "access_token"))
}

/// A parameter of a call, in the query or in the body.
pub fn parameter(call: &Call, name: &str) -> Option<String> {
    call.param(name).map(str::to_owned).or_else(|| in_body(call, name))
}

fn in_body(call: &Call, name: &str) -> Option<String> {
    if let Some(object) = call.json() {
        return match object.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
    }
    let form = call.form()?;
    form.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
