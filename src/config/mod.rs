//! A zone's settings: read strictly, merged, checked as a whole, and every mistake told at its place.
//!
//! ```text
//! file -> strict (schema, leaf, syntax) -> layer --+
//! file -> strict ----------------------> layer --+-> config merges -> wire -> validate -> Zone
//! environment -> overrides -------------> layer --+
//! ```
//! Only `files` reads the disk; all else is pure.

mod advice;
mod alerts;
mod diagnostic;
mod duration;
mod files;
mod health;
mod hosts;
mod layer;
mod leaf;
mod opening;
mod overrides;
mod place;
mod polling;
mod quiet;
mod schema;
mod secrets;
mod strict;
mod suggest;
mod syntax;
mod text_key;
mod texts;
mod validate;
mod wire;
mod words;
mod zone;

pub use advice::advice;
pub use alerts::{AlertMail, Alerts, MailSecurity};
pub use diagnostic::{Diagnostic, Report};
pub use duration::{parse as parse_duration, written as written_duration};
pub use files::{is_zone_id, zone_ids};
pub use health::HealthPort;
pub use overrides::Overrides;
pub use place::{Origin, Place};
pub use text_key::path as text_path;
pub use words::Word;
pub use zone::{
    Bluesky, DatedNumber, Facebook, FeedSettings, Folder, Instagram, InstagramLogin, KnownAccounts, Mastodon, Mode,
    Policy, PublicReplies, QuietAnswer, QuietPeriod, ReplyTo, Vocabulary, When, X, Zone,
};

use std::path::Path;

use layer::{Layer, Places};
use strict::Author;
use wire::Wire;

/// A zone whose files are without a mistake.
#[derive(Debug)]
pub struct Loaded {
    /// The zone.
    pub zone: Zone,
    /// Where its settings stand, for what shows only beside other zones.
    places: Places,
}

/// Reads and checks one zone: built-in defaults, `formez101.toml`, `zones/<zone>.toml`, the environment, overrides; the last wins.
///
/// # Errors
/// Every mistake of all of these at once.
pub fn load(
    dir: &Path,
    zone: &str,
    environment: &[(String, String)],
    overrides: &[Overrides],
) -> Result<Loaded, Report> {
    let mut found = Vec::new();
    let mut take = |(layer, diagnostics): (Layer, Vec<Diagnostic>)| {
        found.extend(diagnostics);
        layer
    };
    let mut layers = vec![take(strict::read(
        &Origin::new("built-in defaults", include_str!("defaults.toml")),
        Author::Administrator,
    ))];
    match files::shared(dir) {
        Ok(Some(origin)) => layers.push(take(strict::read(&origin, Author::Administrator))),
        Ok(None) => {}
        Err(diagnostic) => drop(take((Layer::default(), vec![diagnostic]))),
    }
    let origin = match files::zone(dir, zone) {
        Ok(origin) => origin,
        Err(diagnostics) => {
            found.extend(diagnostics);
            return Err(Report::new(found));
        }
    };
    let zone_file = take(strict::read(&origin, Author::Officer));
    layers.push(zone_file.clone());
    layers.push(take(overrides::environment(environment)));
    layers.extend(overrides.iter().map(|settings| take(overrides::caller(settings))));

    let places = Places::new(&layers, &zone_file, Place::first_line(&origin));
    let wire = merge(layers).map_err(|error| {
        let problem =
            format!("the merged settings do not fit together, which is a mistake of formez101 itself: {error}");
        Report::one(Diagnostic::new(places.top(), problem))
    })?;
    let (zone, unfit) = validate::zone(zone, wire, &places);
    found.extend(unfit);
    if found.is_empty() { Ok(Loaded { zone, places }) } else { Err(Report::new(found)) }
}

/// Reads and checks every zone there is, and that no two of them answer on the same account.
///
/// # Errors
/// Every mistake of all zones at once.
pub fn load_all(dir: &Path, environment: &[(String, String)], overrides: &[Overrides]) -> Result<Vec<Loaded>, Report> {
    let mut report = Report::default();
    let mut all: Vec<Loaded> = Vec::new();
    for id in zone_ids(dir)? {
        match load(dir, &id, environment, overrides) {
            Ok(loaded) => {
                report.extend(all.iter().flat_map(|other| shared_accounts(other, &loaded)));
                all.push(loaded);
            }
            Err(mistakes) => report.absorb(mistakes),
        }
    }
    if report.is_empty() { Ok(all) } else { Err(report) }
}

/// Two services on one account would each answer the same citizen.
fn shared_accounts(first: &Loaded, second: &Loaded) -> Vec<Diagnostic> {
    let account = |loaded: &Loaded| {
        let page = loaded.zone.facebook.as_ref().map(|facebook| facebook.page.clone());
        let handle = loaded.zone.x.as_ref().map(|x| x.account.to_lowercase());
        let instagram = loaded.zone.instagram.as_ref().map(|instagram| instagram.account.clone());
        [("facebook.page", page), ("instagram.account", instagram), ("x.account", handle)]
    };
    account(first)
        .into_iter()
        .zip(account(second))
        .filter(|((_, one), (_, other))| one.is_some() && one == other)
        .map(|((path, _), _)| {
            let problem = format!(
                "zone {} has the same `{path}` as zone {}: a citizen would be answered twice",
                second.zone.id, first.zone.id
            );
            Diagnostic::new(second.places.of(path), problem)
                .also(first.places.of(path), "the other one stands here")
                .help("give each zone its own account, or keep one file for both")
        })
        .collect()
}

/// `config` lays the layers over each other, the last on top.
fn merge(layers: Vec<Layer>) -> Result<Wire, config::ConfigError> {
    let builder = layers.into_iter().fold(config::Config::builder(), |builder, layer| builder.add_source(layer));
    builder.build()?.try_deserialize()
}

#[cfg(test)]
mod tests;
