//! `formez101 backup --zone Z --to DIR`: the ledger and the zone's key, beside a running service or without one.

use std::path::Path;

use super::{Exit, beside, options::Backup, options::Folders, stop::Stop};
use crate::{
    clock::Clock,
    ledger::{BackUp, back_up},
};

/// Makes the back-up and says what is in it.
pub async fn backup(folders: &Folders, options: &Backup) -> Exit {
    beside::said(make(folders, options).await, "no back-up was made")
}

async fn make(folders: &Folders, Backup { zone, to }: &Backup) -> Result<String, Stop> {
    let (state, now) = (beside::state(folders, zone)?, Clock::system().now());
    let name = format!("{zone}-{}", now.strftime("%Y%m%dT%H%M%SZ"));
    Ok(words(&back_up(&state, to, &name, now).await?, &state))
}

fn words(made: &BackUp, state: &Path) -> String {
    let (folder, state, contents) = (made.folder.display(), state.display(), made.contents);
    let (key, files) = if made.has_key {
        ("hash.key        the zone's key, without which nobody in the ledger is known again", "ledger.sqlite hash.key")
    } else {
        ("no hash.key: it stands among the credentials; without that very key the ledger is of no use", "ledger.sqlite")
    };
    format!(
        "{folder}
  ledger.sqlite   read whole and in order: {messages} messages, {open} of them not ended, and the figures
  {key}
Not in it: tokens, which a login gives again, and the zone's files in the configuration folder.

To put it back: stop the zone; delete ledger.sqlite, ledger.sqlite-wal and ledger.sqlite-shm in
  {state}
copy the files of the back-up there, give them that folder's owner, and start the zone:
  cd {folder} && cp {files} {state}/ && cd {state} && chown --reference=. {files}
The service sees that it is a back-up. Replies given since are missing in it, so for the length of the cool-down each
reply is looked for on the platform before it is posted: nobody is answered twice.

The ids in it are keyed hashes that the service deletes by age; in a back-up they stay until you delete it.
",
        messages = contents.messages,
        open = contents.open,
    )
}
