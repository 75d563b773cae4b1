//! `formez101 alert-test --zone Z`: tries each way to a human, and says what became of it.

use super::{Exit, channels::channels, options::Folders};
use crate::{
    alert::{About, Notice, Undelivered},
    auth::Credentials,
    clock::Clock,
    config,
};

/// Sends one notice that says it is a test over each channel of a zone.
pub async fn alert_test(folders: &Folders, zone_id: &str) -> Exit {
    let clock = Clock::system();
    let zone = match config::load(&folders.config_dir, zone_id, &super::environment(), &[]) {
        Ok(loaded) => loaded.zone,
        Err(report) => return super::check::refuse(&report),
    };
    let credentials = Credentials::new(folders.credentials().as_deref());
    let channels = match channels(&zone, &credentials, clock) {
        Ok(channels) => channels,
        Err(stop) => {
            eprintln!("{}", stop.why);
            return stop.exit;
        }
    };
    if channels.is_empty() {
        println!("nobody is told: the file of zone {zone_id} has no [alerts] with `mail` or `webhook`");
        return Exit::Well;
    }
    let notice = Notice { id: format!("{:032x}", fastrand::u128(..)), ..Notice::of(About::Test, clock.now()) };
    let mut exit = Exit::Well;
    for channel in channels {
        let name = channel.name();
        match channel.bring(&notice).await {
            Ok(()) => println!("{name}: the test was taken"),
            Err(Undelivered::Later(why)) => {
                println!("{name}: not taken now ({why}); try again, then ask whoever runs it");
                exit = Exit::Unavailable;
            }
            Err(Undelivered::Never(why)) => {
                println!("{name}: refused ({why}); look at [alerts] and at its credential");
                exit = Exit::Unavailable;
            }
        }
    }
    exit
}
