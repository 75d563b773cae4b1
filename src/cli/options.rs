//! What can be said on the command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

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

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the main job on the sandbox: no account, no server, real HTTP on loopback.
    Demo(Demo),
    /// Serve one zone until told to stop.
    Run(OneZone),
    /// Read the files, say what is wrong with them, or show every text that would be posted.
    Check(AnyZone),
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

/// One zone or all of them.
#[derive(Debug, Args)]
pub struct AnyZone {
    /// The zone: the name of its file without .toml [default: every zone].
    #[arg(long)]
    pub zone: Option<String>,
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
