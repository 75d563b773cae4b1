//! The human at the keyboard: the lines that he types, and what is not shown of them.

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    process::{Command, Stdio},
};

use tokio::sync::mpsc;

/// What is typed, line by line.
pub struct Terminal {
    lines: mpsc::Receiver<String>,
}

impl Terminal {
    /// Begins to read.
    pub fn open() -> Self {
        let (sender, lines) = mpsc::channel(16);
        // Reading a terminal blocks; the thread ends with the terminal or the process.
        std::thread::spawn(move || {
            io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| sender.blocking_send(line))
        });
        Self { lines }
    }

    /// The next line; `None` when there will be none.
    pub async fn line(&mut self) -> Option<String> {
        self.lines.recv().await
    }
}

/// While it lives, the terminal does not show what is typed: an address that comes back holds a code.
pub struct Hidden {
    _private: (),
}

impl Hidden {
    /// Hides, if there is a terminal.
    pub fn new() -> Option<Self> {
        (io::stdin().is_terminal() && stty("-echo")).then_some(Self { _private: () })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(setting: &str) -> bool {
    Command::new("stty").arg(setting).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Opens the browser where there is a display; elsewhere the address that was printed must do.
pub fn open_browser(address: &str) {
    if ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
        let mut browser = Command::new("xdg-open");
        browser.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // A browser that does not open is seen by the one who waits for it.
        let _ = browser.spawn();
    }
}
