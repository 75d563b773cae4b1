//! The files on disk: which there are, and their text.

use std::{fs, io, path::Path, sync::Arc};

use super::{
    diagnostic::{Diagnostic, Report},
    place::{Origin, Place},
    suggest::nearest,
};

/// The longest zone id: it names users, units and folders.
const LONGEST_ID: usize = 21;

/// The ids of all zones that have a file, in alphabetical order.
///
/// # Errors
/// When the folder cannot be read, is empty, or holds a file whose name is no zone id.
pub fn zone_ids(dir: &Path) -> Result<Vec<String>, Report> {
    let folder = dir.join("zones");
    let listed = stems(&folder).map_err(|error| Report::one(unreadable(&folder, &error)))?;
    let (ids, others): (Vec<String>, Vec<String>) = listed.into_iter().partition(|stem| is_zone_id(stem));
    if !others.is_empty() {
        return Err(Report::new(
            others.iter().map(|stem| bad_id(&folder.join(format!("{stem}.toml")), stem)).collect(),
        ));
    }
    if ids.is_empty() {
        let nothing = Place::new(&Origin::new(folder.display().to_string(), ""), 0..0);
        return Err(Report::one(
            Diagnostic::new(nothing, "there is no zone file in this folder")
                .help("write one, such as `zones/my-zone.toml`"),
        ));
    }
    Ok(ids)
}

/// The administrator's file, if there is one.
pub fn shared(dir: &Path) -> Result<Option<Arc<Origin>>, Diagnostic> {
    let path = dir.join("formez101.toml");
    match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => text(&path, read).map(Some),
    }
}

/// The file of one zone.
pub fn zone(dir: &Path, id: &str) -> Result<Arc<Origin>, Vec<Diagnostic>> {
    let folder = dir.join("zones");
    let path = folder.join(format!("{id}.toml"));
    if !is_zone_id(id) {
        return Err(vec![bad_id(&path, id)]);
    }
    match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(vec![no_such_zone(&folder, &path, id)]),
        read => text(&path, read).map_err(|diagnostic| vec![diagnostic]),
    }
}

fn stems(folder: &Path) -> io::Result<Vec<String>> {
    let mut stems = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".toml").filter(|_| !name.starts_with('.')) {
            stems.push(stem.to_owned());
        }
    }
    stems.sort();
    Ok(stems)
}

/// `[a-z0-9][a-z0-9-]*`, at most 21 characters.
pub fn is_zone_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    id.len() <= LONGEST_ID && id.bytes().next().is_some_and(plain) && id.bytes().all(|byte| plain(byte) || byte == b'-')
}

fn text(path: &Path, read: io::Result<Vec<u8>>) -> Result<Arc<Origin>, Diagnostic> {
    let bytes = read.map_err(|error| unreadable(path, &error))?;
    let name = path.display().to_string();
    String::from_utf8(bytes).map(|text| Origin::new(name.clone(), text)).map_err(|error| {
        let sound = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..sound]).into_owned();
        let origin = Origin::new(name, before + "?");
        Diagnostic::new(
            Place::new(&origin, sound..sound + 1),
            "this file is not UTF-8 text: from here on it cannot be read",
        )
        .help("save it again with the encoding UTF-8")
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let nothing = Place::new(&Origin::new(path.display().to_string(), ""), 0..0);
    Diagnostic::new(nothing, format!("cannot be read: {error}"))
        .help("check that it exists and that this user may read it")
}

fn bad_id(path: &Path, id: &str) -> Diagnostic {
    let nothing = Place::new(&Origin::new(path.display().to_string(), ""), 0..0);
    let problem = format!("{id:?} cannot be the name of a zone");
    Diagnostic::new(nothing, problem).help(format!(
        "a name has at most {LONGEST_ID} characters: a to z, 0 to 9 and `-`, and does not begin with `-`"
    ))
}

fn no_such_zone(folder: &Path, path: &Path, id: &str) -> Diagnostic {
    let nothing = Place::new(&Origin::new(path.display().to_string(), ""), 0..0);
    let mut diagnostic = Diagnostic::new(nothing, format!("there is no zone \"{id}\""));
    let zones: Vec<String> = stems(folder).unwrap_or_default().into_iter().filter(|stem| is_zone_id(stem)).collect();
    if let Some(meant) = nearest(id, zones.iter().map(String::as_str)) {
        diagnostic = diagnostic.help(format!("did you mean \"{meant}\"?"));
    }
    if zones.is_empty() {
        return diagnostic.help(format!("the folder {} holds no zone file", folder.display()));
    }
    diagnostic.help(format!("zones with a file: {}", zones.join(", ")))
}
