//! `formez101 login x`.

use super::{Desk, failed, home, incomplete, say, transport};
use crate::{
    auth::{Tokens, Vault, X_SCOPES, XToken},
    cli::{
        Exit,
        accounts::{XGiven, x_client},
        stop::Stop,
    },
};

pub async fn login(desk: &mut Desk<'_>) -> Result<(), Stop> {
    let Some(settings) = desk.zone.x.clone() else { return Err(desk.no_account("x")) };
    let credential = XGiven::read(&desk.credentials)?.credential();
    let vault = Vault::new(&desk.state, "x", &settings.account, credential);
    desk.can_keep(&vault).await?;
    let x = XToken {
        client: x_client(&desk.credentials, &settings.api_base, true)?,
        transport: transport([settings.api_base.as_str()])?,
        clock: desk.clock,
        api_base: settings.api_base,
    };
    let is_public = x.client.as_ref().is_some_and(|client| client.secret.is_none());
    say(&format!(
        "Login on X for @{}, through a {} app.",
        settings.account,
        if is_public { "public" } else { "confidential" }
    ));
    let page = format!("{}/i/oauth2/authorize", home(&x.api_base, "https://x.com"));
    let consent = x.consent(&page, desk.redirect()).map_err(|failure| failed("the login cannot begin", &failure))?;
    let code = desk.code(&consent).await?;
    let hint = "X does not take the code (it lives 30 seconds), or not the app (x.client-id, x.client-secret)";
    let (grant, scopes) = x.redeem(&consent, &code).await.map_err(|failure| failed(hint, &failure))?;

    let tokens = Tokens::new(grant.access.clone());
    let handle = x.who(&tokens).await.map_err(|failure| failed("X does not say whose login it is", &failure))?;
    if !handle.eq_ignore_ascii_case(&settings.account) {
        let why = format!(
            "this is the login of @{handle}, and the zone's file names @{}: log in on X as that one and start again",
            settings.account
        );
        return Err(Stop::new(Exit::Permission, why));
    }
    say(&format!("Logged in as @{handle}."));
    // Without a list of scopes X has granted what was asked for (RFC 6749, section 5.1).
    let missing = |name: &str| scopes.as_ref().is_some_and(|scopes| scopes.iter().all(|scope| scope != name));
    let mut complete = true;
    for (name, purpose) in X_SCOPES {
        if missing(name) || (name == "offline.access" && grant.refresh.is_none()) {
            complete = false;
            say(&format!("  MISSING {name}: it is needed {purpose}"));
        }
    }
    if !complete {
        say("  Look in the X developer console whether the app may read and write posts and direct messages.");
        return Err(incomplete());
    }
    if let Some(ends_at) = grant.ends_at {
        say(&format!("The token lives until {ends_at} and is renewed by the service ahead of that."));
    }
    desk.keep(&vault, &grant).await
}
