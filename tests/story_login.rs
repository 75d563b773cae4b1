//! A service that stays logged in: X's token lives two hours, and the token that renews it works once.

mod world;

use formez101::clock::after;
use world::{FaultKind, Feed, Side, World, hours, minutes, seconds};

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_ahead_of_its_end_for_a_whole_night() {
    let mut world = World::closed(|zone| zone.facebook = None).await;
    world.renews_its_x_token(Some(after(world.clock.now(), minutes(30))));
    world.starts().await;
    for hour in 0..6 {
        let message = world.says(Feed::XInbox, &format!("citizen{hour}"), "er wordt gevochten op het plein");
        world.pass(hours(1)).await;
        assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1, "hour {hour}");
    }
    world.ends().await;
}

/// X refuses the token of the first so many calls of a kind; the citizen has a reply within an interval and some seconds all the same.
async fn its_token_is_refused(method: &str, path: &str, times: u32) {
    let mut world = World::closed(|zone| zone.facebook = None).await;
    world.renews_its_x_token(None);
    world.starts().await;
    world.misfortune(FaultKind::TokenExpired, Side::X, method, path, times);
    let message = world.says(Feed::XInbox, "nadia", "on force la porte de mon voisin");
    world.pass(seconds(98)).await;
    assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    world.ends_with_violations().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_is_renewed_at_once() {
    its_token_is_refused("GET", "dm_events", 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_that_is_refused_too_delays_reading_by_seconds_and_not_by_a_minute() {
    its_token_is_refused("GET", "dm_events", 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_before_the_reply_leaves_costs_seconds() {
    its_token_is_refused("POST", "messages", 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_that_is_refused_too_costs_seconds_and_not_a_minute() {
    its_token_is_refused("POST", "messages", 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_from_the_renewed_pair() {
    let mut world = World::closed(|zone| zone.facebook = None).await;
    world.renews_its_x_token(Some(world.clock.now()));
    world.starts().await;
    world.stops().await;
    // The credential still holds the spent token; the vault holds the one that came of it.
    world.renews_its_x_token(None);
    world.starts().await;
    world.pass(hours(4)).await;
    let message = world.says(Feed::XInbox, "nadia", "on force la porte de mon voisin");
    world.pass(minutes(5)).await;
    assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_after_the_rotation_ends_in_one_alarm_and_no_storm() {
    let mut world = World::closed(|zone| zone.facebook = None).await;
    world.renews_its_x_token(Some(world.clock.now()));
    world.misfortune(FaultKind::ResetAfter, Side::X, "POST", "oauth2/token", 1);
    world.starts().await;
    world.pass(hours(3)).await;
    let log = world.sandbox.snapshot();
    let calls = log["requests"].as_array().map_or(0, |requests| {
        requests
            .iter()
            .filter(|request| request["path"].as_str().is_some_and(|path| path.contains("oauth2/token")))
            .count()
    });
    assert_eq!(calls, 2, "the old token is tried once more, then a human must log in");
    world.ends_with_violations().await;
}
