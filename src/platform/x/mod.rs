//! An X account through the API v2: mentions and direct messages that are not end-to-end encrypted.
//!
//! Facts and their sources: `platforms/x.md`; what is not certain: `docs/UNVERIFIED.md`.

mod client;
mod errors;
mod mention;
mod purse;
mod wire;
mod words;

pub use client::XAccount;
