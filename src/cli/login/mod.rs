//! `formez101 login PLATFORM --zone Z`: a human grants access in a browser, and the token goes to the vault.

mod bluesky;
mod facebook;
mod instagram;
mod listener;
mod mastodon;
mod terminal;
mod waiting;
mod x;

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::PathBuf,
    time::Duration,
};

use oauth2::url::{Host, Url};

use super::{
    Exit,
    options::{Folders, Login, LoginPlatform},
    run::transport,
    stop::Stop,
};
use crate::{
    auth::{Credentials, Grant, OUT_OF_BAND, Vault},
    clock::Clock,
    config::{self, InstagramLogin, Zone},
    http::Failure,
};
use terminal::Terminal;

/// Where the platform sends the human back to, unless said otherwise.
const REDIRECT: &str = "http://127.0.0.1:8910/callback";
/// How long a service is let finish its own renewal before a login gives up on the vault.
const VAULT: Duration = Duration::from_secs(60);

/// Logs in; says on stdout what was granted, and on stderr what is in the way.
pub async fn login(folders: &Folders, options: &Login) -> Exit {
    let zone = match config::load(&folders.config_dir, &options.zone, &super::environment(), &[]) {
        Ok(loaded) => loaded.zone,
        Err(report) => {
            let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            // A closed terminal is no reason for another error.
            let _ = io::stderr().write_all(report.render(colour).as_bytes());
            return Exit::Configuration;
        }
    };
    let mut desk = Desk {
        zone,
        options,
        credentials: Credentials::new(folders.credentials().as_deref()),
        state: folders.state(&options.zone),
        clock: Clock::system(),
        terminal: Terminal::open(),
    };
    let done = match options.platform {
        LoginPlatform::Facebook => facebook::page(&mut desk).await,
        LoginPlatform::Instagram => match desk.zone.instagram.as_ref().map(|instagram| instagram.login) {
            Some(InstagramLogin::Facebook) => facebook::behind_page(&mut desk).await,
            _ => instagram::login(&mut desk).await,
        },
        LoginPlatform::X => x::login(&mut desk).await,
        LoginPlatform::Bluesky => bluesky::login(&mut desk).await,
        LoginPlatform::Mastodon => mastodon::login(&mut desk).await,
    };
    match done {
        Ok(()) => Exit::Well,
        Err(stop) => {
            eprintln!("formez101: {}", stop.why);
            stop.exit
        }
    }
}

/// What every login needs.
struct Desk<'a> {
    zone: Zone,
    options: &'a Login,
    credentials: Credentials,
    state: PathBuf,
    clock: Clock,
    terminal: Terminal,
}

impl Desk<'_> {
    /// Where the platform is to send the human back to.
    fn redirect(&self) -> &str {
        let shown = self.options.paste && self.options.platform == LoginPlatform::Mastodon;
        self.options.redirect.as_deref().unwrap_or(if shown { OUT_OF_BAND } else { REDIRECT })
    }

    /// Makes sure, before anybody opens a browser, that what comes of it can be kept.
    async fn can_keep(&self, vault: &Vault) -> Result<(), Stop> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.state)
            .map_err(|error| self.cannot_keep(&error))?;
        vault.lock(self.clock, VAULT).await.map(|_| ()).map_err(|error| self.cannot_keep(&error))
    }

    /// Keeps what a human has just logged in for.
    async fn keep(&self, vault: &Vault, grant: &Grant) -> Result<(), Stop> {
        let written = async { vault.lock(self.clock, VAULT).await?.write_login(grant) };
        written.await.map_err(|error| self.cannot_keep(&error))?;
        say(&format!("The login is kept in {}. A running service takes it up within a minute.", self.state.display()));
        Ok(())
    }

    fn cannot_keep(&self, error: &io::Error) -> Stop {
        let folder = self.state.display();
        let why = format!("a login cannot be kept in {folder}: {error}; run this as root or as the service's user");
        Stop::new(Exit::Permission, why)
    }

    fn no_account(&self, table: &str) -> Stop {
        Stop::new(Exit::Configuration, format!("the zone {} has no [{table}] in its file", self.zone.id))
    }

    /// A day as the zone counts it.
    fn day(&self, at: jiff::Timestamp) -> String {
        at.to_zoned_datetime(self.zone.timezone.clone()).date().to_string()
    }
}

/// What a platform did not do, and what that means for the exit code.
fn failed(what: &str, failure: &Failure) -> Stop {
    let exit = match failure {
        Failure::Later { .. } | Failure::Unknown { .. } => Exit::Unavailable,
        Failure::Bug { .. } => Exit::Configuration,
        _ => Exit::Permission,
    };
    Stop::new(exit, format!("{what}: {failure}"))
}

/// Something without which the service could not do its work was not granted.
fn incomplete() -> Stop {
    Stop::new(Exit::Permission, "something is missing, as said above: the login is not kept, and nothing has changed")
}

/// Where the platform's pages for humans are: its own site, or the stand-in that the zone's file points to.
fn home<'a>(api_base: &'a str, official: &'a str) -> &'a str {
    let stand_in = Url::parse(api_base).is_ok_and(|url| is_loopback(&url));
    if stand_in { api_base } else { official }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Says a line on stdout; a closed one is no reason for an error.
fn say(line: &str) {
    super::tell(&format!("{line}\n"));
}
