//! `formez101 login mastodon --server https://host`.

use oauth2::url::Url;

use super::{Desk, failed, incomplete, is_loopback, say, transport};
use crate::{
    auth::{MastodonFlow, Vault},
    cli::{Exit, accounts::given, stop::Stop},
};

pub async fn login(desk: &mut Desk<'_>) -> Result<(), Stop> {
    let server = server(desk.options.server.as_deref().unwrap_or_default())?;
    // A token is good on its server alone, so the vault keeps the two together.
    let vault = Vault::new(&desk.state, "mastodon", &server, given(&desk.credentials, "mastodon.token")?);
    desk.can_keep(&vault).await?;
    let flow = MastodonFlow { transport: transport([server.as_str()])?, clock: desk.clock, server };
    let scopes = flow.scopes().await;
    let client = flow
        .register(desk.redirect(), &scopes)
        .await
        .map_err(|failure| failed("the server does not register our application", &failure))?;
    let consent = flow
        .consent(&client, desk.redirect(), &scopes)
        .map_err(|failure| failed("the login cannot begin", &failure))?;
    let code = desk.code(&consent).await?;
    let (grant, granted) = flow
        .grant(&client, &consent, &code)
        .await
        .map_err(|failure| failed("the server does not take the code", &failure))?;
    let account = flow
        .who(&grant.access)
        .await
        .map_err(|failure| failed("the server does not say whose login it is", &failure))?;
    say(&format!("Logged in as @{} on {}.", account.username, flow.server));
    let missing: Vec<&&str> = scopes
        .iter()
        .filter(|scope| granted.as_ref().is_some_and(|granted| granted.iter().all(|name| !covers(name, scope))))
        .collect();
    for scope in &missing {
        say(&format!("  MISSING {scope}: without it mentions can be neither read nor answered"));
    }
    if !missing.is_empty() {
        return Err(incomplete());
    }
    if !account.bot {
        say("The account is not marked as automated: Preferences, Public profile, \"This is an automated account\".");
    }
    say("The token does not end; it dies when the account or its administrator revokes it.");
    desk.keep(&vault, &grant).await
}

/// A wide scope such as `read` covers `read:statuses`.
fn covers(granted: &str, wanted: &str) -> bool {
    granted == wanted || wanted.strip_prefix(granted).is_some_and(|rest| rest.starts_with(':'))
}

/// The server's address: https, or this machine.
fn server(text: &str) -> Result<String, Stop> {
    let url = Url::parse(text).ok().filter(|url| {
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        plain && nobody && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url)))
    });
    let wrong =
        || Stop::new(Exit::Usage, "--server must be an address such as https://mastodon.example, and nothing more");
    url.map(|url| url.origin().ascii_serialization()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_an_https_address_and_nothing_more() {
        assert_eq!(server("https://Mastodon.Example/").unwrap(), "https://mastodon.example");
        assert_eq!(server("http://127.0.0.1:3000").unwrap(), "http://127.0.0.1:3000");
        for wrong in
            ["", "mastodon.example", "http://mastodon.example", "https://a:b@mastodon.example", "https://m.example/x"]
        {
            assert_eq!(server(wrong).unwrap_err().exit, Exit::Usage, "{wrong}");
        }
    }

    #[test]
    fn a_wide_scope_covers_the_narrow_ones() {
        assert!(covers("read", "read:statuses") && covers("write:statuses", "write:statuses"));
        assert!(!covers("read", "write:statuses") && !covers("rea", "read"));
    }
}
