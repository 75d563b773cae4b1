//! A zone on a Bluesky network, and the real program that serves it.

use std::time::Duration;

use super::{
    people::{Network, Person},
    served::Served,
};

/// A zone's account, and the program.
pub struct Zone {
    pub person: Person,
    served: Served,
}

impl Zone {
    /// A zone with an account and an app password, which has never been served.
    pub async fn new(network: &Network, handle: &str) -> Self {
        let person = network.joins(handle).await;
        let password = network.app_password(&person, false).await;
        let account = format!("[bluesky]\naccount = \"{handle}\"\napi_base = \"{}\"", network.root);
        Self { person, served: Served::new(&account, ("bluesky.app-password", &password)) }
    }

    /// Starts the program.
    pub fn start(&mut self) {
        self.served.start();
    }

    /// Starts the program and waits until it has a session and has read what stood there before.
    pub async fn listens(&mut self, network: &Network) {
        self.start();
        for _ in 0..200 {
            if self.log().contains("the login was renewed") {
                break;
            }
            network.clock.sleep(Duration::from_millis(50)).await;
        }
        network.clock.sleep(Duration::from_millis(2_000)).await;
    }

    /// Kills the program between two instructions.
    pub fn kill(&mut self) {
        self.served.kill();
    }

    /// Everything that the program ever said.
    pub fn log(&self) -> String {
        self.served.log()
    }
}
