//! Facebook Login: the dialog that sends the person back with a code, and the endpoint that gives tokens.

use serde_json::{Value, json};

use super::super::time::{DAY, MINUTE, SECOND};
use super::super::wire::{self, Answer, Call};
use super::super::world::World;
use super::error::GraphError;
use super::grants::{Code, Grant};
use super::proof;
use super::token::{self, Caller};

/// How long a code may be turned into a token.
const CODE_LIFE: i64 = 10 * MINUTE;

/// The permissions that the dialog knows; any other makes it refuse.
const KNOWN: [&str; 13] = [
    "public_profile",
    "email",
    "business_management",
    "pages_manage_posts",
    "pages_show_list",
    "pages_messaging",
    "pages_manage_metadata",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "instagram_basic",
    "instagram_manage_messages",
    "instagram_manage_comments",
];

/// `GET /dialog/oauth`: nobody is asked, the person is sent back at once.
pub fn dialog(world: &mut World, call: &Call) -> Answer {
    let app = world.setup.facebook_app_id.clone();
    let scope = call.param("scope").unwrap_or_default();
    let scopes: Vec<String> = scope.split([',', ' ']).filter(|one| !one.is_empty()).map(str::to_owned).collect();
    if let Some(unknown) = scopes.iter().find(|scope| !KNOWN.contains(&scope.as_str())) {
        world.violation(call, &format!("the login dialog does not know the permission {unknown}"));
        return Answer::html(400);
    }
    if scopes.is_empty() && call.param("config_id").is_none() {
        world.violation(call, "a login without scope or config_id");
    }
    let all = || super::grants::PAGE_SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
    send_back(world, call, &app, if scopes.is_empty() { all() } else { scopes }, "#_=_")
}

/// Sends the person back with a code, or with his refusal; to an address that is not registered, not at all.
pub fn send_back(world: &mut World, call: &Call, app: &str, scopes: Vec<String>, tail: &str) -> Answer {
    let back = call.param("redirect_uri").unwrap_or_default().to_owned();
    let registered = world.settings.meta.graph_redirect_uris.contains(&back);
    if call.param("client_id") != Some(app) || !registered || call.param("response_type").is_some_and(|t| t != "code") {
        world.violation(call, "a login with an unknown client, redirect address or response type");
        return Answer::html(400);
    }
    if call.param("state").is_none_or(|state| state.len() < 8) {
        world.violation(call, "a login without a state that cannot be guessed");
    }
    let mut pairs: Vec<(&str, String)> = Vec::new();
    if world.settings.meta.graph_login_denied {
        pairs.push(("error", "access_denied".to_owned()));
        pairs.push(("error_code", "200".to_owned()));
        pairs.push(("error_description", "Permissions error".to_owned()));
        pairs.push(("error_reason", "user_denied".to_owned()));
    } else {
        let declined = |scope: &String| world.settings.meta.graph_login_declined.contains(scope);
        let (declined, scopes) = scopes.into_iter().partition(declined);
        let code = Code {
            instagram: app == world.setup.instagram_app_id,
            redirect_uri: back.clone(),
            scopes,
            declined,
            issued: world.now(),
            used: false,
            challenge: call.param("code_challenge").map(str::to_owned),
        };
        let text = format!("AQ{:x}-code{}", world.now(), world.serial());
        world.grants.codes.insert(text.clone(), code);
        pairs.push(("code", text));
    }
    pairs.extend(call.param("state").map(|state| ("state", state.to_owned())));
    let query: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={}", wire::encode(value))).collect();
    let joint = if back.contains('?') { '&' } else { '?' };
    Answer::html(302).with("Location", format!("{back}{joint}{}{tail}", query.join("&")))
}

/// `GET /oauth/access_token`, or a POST of the same.
pub fn exchange(world: &mut World, call: &Call) -> Result<Value, GraphError> {
    let given = |name: &str| token::parameter(call, name);
    let (app, secret) = (&world.setup.facebook_app_id, &world.setup.facebook_app_secret);
    let basic = format!("Basic {}", proof::base64(format!("{app}:{secret}").as_bytes()));
    let proved = given("client_id").as_ref() == Some(app) && given("client_secret").as_ref() == Some(secret);
    if !proved && call.authorization.as_ref() != Some(&basic) {
        return Err(GraphError::new(101, "Error validating client secret.").ours());
    }
    match given("grant_type").as_deref() {
        None | Some("authorization_code") => from_code(world, call),
        Some("fb_exchange_token") => longer(world, call),
        Some("client_credentials") => Ok(json!({"access_token": format!("{app}|{secret}"), "token_type": "bearer"})),
        Some(other) => Err(GraphError::parameter(format!("Unsupported grant_type '{other}'"))),
    }
}

fn from_code(world: &mut World, call: &Call) -> Result<Value, GraphError> {
    let code = redeem(world, call, false, CODE_LIFE)?;
    let life = i64::from(world.settings.meta.graph_short_token_seconds);
    Ok(person(world, code.scopes, code.declined, life, false))
}

/// Takes a code for its one use.
pub fn redeem(world: &mut World, call: &Call, instagram: bool, life: i64) -> Result<Code, GraphError> {
    let given = |name: &str| token::parameter(call, name);
    let now = world.now();
    let text = given("code").ok_or_else(|| GraphError::parameter("Missing authorization code"))?;
    let refused = |message: &str, subcode: i64| GraphError::new(100, message).sub(subcode).ours();
    let known = world.grants.codes.get_mut(&text).filter(|code| code.instagram == instagram);
    let code = known.ok_or_else(|| refused("Invalid verification code format.", 36_009))?;
    if code.used {
        return Err(refused("This authorization code has been used.", 36_009));
    }
    if given("redirect_uri").as_ref() != Some(&code.redirect_uri) {
        let message = "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request";
        return Err(refused(message, 36_008));
    }
    code.used = true;
    if now - code.issued >= life {
        return Err(GraphError::new(100, "This authorization code has expired.").sub(36_007));
    }
    let proved = code
        .challenge
        .as_ref()
        .map(|challenge| given("code_verifier").is_some_and(|verifier| &proof::challenge(&verifier) == challenge));
    if proved == Some(false) {
        return Err(GraphError::parameter("Invalid code verifier"));
    }
    Ok(code.clone())
}

fn longer(world: &mut World, call: &Call) -> Result<Value, GraphError> {
    let short = token::parameter(call, "fb_exchange_token").unwrap_or_default();
    if token::holds(world, &short)? != Caller::User {
        return Err(GraphError::parameter("Param fb_exchange_token is not the token of a person"));
    }
    let grant = world.grant(&short).ok_or_else(|| GraphError::parameter("Unknown token"))?;
    let life = i64::from(world.settings.meta.graph_long_token_seconds);
    Ok(person(world, grant.scopes, grant.declined, life, true))
}

/// Gives out the token of a person.
fn person(world: &mut World, scopes: Vec<String>, declined: Vec<String>, life: i64, long_lived: bool) -> Value {
    let now = world.now();
    let grant = Grant {
        caller: Caller::User,
        scopes,
        declined,
        issued: now,
        ends: Some(now + life * SECOND),
        data_access_ends: Some(now + i64::from(world.settings.meta.graph_data_access_days) * DAY),
        long_lived,
        ended: None,
        pages: Vec::new(),
    };
    let token = world.give(if long_lived { "EAALong" } else { "EAAShort" }, grant);
    json!({"access_token": token, "token_type": "bearer", "expires_in": life})
}
