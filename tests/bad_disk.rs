//! A disk that fills, goes read-only or answers with errors while the service runs: nothing is posted that cannot be
//! recorded, it is said once, the watchdog is fed, and all goes on by itself when the disk is well again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod disk;
mod stage;

use std::{
    ffi::OsString,
    os::unix::net::UnixDatagram,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use disk::Trouble;
use formez101::sandbox::Said;
use stage::{ANSWERED, DUTCH, Plan, Stage, name, side_by_side};

const TEXT: &str = "Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan";

/// What a disk says: an input-output error, no space left, a read-only file system.
const ERRORS: [(i32, &str); 3] = [(5, "EIO"), (28, "ENOSPC"), (30, "EROFS")];

/// How systemd hears the service: at once. A socket that nobody reads takes ten messages, and the eleventh waits.
struct Watchdog(Arc<AtomicUsize>);

impl Watchdog {
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a socket");
        socket.set_read_timeout(Some(Duration::from_secs(1))).expect("set");
        let fed = Arc::new(AtomicUsize::new(0));
        let counted = Arc::downgrade(&fed);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Some(fed) = counted.upgrade() {
                if let Ok(length) = socket.recv(&mut buffer) {
                    let told = String::from_utf8_lossy(&buffer[..length]).matches("WATCHDOG=1").count();
                    fed.fetch_add(told, Ordering::SeqCst);
                }
            }
        });
        Self(fed)
    }

    /// How often the watchdog was fed since it was asked last.
    fn fed(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

fn one_on_each_feed(stage: &Stage, group: &str) -> Vec<Said> {
    ANSWERED.into_iter().map(|feed| stage.say(feed, &format!("{group} {}", name(feed)), TEXT)).collect()
}

async fn trouble(shim: &Path, error: i32, what: &str) {
    let mut stage = Stage::planned(Plan { instagram: true, ..Plan::default() }).await;
    let (trouble, socket) = (Trouble::none_yet(stage.folder()), stage.folder().join("notify"));
    let watchdog = Watchdog::at(&socket);
    stage.environment = vec![
        ("LD_PRELOAD", shim.into()),
        ("SHIM_FOLDER", stage.state().into()),
        ("SHIM_TROUBLE", trouble.path().into()),
        ("NOTIFY_SOCKET", socket.into()),
        ("WATCHDOG_USEC", OsString::from("3000000")),
    ];
    stage.start();
    stage.read_again().await;
    let first = one_on_each_feed(&stage, "Eerst");
    stage.ended(first.len() as u64).await;

    trouble.begins(error);
    let posted = stage.posted().len();
    let second = one_on_each_feed(&stage, "Dan");
    stage
        .until("each feed has said that it cannot be recorded", |stage| {
            ANSWERED.iter().all(|feed| !stage.lines(&["ERROR", name(*feed), "cannot be recorded"]).is_empty())
        })
        .await;
    watchdog.fed();
    let mut fed = 0;
    for _ in 0..5 {
        stage.pass(Duration::from_secs(1)).await;
        fed += watchdog.fed();
    }
    assert!(fed >= 3, "{what}: the watchdog was fed {fed} times in five seconds\n{}", stage.log());
    assert_eq!(stage.posted().len(), posted, "{what}: nothing is posted that cannot be recorded");
    for feed in ANSWERED {
        let said = stage.lines(&["ERROR", name(feed)]);
        assert_eq!(said.len(), 1, "{what}: said once\n{}", stage.log());
    }
    println!("{what}: {}", stage.lines(&["ERROR"])[0]);

    trouble.ends();
    stage.ended((first.len() + second.len()) as u64).await;
    stage.expect_one_reply_each(first.iter().chain(&second).map(|said| (said, DUTCH)));
    for feed in ANSWERED {
        assert_eq!(stage.lines(&[name(feed), "the feed is read again"]).len(), 1, "{what}\n{}", stage.log());
    }
    assert_eq!(stage.outcomes().await, [("sent".to_owned(), 14)], "{what}");
    stage.expect_no_violation_but_haste();
    stage.expect_no_panic();
}

#[test]
fn what_cannot_be_recorded_is_not_posted_and_follows_when_the_disk_is_well_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(shim) = disk::shim(folder.path()) else { return };
    side_by_side(
        ERRORS.len(),
        ERRORS.map(|(error, what)| {
            let shim = &shim;
            move || trouble(shim, error, what)
        }),
    );
}
