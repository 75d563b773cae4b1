//! A zone on a Bluesky network, and the real program that serves it.

use std::{
    fs::{self, OpenOptions},
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use super::people::{Network, Person};

/// A zone's folders, and the program when it runs.
pub struct Zone {
    pub person: Person,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Zone {
    /// A zone with an account and an app password, which has never been served. Nobody must wait for a cool-down, so that
    /// nothing but the service's own care keeps two services from talking to each other.
    pub async fn new(network: &Network, handle: &str) -> Self {
        let person = network.joins(handle).await;
        let password = network.app_password(&person, false).await;
        let folder = tempfile::tempdir().expect("a folder");
        for made in ["config/zones", "credentials"] {
            fs::create_dir_all(folder.path().join(made)).expect("a folder");
        }
        let file = format!(
            r#"mode = "reply"
[zone]
name = {{ fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld", de = "Polizeizone Beispiel" }}
languages = ["fr", "nl", "de"]
[bluesky]
account = "{handle}"
api_base = "{}"
poll = "200ms"
[policy]
cooldown = "0s"
cooldown_urgent = "0s"
public_cap_per_hour = 100000
"#,
            network.root
        );
        fs::write(folder.path().join("config/zones/zone.toml"), file).expect("written");
        fs::write(folder.path().join("credentials/bluesky.app-password"), format!("{password}\n")).expect("written");
        Self { person, folder, child: None }
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

    /// Starts the program and waits until it has a session and has read what stood there before.
    pub async fn listens(&mut self, network: &Network) {
        self.start();
        for _ in 0..200 {
            if self.log().contains("the login was renewed") {
                break;
            }
            network.clock.sleep(std::time::Duration::from_millis(50)).await;
        }
        network.clock.sleep(std::time::Duration::from_millis(2_000)).await;
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

impl Drop for Zone {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Nothing is left behind when a test ends.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
