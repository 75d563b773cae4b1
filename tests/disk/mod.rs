//! A disk that fails as disks do: it loses what was not synced when the power fails, or it takes nothing any more.
//!
//! A small library in C (`shim.c`) stands between the program and the system, writes down each change to the state
//! folder, and ends the process at a chosen one. What the disk would then hold is made here from that journal: what was
//! synced is there for certain; of the rest each write may be there, or not, or in part, and of the changes to names so
//! many of the first ones as chance will have it.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process::Command,
};

/// A sector is written whole or not at all.
const SECTOR: usize = 512;

/// Builds the shim into a folder; `None`, and a line that says so, where there is no C compiler that can.
pub fn shim(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disk/shim.c"), folder.join("shim.so"));
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let mut build = Command::new(&compiler);
    build.args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-o"]).arg(&library).arg(source);
    match build.output() {
        Ok(output) if output.status.success() => Some(library),
        Ok(output) => {
            println!("skipped: {compiler} does not build the shim: {}", String::from_utf8_lossy(&output.stderr));
            None
        }
        Err(error) => {
            println!("skipped: {compiler} cannot be run: {error}");
            None
        }
    }
}

/// The files of a folder, by name. What ends in `-shm` is memory, not disk, and a socket is neither.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Reads what a folder holds; nothing when it is not there.
pub fn read(folder: &Path) -> Files {
    let Ok(entries) = fs::read_dir(folder) else { return Files::new() };
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("names are plain");
    let names = entries
        .map(|entry| name(entry.expect("readable")))
        .filter(|name| !name.ends_with("-shm") && name != "status.sock");
    names.map(|name| (name.clone(), fs::read(folder.join(name)).expect("readable"))).collect()
}

/// Makes a folder hold these files and nothing else.
pub fn write(folder: &Path, files: &Files) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("removed");
    }
    fs::DirBuilder::new().mode(0o700).create(folder).expect("made");
    for (name, bytes) in files {
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(folder.join(name)).expect("made");
        std::io::Write::write_all(&mut file, bytes).expect("written");
    }
}

/// What is done to the bytes of a file.
#[derive(Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Size(usize),
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Size(size) => file.resize(*size, 0),
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[*offset..end].copy_from_slice(bytes);
            }
        }
    }

    /// The part of a write that reached the disk: some of its sectors.
    fn apply_torn(&self, file: &mut Vec<u8>, random: &mut fastrand::Rng) {
        let Self::Write { offset, bytes } = self else { return self.apply(file) };
        let mut at = *offset;
        while at < offset + bytes.len() {
            let end = ((at / SECTOR + 1) * SECTOR).min(offset + bytes.len());
            if random.bool() {
                Self::Write { offset: at, bytes: bytes[at - offset..end - offset].to_vec() }.apply(file);
            }
            at = end;
        }
    }
}

/// What is done to the names of a folder.
#[derive(Clone)]
enum Naming {
    Create(String, usize),
    Rename(String, String),
    Remove(String),
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Create(name, file) => drop(names.insert(name.clone(), *file)),
            Self::Remove(name) => drop(names.remove(name)),
            Self::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
        }
    }
}

#[derive(Default)]
struct File {
    certain: Vec<u8>,
    pending: Vec<Change>,
}

/// What a disk holds for certain, and what is on its way there.
#[derive(Default)]
pub struct Disk {
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    pending: Vec<Naming>,
    /// How many changes and syncs were seen.
    pub records: usize,
}

/// About which files a disk says that it has synced them, and has not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    No,
    /// The files whose names begin so.
    About(&'static str),
}

