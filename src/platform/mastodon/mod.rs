//! Mastodon, and servers that speak its client API: `GoToSocial`, Mitra and others. Assumes nothing of the ids, and of the server only what
//! the smallest of them do.
//!
//! Facts: `platforms/mastodon.md`.

mod client;
mod errors;
mod html;
mod limits;
mod mention;
mod status;
mod wire;

pub use client::MastodonAccount;
