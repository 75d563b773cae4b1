//! `[alerts]`: how humans are told of messages that may tell of a danger.

use std::time::Duration;

use super::{
    diagnostic::Diagnostic,
    hosts::Address,
    layer::Places,
    wire::{AlertsTable, MailTable},
};

/// How humans are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerts {
    /// Notices come at least so far apart. Default 10 min.
    pub every: Duration,
    /// By mail.
    pub mail: Option<AlertMail>,
    /// To this address, as JSON.
    pub webhook: Option<String>,
}

/// A mail server and who writes to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertMail {
    /// To whom.
    pub to: Vec<String>,
    /// From whom.
    pub from: String,
    /// The mail server's name.
    pub server: String,
    /// Its port: 465 with TLS from the start, else 587, if not set.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// The name to log in with; its password is the credential `smtp.password`.
    pub user: Option<String>,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailSecurity {
    /// It begins in clear text and changes to TLS before anything is said. The default.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Not at all: only to this machine.
    None,
}

/// The channels that a file asks for. What cannot be read was told where it stands.
pub fn alerts(table: Option<AlertsTable>, places: &Places, found: &mut Vec<Diagnostic>) -> Option<Alerts> {
    let table = table?;
    if table.mail.is_none()
        && table.webhook.is_none()
        && !places.explained("alerts.mail")
        && !places.explained("alerts.webhook")
    {
        found.push(
            Diagnostic::new(places.of("alerts.mail"), "[alerts] tells nobody: it has neither `[alerts.mail]` nor a `webhook`")
                .help("write `[alerts.mail]` with `to`, `from` and `server`, or `webhook = \"https://...\"`, or remove the table"),
        );
    }
    let mail = table.mail.and_then(|mail| self::mail(mail, places, found));
    if let Some(url) = &table.webhook
        && let Ok(address) = Address::parse(url)
        && !address.is_loopback()
        && !url.to_ascii_lowercase().starts_with("https://")
    {
        let problem =
            "`webhook` of [alerts] would send notices unprotected: only this machine may be reached over http://";
        let rest = url.split_once("://").map_or(address.host(), |(_, rest)| rest);
        let help = format!("write `\"https://{rest}\"`");
        found.push(Diagnostic::new(places.of("alerts.webhook"), problem).help(help));
    }
    Some(Alerts { every: table.every, mail, webhook: table.webhook })
}

fn mail(table: MailTable, places: &Places, found: &mut Vec<Diagnostic>) -> Option<AlertMail> {
    let mut lacks = |key: &str, example: &str| {
        let path = format!("alerts.mail.{key}");
        if !places.explained(&path) {
            found.push(
                Diagnostic::new(places.of(&path), format!("[alerts.mail] lacks its `{key}`"))
                    .help(format!("write below `[alerts.mail]`: `{key} = {example}`")),
            );
        }
    };
    if table.to.is_empty() {
        lacks("to", "[\"permanence@example.be\"]");
    }
    if table.from.is_none() {
        lacks("from", "\"formez101@example.be\"");
    }
    if table.server.is_none() {
        lacks("server", "\"smtp.example.be\"");
    }
    let security = table.security.unwrap_or(MailSecurity::Starttls);
    let usual = if security == MailSecurity::Tls { 465 } else { 587 };
    let port = table.port.map_or(Ok(usual), u16::try_from).ok().filter(|port| *port > 0);
    if port.is_none() {
        found.push(
            Diagnostic::new(places.of("alerts.mail.port"), "`port` of [alerts.mail] must be from 1 to 65535")
                .help(format!("write `port = {usual}`, or remove the line")),
        );
    }
    let server = table.server?;
    let here = Address::parse(&format!("http://{server}")).is_ok_and(|address| address.is_loopback());
    if security == MailSecurity::None && !here {
        let problem =
            "`security` of [alerts.mail] would send mails unprotected: only a server on this machine may be reached so";
        found.push(
            Diagnostic::new(places.of("alerts.mail.security"), problem)
                .help("write `security = \"starttls\"` or `security = \"tls\"`"),
        );
    }
    Some(AlertMail { to: table.to, from: table.from?, server, port: port?, security, user: table.user })
}
