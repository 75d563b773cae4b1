//! The ways to humans that a zone's file asks for, with their secrets.

use std::sync::Arc;

use super::{Exit, run::transport, stop::Stop};
use crate::{
    alert::{Channel, Mail, Said, Webhook},
    auth::Credentials,
    clock::Clock,
    config::Zone,
    reply::zone_name,
};

/// The password of the mail server's user.
const PASSWORD: &str = "smtp.password";
/// What proves to the receiver that a notice is ours.
const SECRET: &str = "webhook.secret";

/// The channels of a zone; none where its file has no `[alerts]`.
///
/// # Errors
/// When a secret is missing or a setting cannot be used.
pub fn channels(zone: &Zone, credentials: &Credentials, clock: Clock) -> Result<Vec<Arc<dyn Channel>>, Stop> {
    let Some(alerts) = &zone.alerts else { return Ok(Vec::new()) };
    let wrong = |why: String| Stop::new(Exit::Configuration, why);
    let mut channels: Vec<Arc<dyn Channel>> = Vec::new();
    if let Some(mail) = &alerts.mail {
        let password = if mail.user.is_some() { Some(credentials.secret(PASSWORD)?) } else { None };
        let language = zone.languages[0];
        let said = Said {
            id: zone.id.clone(),
            name: zone_name(&zone.facts, language).unwrap_or(&zone.id).to_owned(),
            language,
            timezone: zone.timezone.clone(),
        };
        channels.push(Arc::new(Mail::new(mail, password.as_ref(), said).map_err(wrong)?));
    }
    if let Some(url) = &alerts.webhook {
        let secret = credentials.secret(SECRET)?;
        let transport = transport([url.as_str()])?;
        let webhook = Webhook::new(url.clone(), &secret, transport, clock, zone.id.clone());
        channels.push(Arc::new(webhook.map_err(|why| wrong(format!("the credential {SECRET}: {why}")))?));
    }
    Ok(channels)
}
