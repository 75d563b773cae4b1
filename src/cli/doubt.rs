//! `formez101 retry --zone Z REPLY` and `formez101 drop --zone Z REPLY`: what becomes of a reply in doubt.

use super::{
    Exit, beside,
    options::{Folders, OneReply, Retry},
    stop::Stop,
};
use crate::ledger::{SqliteStore, Store as _};

/// Has a reply in doubt looked for once more, or posted where a human has looked.
pub async fn retry(folders: &Folders, Retry { reply, not_there }: &Retry) -> Exit {
    let done = async {
        let ledger = beside::ledger(folders, &reply.zone).await?;
        let found =
            if *not_there { ledger.not_there(reply.reply).await? } else { ledger.look_again(reply.reply).await? };
        known(found, &ledger, reply).await
    };
    let said = if *not_there {
        "It is posted within a minute, unless its message has become too old or a colleague has answered.\n"
    } else {
        "The platform is asked for it within a minute. Where it surely does not stand it is posted; where that cannot be told it \
         is in doubt again: look yourself, and say `--not-there`.\n"
    };
    beside::said(done.await.map(|()| said.to_owned()), "nothing is done")
}

/// Leaves a reply in doubt as it is.
pub async fn leave(folders: &Folders, reply: &OneReply) -> Exit {
    let done = async {
        let ledger = beside::ledger(folders, &reply.zone).await?;
        let found = ledger.leave(reply.reply).await?;
        known(found, &ledger, reply).await
    };
    let said =
        "It is not posted, and where it would go is forgotten. It goes on counting as an answer for the cool-down.\n";
    beside::said(done.await.map(|()| said.to_owned()), "nothing is done")
}

/// Whether such a reply is in doubt; where it is not, those that are.
async fn known(found: bool, ledger: &SqliteStore, OneReply { zone, reply }: &OneReply) -> Result<(), Stop> {
    if found {
        return Ok(());
    }
    let others: Vec<String> = ledger.in_doubt().await?.iter().map(|other| other.seq.to_string()).collect();
    let there =
        if others.is_empty() { "there is none".to_owned() } else { format!("there are: {}", others.join(", ")) };
    Err(Stop::new(Exit::Usage, format!("no reply {reply} of the zone {zone} is in doubt; {there}")))
}
