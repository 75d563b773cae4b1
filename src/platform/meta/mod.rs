//! A Facebook Page and an Instagram account through the Graph API.
//!
//! Facts and their sources: `platforms/meta.md`; what is not certain: `docs/UNVERIFIED.md`.

mod errors;
mod facebook;
mod graph;
mod inbox;
mod instagram;
mod wire;

pub use facebook::FacebookPage;
pub use graph::Graph;
pub use instagram::InstagramAccount;
