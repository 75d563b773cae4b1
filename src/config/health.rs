//! `[health]`: who may see how the service is, and who is told regularly that it lives.

use std::net::SocketAddr;

use super::{diagnostic::Diagnostic, hosts::Address, layer::Places, wire::HealthTable};

/// Where the service shows how it is, beside its own socket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthPort {
    /// An address of this machine, for `/healthz`, `/readyz` and `/metrics`.
    pub listen: Option<SocketAddr>,
    /// An address that is called every minute while all is well, so that somebody else notices when it stops.
    pub ping: Option<String>,
}

/// An address to listen on: of this machine, with a port.
///
/// # Errors
/// Says in one sentence what is wrong.
pub fn listen(text: &str) -> Result<SocketAddr, &'static str> {
    let address: SocketAddr = text.trim().parse().map_err(|_| "must be an address with a port")?;
    match address {
        address if !address.ip().is_loopback() => Err("must be an address of this machine alone"),
        address if address.port() == 0 => Err("must name a port"),
        address => Ok(address),
    }
}

/// What a file asks for. What cannot be read was told where it stands.
pub fn health(table: HealthTable, places: &Places, found: &mut Vec<Diagnostic>) -> HealthPort {
    if let Some(url) = &table.ping
        && let Ok(address) = Address::parse(url)
        && !address.is_loopback()
        && !url.to_ascii_lowercase().starts_with("https://")
    {
        let rest = url.split_once("://").map_or(address.host(), |(_, rest)| rest);
        found.push(
            Diagnostic::new(
                places.of("health.ping"),
                "`ping` of [health] would be called unprotected: only this machine may be reached over http://",
            )
            .help(format!("write `\"https://{rest}\"`")),
        );
    }
    HealthPort { listen: table.listen.and_then(|text| listen(&text).ok()), ping: table.ping }
}
