//! One rule a file. Each says a reason for silence or nothing; none knows the others.

pub mod age;
pub mod barrier;
pub mod baseline;
pub mod colleague;
pub mod cooldown;
pub mod feed;
pub mod hours;
pub mod known;
pub mod mode;
pub mod muted;
pub mod opt_out;
pub mod own;
pub mod own_words;
pub mod public_cap;
pub mod quiet;
pub mod thanks;

#[cfg(test)]
mod case;
