//! The human goes to the platform's page; we wait for the code, at the redirect address and at the keyboard.

use std::time::Duration;

use secrecy::SecretString;

use super::{Desk, listener::Listener, say, terminal};
use crate::{
    auth::{Consent, NoCode, OUT_OF_BAND},
    cli::{Exit, stop::Stop},
    clock::after,
};

/// How long a human is waited for.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

impl Desk<'_> {
    /// Shows where to go, and waits for the code.
    pub async fn code(&mut self, consent: &Consent) -> Result<SecretString, Stop> {
        let mut listener = if self.options.paste { None } else { Some(listen(consent).await?) };
        say("Open this address in a browser, logged in as the one who may grant access:\n");
        say(&format!("  {}\n", consent.address));
        say(&what_then(consent, listener.is_some()));
        if self.options.open {
            terminal::open_browser(&consent.address);
        }
        let _hidden = terminal::Hidden::new();
        let until = after(self.clock.now(), PATIENCE);
        let mut keyboard = true;
        loop {
            let arrival = tokio::select! {
                Some(arrival) = async { listener.as_mut()?.next().await } => arrival,
                line = self.terminal.line(), if keyboard => match line {
                    Some(line) if line.trim().is_empty() => continue,
                    Some(line) => consent.code(&line),
                    None if listener.is_some() => {
                        keyboard = false;
                        continue;
                    }
                    None => return Err(Stop::new(Exit::Usage, "nothing was pasted")),
                },
                () = self.clock.sleep_until(until) => {
                    return Err(Stop::new(Exit::Unavailable, "nobody came back within ten minutes: start again"));
                }
                _ = tokio::signal::ctrl_c() => {
                    return Err(Stop::new(Exit::Unavailable, "given up; nothing has changed"));
                }
            };
            match arrival {
                Ok(code) => return Ok(code),
                Err(refused @ NoCode::Refused(_)) => {
                    let why = format!("{refused}; whoever was asked did not grant access, and nothing has changed");
                    return Err(Stop::new(Exit::Permission, why));
                }
                Err(error) => eprintln!("formez101: {error}"),
            }
        }
    }
}

async fn listen(consent: &Consent) -> Result<Listener, Stop> {
    Listener::open(consent).await.map_err(|error| {
        let redirect = &consent.redirect;
        let why =
            format!("{redirect} cannot be listened on: {error}; add --paste, or name another one with --redirect");
        let exit = if error.kind() == std::io::ErrorKind::InvalidInput { Exit::Usage } else { Exit::Unavailable };
        Stop::new(exit, why)
    })
}

fn what_then(consent: &Consent, listens: bool) -> String {
    let redirect = &consent.redirect;
    if redirect == OUT_OF_BAND {
        return "Then paste the code that is shown there; it is not shown here.".to_owned();
    }
    let paste = "paste here the whole address that it was sent back to; it is not shown";
    if listens {
        format!("It comes back to {redirect}, which the app must know.\nIs the browser elsewhere, then {paste}.")
    } else {
        format!("It is sent to {redirect}, which the app must know, and may show an error there.\nThen {paste}.")
    }
}
