//! `formez101 doctor --zone Z`: looks at everything that a zone needs, and says for each fault what to do.
//!
//! It changes nothing and posts nothing. Each feed is read once, which on X costs as much as one poll.

mod accounts;
mod machine;
mod way;

use std::fmt::Write as _;

use super::{Exit, check, options::Folders};
use crate::{
    auth::Credentials,
    clock::Clock,
    config::{self, Mode, Zone},
};

/// Looks at a zone. Ends with 0 when nothing keeps it from working, with 1 when something does, with 78 for a wrong file.
pub async fn doctor(folders: &Folders, zone_id: &str) -> Exit {
    let zone = match config::load(&folders.config_dir, zone_id, &super::environment(), &[]) {
        Ok(loaded) => loaded.zone,
        Err(report) => return check::refuse(&report),
    };
    let patient = Patient::new(folders, zone);
    let mut report = Report::default();
    report.well("files", "every key and every text is in order");
    machine::look(&patient, &mut report).await;
    let ways = way::look(&patient, &mut report).await;
    accounts::look(&patient, &ways, &mut report).await;
    machine::service(&patient, &mut report).await;
    let mode = match patient.zone.mode {
        Mode::Reply => "",
        Mode::Observe => "  The zone's file says mode = \"observe\": nothing is posted.\n",
        Mode::Pause => "  The zone's file says mode = \"pause\": nothing is posted.\n",
    };
    super::tell(&format!("Zone {zone_id}\n{}{mode}", report.text));
    if report.faults == 0 { Exit::Well } else { Exit::NotAsDue }
}

/// A zone and where its things are.
struct Patient {
    zone: Zone,
    state: std::path::PathBuf,
    credentials: Credentials,
    credentials_dir: std::path::PathBuf,
    clock: Clock,
}

impl Patient {
    /// Without a folder given, the credentials are where the unit takes them from.
    fn new(folders: &Folders, zone: Zone) -> Self {
        let usual = || folders.config_dir.join("credentials").join(&zone.id);
        let credentials_dir = folders.credentials().unwrap_or_else(usual);
        Self {
            state: folders.state(&zone.id),
            credentials: Credentials::new(Some(&credentials_dir)),
            credentials_dir,
            clock: Clock::system(),
            zone,
        }
    }
}

/// What was found, a line each, and below each fault what to do.
#[derive(Default)]
struct Report {
    text: String,
    faults: usize,
}

impl Report {
    fn well(&mut self, what: &str, found: &str) {
        self.line("ok", what, found);
    }

    /// What is not a fault, and may become one.
    fn beware(&mut self, what: &str, found: &str, advice: &str) {
        self.line("look", what, found);
        self.advise(advice);
    }

    fn fault(&mut self, what: &str, found: &str, advice: &str) {
        self.faults += 1;
        self.line("FAULT", what, found);
        self.advise(advice);
    }

    fn line(&mut self, grade: &str, what: &str, found: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "  {grade:<6}{what}: {found}");
    }

    fn advise(&mut self, advice: &str) {
        let _ = writeln!(self.text, "        -> {advice}");
    }
}
