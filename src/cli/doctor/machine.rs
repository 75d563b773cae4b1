//! The zone's folders on this machine, its ledger, its unit, and the service itself.

use std::{fs, io, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use super::{Patient, Report};
use crate::{
    cli::{on_this_machine, window},
    ledger::{LedgerError, SqliteStore, is_key},
    service::watch::State,
};

/// With less than this left nothing can be recorded any more before long.
const SCARCE: u64 = 64 << 20;
/// With less than this left the ledger's next pages may not fit.
const FULL: u64 = 4 << 20;

/// Folders and ledger.
pub async fn look(patient: &Patient, report: &mut Report) {
    credentials(patient, report);
    if state(patient, report) {
        disk(&patient.state, report);
        key(patient, report);
        ledger(patient, report).await;
    }
}

fn credentials(patient: &Patient, report: &mut Report) {
    let (folder, what) = (&patient.credentials_dir, "credentials");
    match fs::read_dir(folder) {
        Ok(files) => {
            // Where nobody else comes into the folder, the files in it may say what they like.
            let paths = files.filter_map(|file| Some(file.ok()?.path())).filter(|_| is_open(folder));
            let shown: Vec<String> =
                paths.filter(|path| is_open(path)).map(|path| path.display().to_string()).collect();
            if shown.is_empty() {
                report.well(what, &format!("{} can be read", folder.display()));
            } else {
                report.beware(
                    what,
                    &format!("others than root can read {}", shown.join(", ")),
                    &format!("chmod -R go= {}", folder.display()),
                );
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => report.beware(
            what,
            &format!("there is no folder {}", folder.display()),
            "make it as deploy/credentials/README.md says, or log in; or name another one with --credentials-dir",
        ),
        Err(error) => report.fault(what, &format!("{} cannot be read: {error}", folder.display()), "run this as root"),
    }
}

/// Whether others than owner and group may look into a file or a folder.
fn is_open(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o007 != 0)
}

/// Whether there is anything to look at.
fn state(patient: &Patient, report: &mut Report) -> bool {
    let (folder, what) = (patient.state.display(), "state folder");
    match fs::read_dir(&patient.state) {
        Ok(_) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            report.well(what, &format!("{folder} is not there yet: the first start makes it"));
            false
        }
        Err(error) => {
            report.fault(what, &format!("{folder} cannot be read: {error}"), "run this as root");
            false
        }
    }
}

fn disk(folder: &Path, report: &mut Report) {
    let what = "disk";
    let Ok(disk) = rustix::fs::statvfs(folder) else {
        return report.beware(what, "the system does not say how full it is", "look with df");
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let (left, place) = (format!("{} MB are free below {}", free >> 20, folder.display()), folder.display());
    if disk.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
        report.fault(
            what,
            &format!("the file system of {place} is read-only"),
            "look at the kernel's log (dmesg): a disk that fails is often mounted so; repair it and mount it again",
        );
    } else if free < FULL {
        report.fault(what, &left, "make room: nothing can be recorded, and nobody is answered");
    } else if free < SCARCE || disk.f_favail == 0 && disk.f_files > 0 {
        report.beware(what, &left, "make room before nothing can be recorded any more");
    } else {
        report.well(what, &left);
    }
}

fn key(patient: &Patient, report: &mut Report) {
    let what = "hash.key";
    let given = patient.credentials.bytes(what).ok().flatten().map(Ok);
    let own = || match fs::read(patient.state.join(what)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        read => Some(read),
    };
    match given.or_else(own) {
        None if patient.state.join("ledger.sqlite").exists() => report.fault(
            what,
            "the zone's key is gone, and its ledger is there",
            "put it back from a back-up: without it nobody in the ledger is known again",
        ),
        None => report.well(what, "the first start makes it"),
        Some(Ok(bytes)) if is_key(&bytes) => report.well(what, "is a key"),
        Some(Ok(_)) => report.fault(
            what,
            "is no key: it must hold 32 bytes or 64 hexadecimal digits",
            "put the right one back, from a back-up",
        ),
        Some(Err(error)) => report.fault(what, &format!("cannot be read: {error}"), "run this as root"),
    }
}

async fn ledger(patient: &Patient, report: &mut Report) {
    let (file, what) = (patient.state.join("ledger.sqlite"), "ledger");
    if !file.exists() {
        return report.well(what, "the first start makes it");
    }
    let examined = async { SqliteStore::beside(&file).await?.examine().await };
    match examined.await {
        Ok(()) => report.well(what, "every page of it is in order"),
        Err(error @ LedgerError::TooOld { .. }) => report.beware(what, &error.to_string(), "the next start brings it up to date and keeps the old one"),
        Err(error @ LedgerError::TooNew { .. }) => report.fault(what, &error.to_string(), "install the newer version again, or go back as it says"),
        Err(error @ LedgerError::Damaged(_)) => report.fault(
            what,
            &error.to_string(),
            "restart the zone: the ledger is set aside, and a new one begun that answers nobody twice; or put a back-up back (formez101 backup says how)",
        ),
        Err(error) => report.fault(what, &error.to_string(), "look at the disk and at who owns the folder"),
    }
}

/// The unit, and the service that it runs.
pub async fn service(patient: &Patient, report: &mut Report) {
    let id = &patient.zone.id;
    unit(id, report);
    let what = "service";
    let shown = window::ask(patient.clock, &patient.state, "/status").await;
    let state = shown.ok().and_then(|text| serde_json::from_str::<State>(&text).ok());
    match state {
        None if is_locked(&patient.state) => report.fault(
            what,
            "it runs and does not say how it is",
            &format!("restart it: systemctl restart formez101@{id}"),
        ),
        None => report.beware(what, "it does not run", &format!("start it: systemctl start formez101@{id}")),
        Some(state) => {
            let since = state.started_at.map(on_this_machine).unwrap_or_default();
            let troubles = state.troubles();
            if troubles.is_empty() {
                report.well(what, &format!("runs since {since}, and reads every feed"));
            }
            for trouble in troubles {
                report.beware(what, &trouble, &format!("journalctl -u formez101@{id} says more"));
            }
            if state.paused {
                report.beware(what, "the zone is paused", &format!("formez101 resume --zone {id}"));
            }
        }
    }
}

/// Whether a service has the state folder, as far as that can be seen without touching it.
fn is_locked(folder: &Path) -> bool {
    let Ok(lock) = fs::File::open(folder.join("lock")) else { return false };
    matches!(lock.try_lock_shared(), Err(fs::TryLockError::WouldBlock))
}

fn unit(id: &str, report: &mut Report) {
    let what = "unit";
    if !Path::new("/run/systemd/system").exists() {
        return report.well(what, "this machine was not started by systemd: not looked at");
    }
    let name = format!("formez101@{id}.service");
    let properties = "--property=LoadState,ActiveState,UnitFileState,ExecMainStatus,Result";
    let Ok(shown) = Command::new("systemctl").args(["show", &name, properties]).output() else {
        return report.beware(what, "systemctl cannot be run", "look with systemctl status");
    };
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    let value =
        |key: &str| shown.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap_or_default();
    if value("LoadState") != "loaded" {
        return report.fault(
            what,
            &format!("{name} is not installed"),
            "install the package, or the unit as the README says",
        );
    }
    if value("ActiveState") == "failed" {
        let (status, result) = (value("ExecMainStatus"), value("Result"));
        let advice = match status {
            "64" => "the unit's command line is wrong: look at drop-ins with systemctl cat",
            "77" => "a login or a permission is missing: see above",
            "78" => "a file was wrong: it is in order now, so start it again",
            "243" => "systemd could not read a credential: look at /etc/formez101/credentials",
            _ => "journalctl says why",
        };
        return report.fault(what, &format!("{name} has failed ({result}, exit status {status})"), advice);
    }
    if value("UnitFileState") == "enabled" {
        report.well(what, &format!("{name} is enabled"));
    } else {
        report.beware(what, &format!("{name} does not start with the machine"), &format!("systemctl enable {name}"));
    }
}
