//! A zone's folders, and the real program that serves it: started, killed, and asked what it said.

use std::{
    fs::{self, OpenOptions},
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// The zone, under the name `zone`.
pub struct Served {
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Served {
    /// A zone that has never been served, with one account and its secret. Nobody must wait for a cool-down, so that nothing but the
    /// service's own care keeps it from answering twice, or two services from talking to each other.
    pub fn new(account: &str, (credential, secret): (&str, &str)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for made in ["config/zones", "credentials"] {
            fs::create_dir_all(folder.path().join(made)).expect("a folder");
        }
        let file = format!(
            r#"mode = "reply"
[zone]
name = {{ fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld", de = "Polizeizone Beispiel" }}
languages = ["fr", "nl", "de"]
{account}
poll = "200ms"
[policy]
cooldown = "0s"
cooldown_urgent = "0s"
public_cap_per_hour = 100000
"#
        );
        fs::write(folder.path().join("config/zones/zone.toml"), file).expect("written");
        fs::write(folder.path().join("credentials").join(credential), format!("{secret}\n")).expect("written");
        Self { folder, child: None }
    }

    /// Starts the program.
    pub fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = OpenOptions::new().create(true).append(true).open(self.output()).expect("a file for the log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_formez101"));
        command.args(["run", "--zone", "zone"]);
        for (option, folder) in
            [("--config-dir", "config"), ("--credentials-dir", "credentials"), ("--state-dir", "state")]
        {
            command.arg(option).arg(self.folder.path().join(folder));
        }
        // Neither a proxy nor settings nor a journal of the machine that tests.
        command.env_clear().env("FORMEZ101_LOG", "info").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().expect("the program starts"));
    }

    /// Kills the program between two instructions.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it can be killed");
        let status = child.wait().expect("it ends");
        assert_eq!(status.signal(), Some(9), "it ended by itself: {status}\n{}", self.log());
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    /// Everything that the program ever said.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.output()).unwrap_or_default()).into_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Nothing is left behind when a test ends.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
