//! A Facebook Page through the Graph API: Messenger inbox and posts that tag the Page.
//!
//! Facts and their sources: `platforms/meta.md`; what is not certain: `docs/UNVERIFIED.md`.

mod client;
mod errors;
mod wire;

pub use client::FacebookPage;
