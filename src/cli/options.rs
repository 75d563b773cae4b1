//! What can be said on the command line.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::moment::Moment;
use crate::model::Language;

/// Answers citizens who write to a police zone's pages: no urgent calls here, dial 101.
#[derive(Debug, Parser)]
#[command(name = "formez101", version, about, max_term_width = 100)]
pub struct Options {
    /// Where files are.
    #[command(flatten)]
    pub folders: Folders,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where files are.
#[derive(Debug, Clone, Args)]
pub struct Folders {
    /// The folder with formez101.toml and zones/.
    #[arg(long, global = true, value_name = "DIR", env = "FORMEZ101_CONFIG_DIR", default_value = "/etc/formez101")]
    pub config_dir: PathBuf,
    /// The zone's own state folder.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "FORMEZ101_STATE_DIR",
        help = "The zone's own state folder [default: $STATE_DIRECTORY, else /var/lib/formez101/ZONE]"
    )]
    pub state_dir: Option<PathBuf>,
    /// The folder with the zone's secrets.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "FORMEZ101_CREDENTIALS_DIR",
        help = "The folder with the zone's secrets [default: $CREDENTIALS_DIRECTORY]"
    )]
    pub credentials_dir: Option<PathBuf>,
}

impl Folders {
    /// The zone's own state folder.
    pub fn state(&self, zone: &str) -> PathBuf {
        let given = self.state_dir.clone().or_else(|| folder_from("STATE_DIRECTORY"));
        given.unwrap_or_else(|| Path::new("/var/lib/formez101").join(zone))
    }

    /// The folder with the zone's secrets, if one is named.
    pub fn credentials(&self) -> Option<PathBuf> {
        self.credentials_dir.clone().or_else(|| folder_from("CREDENTIALS_DIRECTORY"))
    }
}

/// The first folder of a variable that systemd sets.
fn folder_from(variable: &str) -> Option<PathBuf> {
    let value = std::env::var_os(variable)?;
    std::env::split_paths(&value).next().filter(|path| !path.as_os_str().is_empty())
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the main job on the sandbox: no account, no server, real HTTP on loopback.
    Demo(Demo),
    /// Serve one zone until told to stop.
    Run(OneZone),
    /// Read the files, say what is wrong with them, or show every text that would be posted.
    Check(Check),
    /// Show every text as it would appear: where, how long, and where it comes from.
    Preview(AnyZone),
    /// Try each way to the humans who are told of what may be a danger.
    AlertTest(OneZone),
    /// Say how zones stand: feeds, limits, logins, today's outcomes, replies in doubt.
    Status(Status),
    /// Write the file of a new zone, from answers or flags.
    Init(Init),
    /// Look for what keeps a zone from working, and say what to do about each.
    Doctor(OneZone),
    /// Post nothing in a zone for a while; messages are counted. It holds over a restart.
    Pause(Pause),
    /// End a pause.
    Resume(OneZone),
    /// Have a reply in doubt looked for once more, and posted if it is not there.
    Retry(Retry),
    /// Leave a reply in doubt as it is.
    Drop(OneReply),
    /// Copy a zone's ledger and key, while it runs or not.
    Backup(Backup),
    /// Say what triage makes of a message: language, urgency, kind, and why.
    Triage(Triage),
    /// Log in to a platform, so that the service has a token that works.
    Login(Login),
    /// Run the stand-in of the platforms alone, to rehearse a zone's file against it.
    Sandbox(Sandbox),
}

/// One zone.
#[derive(Debug, Args)]
pub struct OneZone {
    /// The zone: the name of its file without .toml.
    #[arg(long)]
    pub zone: String,
}

/// One zone or all of them, in general or at one moment.
#[derive(Debug, Args)]
pub struct Check {
    /// The zone: the name of its file without .toml [default: every zone].
    #[arg(long)]
    pub zone: Option<String>,
    /// Say what would happen at this time of the zone's clock, such as "2026-12-25 23:30", feed by feed.
    #[arg(long, value_name = "TIME")]
    pub at: Option<Moment>,
}

/// One zone or all of them.
#[derive(Debug, Args)]
pub struct AnyZone {
    /// The zone: the name of its file without .toml [default: every zone].
    #[arg(long)]
    pub zone: Option<String>,
}

/// A new zone. What is not given is asked for.
#[derive(Debug, Args)]
pub struct Init {
    /// The zone: the name of its new file without .toml.
    #[arg(long)]
    pub zone: String,
    /// Its languages, in legal order, such as fr,nl.
    #[arg(long, value_name = "LANGUAGES", value_delimiter = ',')]
    pub languages: Vec<Language>,
    /// Its name, one for each language: --name "fr=Zone de police Exemple".
    #[arg(long, value_name = "LANGUAGE=NAME")]
    pub name: Vec<Name>,
    /// The number of its Facebook Page.
    #[arg(long, value_name = "PAGE")]
    pub facebook: Option<String>,
    /// The number of its Instagram account.
    #[arg(long, value_name = "ACCOUNT")]
    pub instagram: Option<String>,
    /// Its handle on X.
    #[arg(long, value_name = "HANDLE")]
    pub x: Option<String>,
    /// Its handle on Bluesky.
    #[arg(long, value_name = "HANDLE")]
    pub bluesky: Option<String>,
    /// Its name and server on Mastodon, such as zpexemple@mastodon.example.
    #[arg(long, value_name = "HANDLE")]
    pub mastodon: Option<String>,
}

