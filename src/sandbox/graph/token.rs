//! Who is calling: the Page token, where it may stand, and what is said about it.

use serde_json::{Value, json};

use super::super::wire::Call;
use super::super::world::World;
use super::error::GraphError;

/// On whose behalf a call is made, as its token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The Page, which also reaches the Instagram account linked to it.
    Page,
    /// The Instagram account, through Instagram Login.
    Instagram,
}

impl Caller {
    /// The id that `me` stands for.
    pub fn id(self, world: &World) -> &str {
        match self {
            Self::Page => &world.setup.page_id,
            Self::Instagram => &world.setup.instagram_id,
        }
    }
}

/// Who is calling, if the token says so.
pub fn caller(world: &World, call: &Call) -> Option<Caller> {
    let given = given(call)?;
    if given == world.setup.facebook_token {
        Some(Caller::Page)
    } else {
        (given == world.setup.instagram_token).then_some(Caller::Instagram)
    }
}

/// Lets a call through when it carries a token of the zone. A token outside the header works and is noted.
pub fn check(world: &mut World, call: &Call) -> Result<Caller, GraphError> {
    if call.segments.get(1).is_some_and(|node| node == "debug_token") {
        return Ok(Caller::Page);
    }
    if call.param("access_token").is_some() {
        world.violation(call, "token in query");
    } else if body_token(call).is_some() {
        world.violation(call, "token in body");
    }
    if given(call).is_none() {
        let message = "(#104) An access token is required to request this resource.";
        return Err(GraphError::new(104, message).status(401).ours());
    }
    caller(world, call).ok_or_else(|| {
        let message = "Invalid OAuth access token - Cannot parse access token";
        GraphError::new(190, message).status(world.settings.graph_token_error_status)
    })
}

/// The token of a call, wherever it stands.
pub fn given(call: &Call) -> Option<String> {
    call.bearer().or_else(|| call.param("access_token")).map(str::to_owned).or_else(|| body_token(call))
}

/// The error of a token whose time is over.
pub fn expired(world: &World) -> GraphError {
    let message = "Error validating access token: Session has expired.";
    GraphError::new(190, message).sub(463).status(world.settings.graph_token_error_status)
}

/// What is known of a token; any token of the application may ask.
pub fn debug(world: &World, call: &Call) -> Result<Value, GraphError> {
    let input =
        call.param("input_token").ok_or_else(|| GraphError::parameter("The parameter input_token is required"))?;
    if call.bearer().is_none() && call.param("access_token").is_none() {
        return Err(GraphError::new(104, "(#104) An access token is required to request this resource.").ours());
    }
    if input != world.setup.facebook_token {
        let error = json!({"code": 190, "message": "The access token could not be decrypted", "subcode": 463});
        return Ok(json!({"data": {"is_valid": false, "error": error, "scopes": []}}));
    }
    let scopes = [
        "pages_show_list",
        "pages_messaging",
        "pages_manage_metadata",
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_engagement",
    ];
    let granular: Vec<Value> =
        scopes.iter().map(|scope| json!({"scope": scope, "target_ids": [world.setup.page_id]})).collect();
    Ok(json!({"data": {
        "app_id": "1", "type": "PAGE", "application": "sandbox", "is_valid": true, "issued_at": world.opened / 1_000,
        "expires_at": 0, "data_access_expires_at": 0, "scopes": scopes, "granular_scopes": granular,
        "profile_id": world.setup.page_id, "user_id": "2",
    }}))
}

fn body_token(call: &Call) -> Option<String> {
    if let Some(object) = call.json() {
        return object.get("access_token")?.as_str().map(str::to_owned);
    }
    let form = call.form()?;
    form.into_iter().find(|(key, _)| key == "access_token").map(|(_, value)| value)
}
