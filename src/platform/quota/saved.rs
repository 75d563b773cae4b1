//! What a restart must not forget.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{months::Months, pool::PoolState, windows::Route};

/// The quota of one account as it is kept across a restart: numbers and the names of pools and routes, nothing of any citizen.
///
/// What a newer version has added is filled in with "nothing known".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) pools: BTreeMap<String, PoolState>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) windows: BTreeMap<String, Route>,
    #[serde(skip_serializing_if = "Months::is_empty")]
    pub(super) spent: Months,
}