/// A zone's name in one language; without one, in its only language.
#[derive(Debug, Clone)]
pub struct Name {
    /// The language.
    pub language: Option<Language>,
    /// The name.
    pub text: String,
}

impl std::str::FromStr for Name {
    type Err = std::convert::Infallible;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let of_language = given.split_once('=').and_then(|(code, text)| Some((code.trim().parse().ok()?, text)));
        Ok(match of_language {
            Some((language, text)) => Self { language: Some(language), text: text.trim().to_owned() },
            None => Self { language: None, text: given.trim().to_owned() },
        })
    }
}

/// How zones stand.
#[derive(Debug, Args)]
pub struct Status {
    /// The zone: the name of its file without .toml [default: every zone].
    #[arg(long)]
    pub zone: Option<String>,
    /// As JSON, for a program.
    #[arg(long)]
    pub json: bool,
}

/// A pause.
#[derive(Debug, Args)]
pub struct Pause {
    /// The zone: the name of its file without .toml.
    #[arg(long)]
    pub zone: String,
    /// For so long, such as 2h or 30m [default: until `resume`].
    #[arg(long = "for", value_name = "TIME", value_parser = crate::config::parse_duration)]
    pub length: Option<std::time::Duration>,
}

/// A reply in doubt.
#[derive(Debug, Args)]
pub struct OneReply {
    /// The zone: the name of its file without .toml.
    #[arg(long)]
    pub zone: String,
    /// Its number, as `status` shows it.
    pub reply: i64,
}

/// A reply in doubt that is wanted.
#[derive(Debug, Args)]
pub struct Retry {
    /// Which one.
    #[command(flatten)]
    pub reply: OneReply,
    /// I have looked myself and it does not stand there: post it without another look.
    #[arg(long)]
    pub not_there: bool,
}

/// A back-up.
#[derive(Debug, Args)]
pub struct Backup {
    /// The zone: the name of its file without .toml.
    #[arg(long)]
    pub zone: String,
    /// The folder in which the back-up becomes a new folder, named by zone and time.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

/// A message or a file of messages.
#[derive(Debug, Args)]
pub struct Triage {
    /// The message.
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub text: Option<String>,
    /// Messages instead: one JSON object with id and text a line, from a file or from the standard input (-).
    #[arg(long, value_name = "FILE")]
    pub jsonl: Option<PathBuf>,
    /// The languages to choose from, in legal order.
    #[arg(long, value_name = "LANGUAGES", value_delimiter = ',', default_value = "fr,nl,de,en")]
    pub languages: Vec<Language>,
    /// With this zone's languages and its own phrases.
    #[arg(long, conflicts_with = "languages")]
    pub zone: Option<String>,
}

/// A login. Nothing secret is given here: secrets stand in the credentials folder, tokens go to the state folder.
#[derive(Debug, Args)]
pub struct Login {
    /// Where.
    #[arg(value_enum)]
    pub platform: LoginPlatform,
    /// The zone: the name of its file without .toml.
    #[arg(long)]
    pub zone: String,
    /// Where the platform sends you back to, exactly as registered with the app.
    #[arg(
        long,
        value_name = "ADDRESS",
        help = "Where the platform sends you back to, as the app has it [default: http://127.0.0.1:8910/callback]"
    )]
    pub redirect: Option<String>,
    /// Do not listen there; paste the address that the browser was sent back to.
    #[arg(long)]
    pub paste: bool,
    /// Open the browser, if there is a display.
    #[arg(long)]
    pub open: bool,
    /// The Mastodon server.
    #[arg(
        long,
        value_name = "ADDRESS",
        required_if_eq("platform", "mastodon"),
        help = "The Mastodon server, such as https://mastodon.example"
    )]
    pub server: Option<String>,
    /// Bluesky: put the label `bot` into the account's profile, so that it says that it is automated.
    #[arg(long)]
    pub bot: bool,
    /// Meta's Login for Business: the configuration that takes the place of single permissions.
    #[arg(long, value_name = "ID")]
    pub config_id: Option<String>,
}

/// Where one can log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LoginPlatform {
    /// The Page's token, which serves the Instagram account behind it too.
    Facebook,
    /// The Instagram account's token, by the way that the zone's file names.
    Instagram,
    /// The X account's tokens.
    X,
    /// The Bluesky account's session, from an app password.
    Bluesky,
    /// The Mastodon account's token.
    Mastodon,
}

/// The demo's own options.
#[derive(Debug, Args)]
pub struct Demo {
    /// Go on after the summary, and let me type messages.
    #[arg(long)]
    pub keep: bool,
}

/// The sandbox's own options.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// The address to listen on; loopback only.
    #[arg(long, default_value = "127.0.0.1:8101")]
    pub listen: SocketAddr,
    /// Take the accounts' names from this zone's file.
    #[arg(long)]
    pub zone: Option<String>,
}
