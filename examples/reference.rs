//! Writes the manual pages and the shells' completions from the command line's own definition:
//! `cargo run --example reference -- FOLDER`.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use clap_complete::Shell;
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

const MANUAL: &str = "System administration";

/// What the definition does not say: for `formez101(8)` alone.
const FILES: [(&str, &str); 6] = [
    ("/etc/formez101/formez101.toml", "what holds for every zone on this machine"),
    ("/etc/formez101/zones/ZONE.toml", "one police zone: its accounts, languages, hours and texts"),
    ("/etc/formez101/credentials/ZONE/", "its secrets, one file each, for root alone"),
    ("/var/lib/formez101/ZONE/", "its state: ledger.sqlite, hash.key, renewed tokens"),
    ("formez101@ZONE.service", "the unit of one zone"),
    ("formez101.target", "all enabled zones together"),
];
const EXIT_CODES: [(&str, &str); 6] = [
    ("0", "ended as asked"),
    ("64", "wrong command line"),
    ("69", "something is not there for now, such as space on the disk; systemd tries again"),
    ("70", "a defect of the program; systemd tries again"),
    ("77", "a permission or a login is missing"),
    ("78", "the configuration or the key is wrong, or the ledger is of a newer version"),
];
const SIGNALS: [(&str, &str); 2] = [
    ("SIGHUP", "read the zone's files again; where they are wrong, go on with the last good ones"),
    ("SIGTERM, SIGINT", "end within ten seconds; nothing is lost"),
];
const SEE_ALSO: [&str; 3] = ["systemctl(1)", "journalctl(1)", "systemd.exec(5)"];

fn main() -> io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1) else {
        return Err(io::Error::other("usage: reference FOLDER"));
    };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let mut command = formez101::cli::command().disable_help_subcommand(true);
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command, "formez101", folder)?;
    }
    command.build();
    for one in command.get_subcommands() {
        page(one, folder)?.flush()?;
    }
    let mut page = page(&command, folder)?;
    lists().to_writer(&mut page)?;
    page.flush()
}

/// A manual page of the command; what is appended stands behind its own sections.
fn page(command: &clap::Command, folder: &Path) -> io::Result<fs::File> {
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone()).section("8").source(format!("formez101 {version}")).manual(MANUAL);
    let mut page = fs::File::create(folder.join(man.get_filename()))?;
    man.render(&mut page)?;
    Ok(page)
}

fn lists() -> Roff {
    let mut roff = Roff::new();
    for (heading, items) in [("FILES", &FILES[..]), ("EXIT STATUS", &EXIT_CODES), ("SIGNALS", &SIGNALS)] {
        roff.control("SH", [heading]);
        for (name, meaning) in items {
            roff.control("TP", []);
            roff.text([bold(*name)]).text([roman(*meaning)]);
        }
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([roman(SEE_ALSO.join(", "))]);
    roff
}
