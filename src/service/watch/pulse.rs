//! A sign of life, every minute while all is well: who waits for it notices when the machine itself is gone.

use std::{sync::Arc, time::Duration};

use http::Method;
use tracing::{info, warn};

use super::Watch;
use crate::http::{Call, Proof, Transport};

/// How often.
const EVERY: Duration = Duration::from_secs(60);

/// Calls an address of the administrator's.
pub struct Pulse {
    /// The address.
    pub url: String,
    /// The way there.
    pub transport: Arc<dyn Transport>,
}

impl Pulse {
    fn call(&self) -> Call {
        let url = self.url.clone();
        Call { method: Method::GET, url, query: Vec::new(), headers: Vec::new(), body: None, proof: Proof::None }
    }

    /// Calls it until dropped. A failure is said once; nobody but the other side acts on it.
    pub async fn run(self, watch: Watch) {
        let mut lost = false;
        loop {
            if watch.state().await.ailments().is_empty() {
                let answer = self.transport.send(self.call()).await;
                let arrived = answer.is_ok_and(|answer| answer.status < 400);
                if !arrived && !lost {
                    warn!("the sign of life of [health] does not arrive");
                } else if arrived && lost {
                    info!("the sign of life of [health] arrives again");
                }
                lost = !arrived;
            }
            watch.clock.sleep(EVERY).await;
        }
    }
}
