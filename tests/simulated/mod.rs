//! A deterministic world for the whole service: everything that happens follows from one number.
//!
//! Feed loops, senders, supervisor, ledger, quotas, vault and renewal are the real ones. The clock is paused, the
//! network and the disk are simulated, and each life of the process has a runtime of its own, so that killing it is
//! dropping that runtime.

#[path = "../around/mod.rs"]
mod around;
pub mod check;
mod disk;
mod heard;
pub mod life;
mod line;
mod plan;
#[path = "../world/transport.rs"]
mod transport;
mod world;
