//! A Bluesky account through its own server (PDS): mentions and replies, and messages through the same server.
//!
//! Facts and their sources: `platforms/bluesky.md`; what is not certain: `docs/UNVERIFIED.md`.

mod chat;
mod client;
mod errors;
mod key;
mod limits;
mod mention;
mod repo;
mod wire;

pub use client::BlueskyAccount;
