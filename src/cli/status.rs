//! `formez101 status [--zone Z] [--json]`: how zones stand, from the running service or from the ledger alone.
//!
//! Ends with 0 when all is well, with 1 when a human should look, with 69 when a zone does not run.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{
    Exit, beside, on_this_machine,
    options::{Folders, Status},
    stop::Stop,
    window,
};
use crate::{
    clock::{Clock, between},
    config::{self, written_duration},
    service::watch::{FeedLine, State},
};

/// Says how one zone stands, or every one.
pub async fn status(folders: &Folders, Status { zone, json }: &Status) -> Exit {
    let zones = match zones(folders, zone.as_deref()) {
        Ok(zones) => zones,
        Err(stop) => {
            eprintln!("formez101: {}", stop.why);
            return stop.exit;
        }
    };
    let (mut states, mut exit) = (Vec::new(), Exit::Well);
    for id in &zones {
        match state(folders, id).await {
            Ok(state) => {
                exit = worse(exit, judged(&state));
                states.push(state);
            }
            Err(stop) => {
                eprintln!("formez101: zone {id}: {}", stop.why);
                exit = worse(exit, stop.exit);
            }
        }
    }
    if *json {
        let text = match (zone, &states[..]) {
            (Some(_), [state]) => serde_json::to_string_pretty(state),
            _ => serde_json::to_string_pretty(&states),
        };
        match text {
            Ok(text) => super::tell(&(text + "\n")),
            Err(_) => exit = Exit::Bug,
        }
    } else {
        let pages: Vec<String> = states.iter().map(page).collect();
        super::tell(&pages.join("\n"));
    }
    exit
}

fn zones(folders: &Folders, zone: Option<&str>) -> Result<Vec<String>, Stop> {
    match zone {
        Some(zone) => Ok(vec![zone.to_owned()]),
        None if folders.state_dir.is_some() => {
            Err(Stop::new(Exit::Usage, "--state-dir is one zone's own folder: name the zone with --zone"))
        }
        None => Ok(config::zone_ids(&folders.config_dir)?),
    }
}

/// The running service is asked first.
async fn state(folders: &Folders, id: &str) -> Result<State, Stop> {
    let (clock, folder) = (Clock::system(), beside::state(folders, id)?);
    if let Ok(text) = window::ask(clock, &folder, "/status").await
        && let Ok(state) = serde_json::from_str(&text)
    {
        return Ok(state);
    }
    let store = beside::ledger(folders, id).await?;
    // A file with mistakes is what `check` is for.
    let zone = config::load(&folders.config_dir, id, &super::environment(), &[]).ok();
    let mut state = State::of_ledger(&store, zone.as_ref().map(|loaded| &loaded.zone), clock.now()).await?;
    id.clone_into(&mut state.zone);
    let feeds = store.marks().await?.into_iter();
    state.feeds = feeds.map(|(feed, read_at)| FeedLine { feed, read_at, ..FeedLine::default() }).collect();
    Ok(state)
}

fn judged(state: &State) -> Exit {
    match state {
        State { started_at: None, .. } => Exit::Unavailable,
        state if state.troubles().is_empty() => Exit::Well,
        _ => Exit::NotAsDue,
    }
}

/// Of two ends the one that needs a human more.
fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Well => 0,
        Exit::NotAsDue => 1,
        _ => 2,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// How a zone stands, in words.
fn page(state: &State) -> String {
    let mut page = String::new();
    let mut line = |text: String| {
        // Writing to a text cannot fail.
        let _ = writeln!(page, "{text}");
    };
    let mode = state.mode.as_deref().map(|mode| format!(", mode = \"{mode}\"")).unwrap_or_default();
    let running =
        state.started_at.map_or("not running".to_owned(), |at| format!("running since {}", on_this_machine(at)));
    line(format!("Zone {}: {running}{mode}", state.zone));
    match (state.paused, state.paused_until) {
        (true, Some(until)) => line(format!("  paused until {}", on_this_machine(until))),
        (true, None) => line(format!("  paused until `formez101 resume --zone {}`", state.zone)),
        (false, _) => {}
    }
    for feed in &state.feeds {
        line(format!("  {:<20} {}", feed.feed, feed_words(feed, state.at)));
    }
    let today: Vec<String> = state.today.iter().map(|(outcome, total)| format!("{total} {outcome}")).collect();
    let today = if today.is_empty() { "nothing".to_owned() } else { today.join(", ") };
    line(format!("  today: {today}; {} not ended", state.open));
    for limit in &state.limits {
        let closed = limit.closed_until.map(|at| format!(", none before {}", on_this_machine(at))).unwrap_or_default();
        line(format!("  limit: {} {}: {:.0} % left{closed}", limit.account, limit.name, limit.left * 100.0));
    }
    for login in &state.logins {
        let end = login
            .ends_at
            .map_or("renews itself, or its end is not known".to_owned(), |at| format!("ends {}", on_this_machine(at)));
        line(format!("  login: {} {end}", login.account));
    }
    for reply in &state.in_doubt {
        let posted = reply.posted_at.map(|at| format!(", posted {}", on_this_machine(at))).unwrap_or_default();
        line(format!(
            "  in doubt: reply {} on {}, to a message of {}{posted}",
            reply.reply,
            reply.feed,
            on_this_machine(reply.written_at)
        ));
    }
    for trouble in state.troubles() {
        line(format!("  look: {trouble}"));
    }
    page
}

fn feed_words(feed: &FeedLine, now: Timestamp) -> String {
    let read = feed.read_at.map_or("never read".to_owned(), |at| {
        let seconds = between(at, now).as_secs();
        format!("read {} ago", written_duration(std::time::Duration::from_secs(seconds)))
    });
    let every = std::time::Duration::from_secs_f64(feed.poll_seconds.max(0.0).round());
    let every = if feed.poll_seconds > 0.0 { format!(", every {}", written_duration(every)) } else { String::new() };
    let slow = if feed.slow { " (slowed down by the platform's limits)" } else { "" };
    format!("{read}{every}{slow}")
}
