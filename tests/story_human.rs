//! What a human decides beside the running service: to pause it, and what becomes of a reply in doubt.

mod world;

use serde_json::json;
use world::{FaultKind, Feed, Side, World, graph_error, hours, minutes, seconds};

use formez101::{ledger::Pause, sandbox::Said};

#[tokio::test(start_paused = true)]
async fn a_paused_zone_posts_nothing_from_the_next_moment_on_and_over_a_restart() {
    let mut world = World::open().await;
    world.pauses(Pause::Open).await;
    world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.says(Feed::XMentions, "lucie", "des jeunes jettent des pierres");
    world.rests(minutes(30)).await;
    world.says(Feed::FacebookInbox, "Piet", "Er is ingebroken bij ons");
    world.pass(minutes(5)).await;
    assert_eq!((world.posted(), world.ended_as("silent/paused").await), (0, 3));
    world.pauses(Pause::Over).await;
    let after_it = world.says(Feed::FacebookInbox, "Els", "Er wordt geschoten");
    world.pass(minutes(1)).await;
    assert_eq!(world.posted(), 1);
    assert!(!world.answer_to(&after_it).is_empty());
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_decided_before_a_pause_waits_for_its_end_unless_it_becomes_too_old() {
    let world = World::open().await;
    world.misfortune(graph_error(4, None), Side::Facebook, "POST", "messages", 1);
    let waits = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.pass(seconds(17)).await;
    let until = world.clock.now() + minutes(20);
    world.pauses(Pause::Until(until)).await;
    world.pass(minutes(19)).await;
    assert_eq!((world.posted(), world.figures().await.open), (0, 1));
    world.pass(minutes(2)).await;
    assert_eq!(world.sandbox.replies_to(&waits.message_id).len(), 1);

    world.misfortune(graph_error(4, None), Side::Facebook, "POST", "messages", 1);
    world.says(Feed::FacebookInbox, "Piet", "Er is ingebroken bij ons");
    world.pass(seconds(17)).await;
    world.pauses(Pause::Open).await;
    world.pass(hours(3)).await;
    assert_eq!((world.posted(), world.ended_as("expired").await), (1, 1));
    world.ends().await;
}

/// A reply that was lost three times, so that the service gives up and leaves it to a human.
async fn lost_thrice(world: &World) -> (Said, i64) {
    world.misfortune(FaultKind::ResetBefore, Side::Facebook, "POST", "messages", 3);
    let message = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.pass(minutes(15)).await;
    assert_eq!((world.posted(), world.ended_as("in_doubt").await), (0, 1));
    let waiting = world.in_doubt().await;
    assert_eq!(waiting.len(), 1);
    (message, waiting[0].seq)
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_doubt_that_a_human_did_not_see_there_is_posted_once() {
    let world = World::open().await;
    let (message, reply) = lost_thrice(&world).await;
    assert!(world.human(async |ledger| ledger.not_there(reply).await.unwrap()).await);
    assert!(!world.human(async |ledger| ledger.not_there(reply).await.unwrap()).await, "it is not in doubt any more");
    world.pass(minutes(2)).await;
    assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    assert!(world.in_doubt().await.is_empty());
    world.says(Feed::FacebookInbox, "Jan", "Komt er iemand?");
    world.pass(minutes(5)).await;
    assert_eq!((world.posted(), world.ended_as("silent/cooldown").await), (1, 1));
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_doubt_is_not_posted_across_a_colleague_however_long_ago_that_one_answered() {
    let world = World::open().await;
    let (message, reply) = lost_thrice(&world).await;
    world.colleague_answers(Feed::FacebookInbox, &message, "Dag Jan, wij zijn onderweg");
    world.pass(minutes(45)).await;
    assert!(world.human(async |ledger| ledger.not_there(reply).await.unwrap()).await);
    world.pass(minutes(5)).await;
    assert_eq!((world.answer_to(&message), world.in_doubt().await.len()), (String::new(), 0));
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_doubt_that_stands_there_is_found_and_not_posted_again() {
    let world = World::open().await;
    world.misfortune(FaultKind::ResetAfter, Side::Facebook, "POST", "messages", 1);
    world.misfortune(graph_error(100, Some(33)), Side::Facebook, "GET", "/messages", 100_000);
    let message = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.pass(minutes(2)).await;
    assert_eq!(world.ended_as("in_doubt").await, 1);
    let reply = world.in_doubt().await[0].seq;
    world.sandbox.mend();
    assert!(world.human(async |ledger| ledger.look_again(reply).await.unwrap()).await);
    world.pass(minutes(2)).await;
    assert_eq!((world.sandbox.replies_to(&message.message_id).len(), world.in_doubt().await.len()), (1, 0));
    world.pass(minutes(40)).await;
    world.says(Feed::FacebookInbox, "Jan", "Wanneer zijn jullie open?");
    world.pass(minutes(2)).await;
    assert_eq!((world.posted(), world.ended_as("silent/cooldown").await), (1, 1), "it was found, and counts");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_doubt_that_a_human_leaves_goes_on_counting_as_an_answer() {
    let world = World::open().await;
    let (_, reply) = lost_thrice(&world).await;
    assert!(world.human(async |ledger| ledger.leave(reply).await.unwrap()).await);
    assert!(!world.human(async |ledger| ledger.look_again(reply).await.unwrap()).await);
    assert!(world.in_doubt().await.is_empty());
    world.says(Feed::FacebookInbox, "Jan", "Komt er iemand?");
    world.pass(minutes(5)).await;
    assert_eq!((world.posted(), world.ended_as("silent/cooldown").await), (0, 1), "it may stand there all the same");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_in_doubt_waits_a_day_for_a_human() {
    let world = World::open().await;
    lost_thrice(&world).await;
    world.pass(hours(22)).await;
    assert_eq!(world.in_doubt().await.len(), 1);
    world.pass(hours(4)).await;
    assert_eq!(world.in_doubt().await.len(), 0);
    assert_eq!(world.posted(), 0);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_is_not_read_for_five_minutes_is_an_ailment_until_it_is_read_again() {
    let world = World::open().await;
    world.pass(minutes(2)).await;
    assert_eq!(world.state().await.troubles(), Vec::<String>::new());
    assert!(world.state().await.is_ready());
    world.sandbox.set(&json!({ "x_token": "another" })).unwrap();
    world.pass(minutes(3)).await;
    let state = world.state().await;
    assert_eq!(state.ailments(), Vec::<String>::new(), "a while is no ailment");
    let trouble = "x.mentions cannot be read: login needed (x 401)".to_owned();
    assert!(state.troubles().contains(&trouble), "{:?}", state.troubles());
    world.pass(minutes(4)).await;
    let ailments = world.state().await.ailments();
    assert!(ailments[0].starts_with("x.mentions is not read since 2026-11-20T22:0"), "{ailments:?}");
    world.sandbox.set(&json!({ "x_token": "sandbox-x-token" })).unwrap();
    world.pass(minutes(40)).await;
    assert_eq!(world.state().await.troubles(), Vec::<String>::new());
    world.ends_with_violations().await;
}
