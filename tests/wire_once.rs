//! Once, over the wire: killed at random moments, cut off before and after the platform accepted.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the failure that the test reports")]

mod stage;

use std::time::Duration;

use formez101::sandbox::Setup;
use stage::{FEEDS, Fault, FaultKind, Side, Stage};

/// Enough to meet every gap between two steps now and then, few enough for every run of the tests.
const KILLS: u64 = 30;
const MESSAGES: u64 = 90;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_it_answers_everybody_once() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut stage = Stage::set(Setup::default()).await;
    stage.open().await;
    let mut messages = Vec::new();
    for kill in 0..KILLS {
        while (messages.len() as u64) < MESSAGES * (kill + 1) / KILLS {
            let number = messages.len();
            messages.push(stage.says(
                FEEDS[number % 4],
                &format!("citizen{number}"),
                "er wordt gevochten op het plein",
            ));
            stage.clock.sleep(Duration::from_millis(random.u64(0..80))).await;
        }
        stage.clock.sleep(Duration::from_millis(random.u64(50..500))).await;
        stage.kill();
        stage.start();
    }
    stage.expect_one_reply_each(&messages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_reset_around_the_post_leaves_one_reply() {
    let mut stage = Stage::set(Setup::default()).await;
    stage.open().await;
    let posts =
        [(Side::Facebook, "/messages"), (Side::Facebook, "/comments"), (Side::X, "/tweets"), (Side::X, "/messages")];
    for (side, path) in posts {
        for kind in [
            FaultKind::ResetAfter,
            FaultKind::ResetBefore,
            FaultKind::Status { status: 502, html: true, processed: true, body: None },
            FaultKind::Truncate,
        ] {
            stage.sandbox.fault(Fault::new(kind).on(side, "POST", path));
        }
    }
    let messages: Vec<_> = (0..24)
        .map(|number| stage.says(FEEDS[number % 4], &format!("citizen{number}"), "on force la porte de mon voisin"))
        .collect();
    stage.expect_one_reply_each(&messages).await;
    assert_eq!(stage.sandbox.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_and_started_again_it_answers_what_came_meanwhile() {
    let mut stage = Stage::set(Setup::default()).await;
    stage.open().await;
    let before = stage.says(FEEDS[0], "jan", "er wordt gevochten");
    stage.expect_one_reply_each(std::slice::from_ref(&before)).await;
    assert_eq!(stage.terminate(), Some(0));
    let meanwhile: Vec<_> =
        FEEDS.iter().map(|feed| stage.says(*feed, &format!("{feed:?}"), "on force la porte de mon voisin")).collect();
    stage.clock.sleep(Duration::from_secs(2)).await;
    stage.start();
    stage.expect_one_reply_each(&meanwhile).await;
    assert_eq!(stage.replies(&before), 1);
}
