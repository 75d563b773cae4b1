//! Where a token may be sent: `api_base` is read here, and judged here.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::model::Platform;

/// The only hosts that a platform's token is sent to without the administrator's leave; the usual one first. One that
/// begins with a dot stands for every host below it.
pub const fn official(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::Facebook => &["graph.facebook.com"],
        Platform::Instagram => &["graph.facebook.com", "graph.instagram.com"],
        Platform::X => &["api.x.com"],
        // The entrance, and the servers behind it on which the accounts are.
        Platform::Bluesky => &["bsky.social", ".host.bsky.network"],
        // The server that the account's handle names.
        Platform::Mastodon => &[],
    }
}

/// An address in its parts, from a deliberately narrow grammar: what two programs could read differently is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    https: bool,
    host: String,
    port: Option<u16>,
    path: String,
}

impl Address {
    /// Reads `https://host`, `http://host:port/path`.
    ///
    /// # Errors
    /// Says in one sentence what is wrong.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (https, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            _ => return Err("must begin with https://"),
        };
        if rest.contains('@') {
            return Err("must not hold a user name or a password");
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let path = path.trim_end_matches('/');
        if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._~-".contains(&byte))
            || path.contains("//")
            || path.contains("..")
        {
            return Err("must end after its host and a plain path");
        }
        let colon = authority.rfind(':').filter(|colon| !authority[*colon..].contains(']'));
        let (host, port) = authority.split_at(colon.unwrap_or(authority.len()));
        let port = match port.strip_prefix(':') {
            None => None,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().map_err(|_| "has an impossible port")?)
            }
            Some(_) => return Err("has an impossible port"),
        };
        let bracketed = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
        let well_formed = match bracketed {
            Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
            None => {
                !host.is_empty()
                    && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
                    && host.split('.').all(|label| !label.is_empty())
            }
        };
        if !well_formed {
            return Err("has no proper host name");
        }
        Ok(Self { https, host: host.to_ascii_lowercase(), port, path: path.to_owned() })
    }

    /// Whether it points at this very machine.
    pub fn is_loopback(&self) -> bool {
        let inner = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost"
            || inner.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || inner.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
    }

    /// Whether the platform's token may be sent there.
    pub fn judge(&self, official: &[&str], allow_other_hosts: bool) -> Verdict {
        if self.is_loopback() {
            return Verdict::Allowed;
        }
        let official =
            official.iter().any(|known| self.host == *known || known.starts_with('.') && self.host.ends_with(known))
                && matches!(self.port, None | Some(443))
                && self.path.is_empty();
        match (official || allow_other_hosts, self.https) {
            (true, true) => Verdict::Allowed,
            (true, false) => Verdict::NeedsHttps,
            (false, _) => Verdict::OtherHost,
        }
    }

    /// Whether it is a server without a path.
    pub const fn is_bare(&self) -> bool {
        self.path.is_empty()
    }

    /// The host alone, for a sentence.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Whether a token may be sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The official host over https, this machine, or what the administrator allowed.
    Allowed,
    /// The right host, but a token would travel in the clear.
    NeedsHttps,
    /// A host that must not get the token.
    OtherHost,
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn judge(text: &str, allow_other_hosts: bool) -> Verdict {
        Address::parse(text).expect("a readable address").judge(official(Platform::Facebook), allow_other_hosts)
    }

    #[test]
    fn a_token_goes_to_the_official_host_or_stays_on_this_machine() {
        for text in [
            "https://graph.facebook.com",
            "https://Graph.Facebook.com:443/",
            "http://127.0.0.1:8080",
            "http://127.8.8.8",
            "http://localhost:1/graph",
            "http://[::1]:4010",
        ] {
            assert_eq!(judge(text, false), Verdict::Allowed, "{text}");
        }
        assert_eq!(judge("http://graph.facebook.com", false), Verdict::NeedsHttps);
    }

    #[test]
    fn what_only_looks_like_home_is_another_host() {
        for text in [
            "https://graph.facebook.com.example.org",
            "https://graph.facebook.com:8443",
            "https://api.x.com",
            "http://127.0.0.1.example.org",
            "http://localhost.example.org",
            "http://127.1",
            "http://0.0.0.0",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert_eq!(judge(text, false), Verdict::OtherHost, "{text}");
        }
    }

    #[test]
    fn the_administrator_may_allow_another_host_but_not_a_clear_line() {
        assert_eq!(judge("https://standin.example.org/graph", true), Verdict::Allowed);
        assert_eq!(judge("http://standin.example.org", true), Verdict::NeedsHttps);
    }

    #[test]
    fn what_two_programs_could_read_differently_is_refused() {
        for text in [
            "graph.facebook.com",
            "ftp://graph.facebook.com",
            "https://",
            "https://graph.facebook.com\\@evil.example",
            "https://user:word@graph.facebook.com",
            "https://graph.facebook.com?x=1",
            "https://graph.facebook.com#x",
            "https://graph.facebook.com/../x",
            "https://graph..com",
            "https://127.0.0.1:99999",
            "https://127.0.0.1:",
            "https://[::1",
            "https://gräph.facebook.com",
            "https://graph.facebook.com ",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_trailing_slash_is_dropped() {
        let written = |text| Address::parse(text).expect("a readable address").to_string();
        assert_eq!(written("https://graph.facebook.com/"), "https://graph.facebook.com");
        assert_eq!(written("http://127.0.0.1:80/x/"), "http://127.0.0.1:80/x");
    }
}
