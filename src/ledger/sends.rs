//! The number of sends, written beside the ledger too: a ledger that counts fewer is an older copy of itself.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
};

/// A small file that holds one number.
///
/// It is not forced to the disk: after a power cut it may be behind the ledger, which says nothing; only being ahead of
/// it does.
#[derive(Debug)]
pub struct SendCount(File);

impl SendCount {
    /// The file in a state folder, made when it is not there, and what it held.
    pub fn open(folder: &Path) -> io::Result<(Self, Option<u64>)> {
        let path = folder.join("ledger.sends");
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let mut held = String::new();
        // What is no text is no number either.
        let number = file.read_to_string(&mut held).ok().and_then(|_| held.trim().parse().ok());
        Ok((Self(file), number))
    }

    /// Writes the number over the old one, in the same place, so that a full disk is no hindrance.
    pub fn write(&self, sends: u64) -> io::Result<()> {
        self.0.write_all_at(format!("{sends:020}\n").as_bytes(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_there_again_and_anything_else_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (count, held) = SendCount::open(folder.path()).unwrap();
        assert_eq!(held, None);
        count.write(101).unwrap();
        count.write(102).unwrap();
        assert_eq!(SendCount::open(folder.path()).unwrap().1, Some(102));
        std::fs::write(folder.path().join("ledger.sends"), [0xff, 0xfe, 7]).unwrap();
        assert_eq!(SendCount::open(folder.path()).unwrap().1, None);
    }
}
