//! The command line: one file per sub-command, exit codes by meaning.

mod accounts;
mod alert_test;
mod backup;
mod beside;
mod channels;
pub mod check;
pub mod demo;
mod doctor;
mod doubt;
mod exit;
mod init;
mod log;
pub mod login;
pub mod moment;
mod options;
mod pause;
mod plan;
pub mod preview;
mod run;
mod sandbox;
mod status;
mod stop;
mod texts;
pub mod triage;
mod window;

pub use exit::Exit;

use std::{io::Write as _, process::ExitCode};

use clap::{CommandFactory as _, Parser as _};

use options::{Command, Options};

/// Parses the command line, runs the command, and says how it went by the exit code.
pub fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => {
            // A closed terminal is no reason for another error.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("formez101: the system gives no threads: {error}");
            return Exit::Unavailable.into();
        }
    };
    let exit = runtime.block_on(async {
        match options.command {
            Command::Demo(demo) => demo::demo(demo).await,
            Command::Run(zone) => run::run(&options.folders, &zone.zone).await,
            Command::Check(zone) => check::check(&options.folders.config_dir, zone.zone.as_deref(), zone.at),
            Command::Preview(zone) => preview::preview(&options.folders.config_dir, zone.zone.as_deref()),
            Command::AlertTest(zone) => alert_test::alert_test(&options.folders, &zone.zone).await,
            Command::Init(init) => init::init(&options.folders, &init),
            Command::Doctor(zone) => doctor::doctor(&options.folders, &zone.zone).await,
            Command::Status(status) => status::status(&options.folders, &status).await,
            Command::Pause(pause) => pause::pause(&options.folders, &pause).await,
            Command::Resume(zone) => pause::resume(&options.folders, &zone.zone).await,
            Command::Retry(retry) => doubt::retry(&options.folders, &retry).await,
            Command::Drop(reply) => doubt::leave(&options.folders, &reply).await,
            Command::Backup(backup) => backup::backup(&options.folders, &backup).await,
            Command::Triage(given) => triage::triage(&options.folders.config_dir, &given),
            Command::Login(login) => login::login(&options.folders, &login).await,
            Command::Sandbox(sandbox) => sandbox::sandbox(&options.folders.config_dir, sandbox).await,
        }
    });
    exit.into()
}

/// What can be said on the command line, from which its manual and the shells' completions are made.
pub fn command() -> clap::Command {
    Options::command()
}

/// Writes to the standard output. A closed one is no reason for another error.
fn tell(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// A time on the clock of this machine.
fn on_this_machine(at: jiff::Timestamp) -> String {
    at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// The environment, read once by each command; a variable that is not UTF-8 is none of ours.
fn environment() -> Vec<(String, String)> {
    let variables = std::env::vars_os();
    variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}
