//! What was logged on this thread, as lines.

#![allow(dead_code, clippy::unwrap_used, reason = "each story uses a part; a failed unwrap is the failure")]

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use tracing::subscriber::DefaultGuard;

/// Everything that was logged since it was opened.
#[derive(Clone)]
pub struct Log {
    bytes: Arc<Mutex<Vec<u8>>>,
}

struct Writer(Log);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.bytes.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Listens as long as the guard lives.
    pub fn open() -> (Self, DefaultGuard) {
        let log = Self { bytes: Arc::default() };
        let heard = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).without_time().with_writer(move || Writer(heard.clone()));
        (log, tracing::subscriber::set_default(subscriber.finish()))
    }

    pub fn told(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }

    /// The number of lines with these words.
    pub fn count(&self, words: &str) -> usize {
        self.told().lines().filter(|line| line.contains(words)).count()
    }
}
