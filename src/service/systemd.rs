//! What systemd is told: ready, reloading, status, watchdog, stopping. Without systemd, nothing happens.

use std::time::Duration;

use sd_notify::NotifyState;
use tracing::debug;

/// The service is up: configuration read, ledger open. Not: the platforms were reached.
pub fn ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// A reload begins; [`ready`] ends it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(_) => notify(&[NotifyState::Reloading]),
    }
}

/// The line that `systemctl status` shows.
pub fn status(status: &str) {
    notify(&[NotifyState::Status(status)]);
}

/// The loops are turning.
pub fn alive() {
    notify(&[NotifyState::Watchdog]);
}

/// The service is going down.
pub fn stopping() {
    notify(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

/// How often systemd wants to be told that the loops are turning, if at all.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        debug!(%error, "systemd was not told");
    }
}
