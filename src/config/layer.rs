//! One source of settings after its strict reading: sound values by path, each with its place.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use config::{ConfigError, Map, Source, Value};

use super::place::Place;

/// The sound settings of one file or of the environment.
///
/// Paths are dotted (`facebook.inbox.poll`); a short way of writing stands under the path that it means.
#[derive(Debug, Clone, Default)]
pub struct Layer {
    /// Values and where they stand.
    pub values: BTreeMap<String, (Value, Place)>,
    /// Tables and where they are opened.
    pub tables: BTreeMap<String, Place>,
    /// Paths where something was meant but could not be taken; that they lack a value is not told again.
    pub doubtful: BTreeSet<String>,
    /// Whether the text could not be parsed to its end, so that anything may be missing.
    pub torn: bool,
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.values.iter().map(|(path, (value, _))| (path.clone(), value.clone())).collect())
    }
}

/// Where every setting of the merged whole was last given.
#[derive(Debug)]
pub struct Places {
    values: BTreeMap<String, Place>,
    tables: BTreeMap<String, Place>,
    doubtful: BTreeSet<String>,
    torn: bool,
    top: Place,
}

impl Places {
    /// The layers' places, the last layer winning. Only tables that the zone's own file opens count: a table of shared
    /// defaults makes no account. `top` is where a setting that stands nowhere should have been.
    pub fn new(layers: &[Layer], zone_file: &Layer, top: Place) -> Self {
        let mut places = Self {
            values: BTreeMap::new(),
            tables: zone_file.tables.clone(),
            doubtful: BTreeSet::new(),
            torn: false,
            top,
        };
        for layer in layers {
            places.values.extend(layer.values.iter().map(|(path, (_, place))| (path.clone(), place.clone())));
            places.doubtful.extend(layer.doubtful.iter().cloned());
            places.torn |= layer.torn;
        }
        places
    }

    /// Where a setting stands; where its table begins when it is missing; else the zone file's first line.
    pub fn of(&self, path: &str) -> Place {
        if let Some(place) = self.values.get(path) {
            return place.clone();
        }
        ancestors(path).find_map(|above| self.tables.get(above)).unwrap_or(&self.top).clone()
    }

    /// Where a setting stands, if anybody gave it.
    pub fn given(&self, path: &str) -> Option<&Place> {
        self.values.get(path)
    }

    /// Whether a setting was last given by the zone's own file.
    pub fn in_zone_file(&self, path: &str) -> bool {
        self.given(path).is_some_and(|place| Arc::ptr_eq(&place.origin, &self.top.origin))
    }

    /// Whether the zone's own file opens this table.
    pub fn opens(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Whether a missing value at this path is the consequence of a mistake that is told already.
    pub fn explained(&self, path: &str) -> bool {
        self.torn || ancestors(path).chain([path]).any(|part| self.doubtful.contains(part))
    }

    /// The zone file's first line.
    pub fn top(&self) -> Place {
        self.top.clone()
    }
}

/// The paths above a path, the nearest first.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('.').map(|(above, _)| above), |path| {
        path.rsplit_once('.').map(|(above, _)| above)
    })
}
