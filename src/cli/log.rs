//! Logs: to journald where it listens, else to the terminal in readable form. Never a word of a citizen.

use std::io::IsTerminal as _;

use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// The variable that sets how much is logged: error, warn, info (the default) or debug.
const VARIABLE: &str = "FORMEZ101_LOG";

/// Sets up logging for the whole process; a second call changes nothing.
pub fn start() {
    let level = std::env::var(VARIABLE).ok().and_then(|text| text.parse::<Level>().ok()).unwrap_or(Level::INFO);
    // Libraries are kept quiet on purpose: at their debug level they print headers and bodies.
    let filter = Targets::new().with_target("formez101", level).with_target("sqlx", LevelFilter::ERROR);
    let journald = std::env::var_os("JOURNAL_STREAM").and_then(|_| tracing_journald::layer().ok());
    let started = if let Some(journald) = journald {
        let layer = journald.with_syslog_identifier("formez101".into()).with_field_prefix(None);
        tracing_subscriber::registry().with(layer.with_filter(filter)).try_init()
    } else {
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false);
        tracing_subscriber::registry().with(layer.with_filter(filter)).try_init()
    };
    if started.is_ok() {
        hide_panic_words();
    }
}

/// A panic's message may quote the text that was being worked on; only its place is logged.
fn hide_panic_words() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        tracing::error!(place, "our bug: a task panicked");
    }));
}
