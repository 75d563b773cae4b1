//! The loop that tells: when it is time, over every channel, again where a channel fails.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{About, Alarm, Channel, Notice, Undelivered};
use crate::clock::Clock;

/// The pauses between the tries to bring a notice; after the last it is given up, and the next one says all that is new.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(30 * 60),
];
/// A notice that was due when the service is told to stop may take so long.
const LAST: Duration = Duration::from_secs(4);

/// Tells humans what the alarm has noted.
pub struct Crier {
    /// Where it is noted.
    pub alarm: Alarm,
    /// Over which ways.
    pub channels: Vec<Arc<dyn Channel>>,
    /// The time.
    pub clock: Clock,
    /// For the ids of notices.
    pub random: fastrand::Rng,
}

impl Crier {
    /// Tells until cancelled; what is left then is told once more, in a few seconds.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut under_way = JoinSet::new();
        while !cancel.is_cancelled() {
            let now = self.clock.steady();
            let taken = self.alarm.take(now);
            if let Some(notice) = taken {
                self.tell(notice, &mut under_way);
                continue;
            }
            let due = self.alarm.group().due();
            let wait = due.map_or(Duration::MAX, |due| due.saturating_duration_since(now));
            tokio::select! {
                biased;
                () = cancel.cancelled() => {}
                Some(_) = under_way.join_next() => {}
                () = self.alarm.0.came.notified() => {}
                () = self.clock.sleep(wait) => {}
            }
        }
        let rest = self.alarm.group().rest();
        if let Some(notice) = rest {
            self.tell(notice, &mut under_way);
        }
        if self.clock.within(LAST, under_way.join_all()).await.is_none() {
            warn!("a notice to humans was on its way when the service stopped, and may be lost");
        }
    }

    fn tell(&mut self, mut notice: Notice, under_way: &mut JoinSet<()>) {
        notice.id = format!("{:032x}", self.random.u128(..));
        match &notice.about {
            About::Deaf(deaf) => info!(feeds = deaf.len(), "humans are told of feeds that are not read"),
            About::Heard => info!("humans are told that every feed is read again"),
            About::Messages | About::Test => {
                info!(total = notice.total(), "humans are told of messages that may tell of a danger");
            }
        }
        for channel in &self.channels {
            under_way.spawn(bring(Arc::clone(channel), notice.clone(), self.clock));
        }
    }
}

async fn bring(channel: Arc<dyn Channel>, notice: Notice, clock: Clock) {
    let name = channel.name();
    let mut pauses = PAUSES.iter();
    loop {
        match (channel.bring(&notice).await, pauses.next()) {
            (Ok(()), _) => return,
            (Err(Undelivered::Later(why)), Some(pause)) => {
                warn!(channel = name, why, pause_seconds = pause.as_secs(), "a notice to humans did not arrive yet");
                clock.sleep(*pause).await;
            }
            (Err(Undelivered::Later(why) | Undelivered::Never(why)), _) => {
                error!(channel = name, why, "a notice to humans did not arrive: look at [alerts] and at the channel");
                return;
            }
        }
    }
}