impl Disk {
    /// A disk that held these files for certain, after what the shim wrote down since.
    pub fn after(base: &Files, journal: &Path, lies: Lies) -> Self {
        let mut disk = Self::default();
        for (name, bytes) in base {
            disk.names.insert(name.clone(), disk.files.len());
            disk.files.push(File { certain: bytes.clone(), pending: Vec::new() });
        }
        let mut now = disk.names.clone();
        // The shim's numbers for files, and their places here.
        let mut places: BTreeMap<i32, usize> = BTreeMap::new();
        let mut lying = BTreeSet::new();
        for Record { kind, file, number, bytes } in records(&fs::read(journal).unwrap_or_default()) {
            disk.records += 1;
            let text = || String::from_utf8(bytes.clone()).expect("names are plain");
            match kind {
                b'O' | b'C' => {
                    let name = text();
                    let place = now.get(&name).copied().unwrap_or_else(|| {
                        disk.files.push(File::default());
                        disk.name(Naming::Create(name.clone(), disk.files.len() - 1), &mut now)
                    });
                    places.insert(file, place);
                    if matches!(lies, Lies::About(beginning) if name.starts_with(beginning)) {
                        lying.insert(file);
                    }
                }
                b'W' => disk.files[places[&file]].pending.push(Change::Write { offset: number, bytes }),
                b'T' => disk.files[places[&file]].pending.push(Change::Size(number)),
                b'R' => {
                    let both = text();
                    let (from, to) = both.split_once('\0').expect("two names");
                    disk.name(Naming::Rename(from.to_owned(), to.to_owned()), &mut now);
                }
                b'U' => {
                    disk.name(Naming::Remove(text()), &mut now);
                }
                b'S' if lying.contains(&file) => {}
                b'S' if file < 0 => disk.pending.drain(..).for_each(|naming| naming.apply(&mut disk.names)),
                b'S' => {
                    let File { certain, pending } = &mut disk.files[places[&file]];
                    pending.drain(..).for_each(|change| change.apply(certain));
                }
                b'B' => {}
                other => panic!("a record of the kind {other}"),
            }
        }
        disk
    }

    fn name(&mut self, naming: Naming, now: &mut BTreeMap<String, usize>) -> usize {
        naming.apply(now);
        self.pending.push(naming);
        self.files.len() - 1
    }

    /// What is found when the power is back.
    pub fn found(mut self, random: &mut fastrand::Rng) -> Files {
        let kept = random.usize(0..=self.pending.len());
        self.pending[..kept].iter().for_each(|naming| naming.apply(&mut self.names));
        // All, most, half or nothing of what was on its way arrives.
        let share = *random.choice(&[0.0, 0.5, 0.9, 1.0]).expect("four shares");
        let mut found = Files::new();
        for (name, place) in self.names {
            let File { certain, pending } = &self.files[place];
            let mut bytes = certain.clone();
            for change in pending {
                if random.f64() < share {
                    if random.u32(0..5) == 0 { change.apply_torn(&mut bytes, random) } else { change.apply(&mut bytes) }
                }
            }
            found.insert(name, bytes);
        }
        found
    }
}

struct Record {
    kind: u8,
    file: i32,
    number: usize,
    bytes: Vec<u8>,
}

/// The whole records of a journal; the last one may have been cut short.
fn records(mut journal: &[u8]) -> impl Iterator<Item = Record> {
    std::iter::from_fn(move || {
        let (head, rest) = journal.split_at_checked(17)?;
        let length = u32::from_le_bytes(head[13..].try_into().expect("four bytes"));
        let (bytes, rest) = rest.split_at_checked(usize::try_from(length).expect("fits"))?;
        journal = rest;
        let number = u64::from_le_bytes(head[5..13].try_into().expect("eight bytes"));
        let file = i32::from_le_bytes(head[1..5].try_into().expect("four bytes"));
        Some(Record { kind: head[0], file, number: usize::try_from(number).expect("fits"), bytes: bytes.to_vec() })
    })
}

/// The trouble that a disk has for a while: a file that holds the number of an error as long as it lasts.
pub struct Trouble(PathBuf);

impl Trouble {
    /// None yet; the shim is told the file as `SHIM_TROUBLE`.
    pub fn none_yet(folder: &Path) -> Self {
        Self(folder.join("trouble"))
    }

    /// Where the shim looks.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// From now on no change succeeds.
    pub fn begins(&self, error: i32) {
        let whole = self.0.with_extension("new");
        fs::write(&whole, error.to_string()).expect("written");
        fs::rename(whole, &self.0).expect("renamed");
    }

    /// The disk is as it was.
    pub fn ends(&self) {
        fs::remove_file(&self.0).expect("removed");
    }
}

/// By how much the program's clock is wrong, and nobody else's.
pub struct WrongBy(fs::File, PathBuf);

impl WrongBy {
    /// By nothing yet; the shim is told the file as `SHIM_CLOCK`.
    pub fn nothing_yet(folder: &Path) -> Self {
        let path = folder.join("clock");
        let file = fs::OpenOptions::new().create(true).truncate(true).write(true).open(&path).expect("made");
        let clock = Self(file, path);
        clock.seconds(0);
        clock
    }

    /// Where the shim looks.
    pub fn path(&self) -> &Path {
        &self.1
    }

    /// From now on by so many seconds.
    pub fn seconds(&self, seconds: i64) {
        self.0.write_all_at(&seconds.to_le_bytes(), 0).expect("written");
    }
}
