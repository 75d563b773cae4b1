//! `formez101 login bluesky`: an app password is typed, and what comes of it is kept; the password itself is not.

use secrecy::{ExposeSecret as _, SecretString};

use super::{Desk, failed, say, terminal, transport};
use crate::{
    auth::{BlueskyLeave, BlueskySession, Vault},
    cli::{Exit, accounts::given, stop::Stop},
};

pub async fn login(desk: &mut Desk<'_>) -> Result<(), Stop> {
    let Some(settings) = desk.zone.bluesky.clone() else { return Err(desk.no_account("bluesky")) };
    let given = given(&desk.credentials, "bluesky.app-password")?;
    let vault = Vault::new(&desk.state, "bluesky", &settings.account, given);
    desk.can_keep(&vault).await?;
    say(&format!("Login on Bluesky for @{}.", settings.account));
    say("Make an app password there (Settings, Privacy and security, App passwords) and paste it; it is not shown:");
    let session = BlueskySession {
        account: settings.account,
        password: Some(typed(desk).await?),
        transport: transport([settings.api_base.as_str()])?,
        api_base: settings.api_base,
        clock: desk.clock,
    };
    let hint = "Bluesky does not take the app password, or not for this account";
    let grant = session.create().await.map_err(|failure| failed(hint, &failure))?;
    match BlueskyLeave::of(&grant.access) {
        Some(BlueskyLeave::Everything) => {
            let why = "this is the account's own password, which may do everything: make an app password, and use that";
            return Err(Stop::new(Exit::Permission, why));
        }
        Some(BlueskyLeave::Messages) => say("Logged in. The app password may read direct messages."),
        Some(BlueskyLeave::Posts) => {
            say(
                "Logged in. The app password may not read direct messages: mentions are answered, `bluesky.inbox` is not.",
            );
        }
        None => say("Logged in."),
    }
    let is_bot = session.says_bot(&grant.access).await;
    let is_bot = is_bot.map_err(|failure| failed("the account's profile cannot be read", &failure))?;
    match (is_bot, desk.options.bot) {
        (true, _) => say("The account says that it is automated."),
        (false, true) => {
            let marked = session.say_bot(&grant.access).await;
            marked.map_err(|failure| failed("the account's profile was not changed", &failure))?;
            say("The account says now that it is automated (the label `bot`); its profile is otherwise as it was.");
        }
        (false, false) => {
            say("The account does not say that it is automated: `--bot` puts the label `bot` into its profile.");
        }
    }
    say("The session renews itself as long as the service runs once in 90 days.");
    desk.keep(&vault, &grant).await
}

/// What is pasted: four groups of four letters and digits, as every app password is. Anything else is more than we should know.
async fn typed(desk: &mut Desk<'_>) -> Result<SecretString, Stop> {
    let hidden = terminal::Hidden::new();
    let line = desk.terminal.line().await.map(SecretString::from);
    drop(hidden);
    let line = line.ok_or_else(|| Stop::new(Exit::Usage, "nothing was typed"))?;
    let password = line.expose_secret().trim();
    let group = |group: &str| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if password.split('-').count() == 4 && password.split('-').all(group) {
        return Ok(password.to_owned().into());
    }
    let why = "that is no app password: it has four groups of four, such as xxxx-xxxx-xxxx-xxxx";
    Err(Stop::new(Exit::Usage, why))
}
