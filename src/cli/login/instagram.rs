//! `formez101 login instagram` for an account with a login of its own (Instagram Login).

use super::{Desk, failed, home, incomplete, say, transport};
use crate::{
    auth::{
        Vault,
        meta::{InstagramFlow, MetaApp, Path, needs},
    },
    cli::{
        Exit,
        accounts::{MetaPlace, given},
        stop::Stop,
    },
    model::Platform,
};

/// What must be on in the Instagram app, and cannot be seen from here.
pub const MESSAGE_SWITCH: &str = "Messages are shown only while \"Allow access to messages\" is on, and nothing says \
     so when it is off: Instagram app, Settings, Messages and story replies, Message controls, Connected tools.";

pub async fn login(desk: &mut Desk<'_>) -> Result<(), Stop> {
    let Some(settings) = desk.zone.instagram.clone() else { return Err(desk.no_account("instagram")) };
    let place = MetaPlace::instagram(&settings, None, &desk.credentials)?;
    let vault = Vault::new(&desk.state, place.name, place.account, given(&desk.credentials, "instagram.token")?);
    desk.can_keep(&vault).await?;
    let Some(id) = settings.app_id.clone() else {
        let why = "[instagram] lacks `app_id`: the Instagram app's own id, in the App Dashboard under Instagram";
        return Err(Stop::new(Exit::Configuration, why));
    };
    let app = MetaApp { id, secret: desk.credentials.secret("instagram.app-secret")?, proves_calls: false };
    let code_base = home(&settings.api_base, "https://api.instagram.com");
    let transport = transport([&settings.api_base, code_base])?;
    let flow = InstagramFlow { api: place.api(&transport, desk.clock), code_base: code_base.to_owned(), app };

    let needs = needs(Path::Instagram, &desk.feeds(&[Platform::Instagram]));
    let scopes: Vec<&str> = needs.iter().map(|need| need.name).collect();
    say(&format!("Login on Instagram for the account {}.", settings.account));
    let consent = flow
        .consent(home(&settings.api_base, "https://www.instagram.com"), desk.redirect(), &scopes)
        .map_err(|failure| failed("the login cannot begin", &failure))?;
    let code = desk.code(&consent).await?;
    let hint = "Instagram does not take the code (it works once), or not the app (app_id, instagram.app-secret)";
    let (grant, granted) = flow.grant(&consent.redirect, &code).await.map_err(|failure| failed(hint, &failure))?;
    let who = flow
        .who(&grant.access)
        .await
        .map_err(|failure| failed("Instagram does not say whose login it is", &failure))?;
    let account = who.account().unwrap_or_default();
    say(&format!("Logged in as @{}, account {account}.", who.username));
    if account != settings.account {
        let why = format!(
            "the zone's file names the account {}: log in as that one, or write `account = \"{account}\"` there",
            settings.account
        );
        return Err(Stop::new(Exit::Permission, why));
    }
    let is_granted = |name: &str| granted.as_ref().is_none_or(|granted| granted.iter().any(|granted| granted == name));
    let missing: Vec<_> = needs.iter().filter(|need| !is_granted(need.name)).collect();
    for need in &missing {
        say(&format!("  MISSING {}: it is needed {}", need.name, need.purpose));
    }
    if !missing.is_empty() {
        return Err(incomplete());
    }
    if let Some(ends_at) = grant.ends_at {
        say(&format!("The token lives until {} and is renewed by the service every week.", desk.day(ends_at)));
    }
    say(MESSAGE_SWITCH);
    say(super::facebook::ADVANCED_ACCESS);
    desk.keep(&vault, &grant).await
}
