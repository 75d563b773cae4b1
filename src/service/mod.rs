//! The loops: one per feed, one sender per account, watched by a supervisor.
//!
//! Loops meet only in the ledger. Killed at any instruction, the next start goes on from there.

mod backoff;
mod block;
mod desk;
mod feed;
mod health;
mod lost;
mod observer;
mod reading;
mod recognise;
mod reminder;
mod sender;
mod supervisor;
pub mod systemd;
pub mod watch;

pub use health::{FeedState, Health};
pub use observer::{Nobody, Observer};
pub use supervisor::{Running, Service};
