//! `formez101 pause --zone Z [--for TIME]` and `formez101 resume --zone Z`: post nothing for a while.

use super::{
    Exit, beside, on_this_machine,
    options::{Folders, Pause as Asked},
    stop::Stop,
};
use crate::{
    clock::{Clock, after},
    ledger::{Pause, Store as _},
};

/// Pauses a zone, running or not.
pub async fn pause(folders: &Folders, asked: &Asked) -> Exit {
    let now = Clock::system().now();
    let pause = asked.length.map_or(Pause::Open, |length| Pause::Until(after(now, length)));
    let end = match pause {
        Pause::Until(until) => format!("until {}, or `formez101 resume --zone {}`", on_this_machine(until), asked.zone),
        Pause::Open | Pause::Over => format!("until `formez101 resume --zone {}`", asked.zone),
    };
    let kept = keep(folders, &asked.zone, pause).await;
    let said = kept.map(|_| {
        format!(
            "The zone {} is paused {end}.\nNothing is posted; a post that is leaving now may still arrive. What citizens write \
             meanwhile is counted and not answered later.\n",
            asked.zone
        )
    });
    beside::said(said, "the zone is not paused")
}

/// Ends a pause.
pub async fn resume(folders: &Folders, zone: &str) -> Exit {
    let was = keep(folders, zone, Pause::Over).await;
    let said = was.map(|was| {
        if was.holds(Clock::system().now()) {
            format!("The zone {zone} goes on: what its file says holds again.\n")
        } else {
            format!("The zone {zone} was not paused.\n")
        }
    });
    beside::said(said, "the pause goes on")
}

/// Keeps a pause; gives the one before.
async fn keep(folders: &Folders, zone: &str, pause: Pause) -> Result<Pause, Stop> {
    let store = beside::ledger(folders, zone).await?;
    let was = Pause::read(store.note(Pause::NOTE).await?.as_deref());
    store.keep_note(Pause::NOTE, &pause.to_string()).await?;
    Ok(was)
}
