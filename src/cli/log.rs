//! Logs: to journald where it listens, else to the terminal in readable form. Never a word of a citizen.

use std::{
    fs::File,
    io::IsTerminal as _,
    os::{fd::AsFd as _, unix::fs::MetadataExt as _},
};

use tracing::{Level, level_filters::LevelFilter};
use tracing_journald::{Priority, PriorityMappings};
use tracing_subscriber::{Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// The variable that sets how much is logged: error, warn, info (the default) or debug.
const VARIABLE: &str = "FORMEZ101_LOG";

/// The journal's own levels; the library would make a notice of each info.
const PRIORITIES: PriorityMappings = PriorityMappings {
    error: Priority::Error,
    warn: Priority::Warning,
    info: Priority::Informational,
    debug: Priority::Debug,
    trace: Priority::Debug,
};

/// Sets up logging for the whole process; a second call changes nothing.
pub fn start() {
    let level = std::env::var(VARIABLE).ok().and_then(|text| text.parse::<Level>().ok()).unwrap_or(Level::INFO);
    // Libraries are kept quiet on purpose: at their debug level they print headers and bodies.
    let filter = Targets::new().with_target("formez101", level).with_target("sqlx", LevelFilter::ERROR);
    let journald = journal_behind_stderr().then(tracing_journald::layer).and_then(Result::ok);
    let started = if let Some(journald) = journald {
        let layer = journald
            .with_syslog_identifier("formez101".into())
            .with_field_prefix(None)
            .with_priority_mappings(PRIORITIES);
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

/// Whether journald itself reads our standard error: the variable alone is inherited by every child, also by one
/// whose output goes elsewhere (systemd.exec(5), `$JOURNAL_STREAM`).
fn journal_behind_stderr() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let stderr = std::io::stderr().as_fd().try_clone_to_owned().map(File::from).and_then(|file| file.metadata());
    stderr.is_ok_and(|stderr| stream == format!("{}:{}", stderr.dev(), stderr.ino()))
}

/// A panic's message may quote the text that was being worked on; only its place is logged.
fn hide_panic_words() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        tracing::error!(place, "our bug: a task panicked");
    }));
}
