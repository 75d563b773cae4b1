//! What outsiders send, as bytes: each target takes any bytes, must not panic, and checks what must hold whatever they say.
//!
//! Two runners share these functions: `tests/fuzz.rs` on stable, and the targets in `fuzz/` for libFuzzer.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each target of libFuzzer is one of these; a failed unwrap is the finding"
)]

mod answers;
mod files;
mod words;

pub use answers::{bluesky, graph, headers, mastodon, x};
pub use files::{config, vault};
pub use words::{template, text};

/// A target: it panics when a promise is broken.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its folder in `fuzz/seeds`.
pub const TARGETS: [(&str, Target); 9] = [
    ("graph", graph),
    ("x", x),
    ("bluesky", bluesky),
    ("mastodon", mastodon),
    ("headers", headers),
    ("config", config),
    ("vault", vault),
    ("template", template),
    ("text", text),
];
