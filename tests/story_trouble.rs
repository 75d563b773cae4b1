//! All and never deaf in silence: limits, dead tokens, outages, and what becomes of the messages meanwhile.

mod world;

use serde_json::json;
use world::{FaultKind, Feed, Side, World, graph_error, hours, minutes, seconds};

#[tokio::test(start_paused = true)]
async fn a_limit_is_waited_for_and_the_message_answered_after_it() {
    let world = World::open().await;
    world.misfortune(
        FaultKind::Status { status: 503, html: true, processed: false, body: None },
        Side::Facebook,
        "GET",
        "conversations",
        3,
    );
    let message = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.pass(minutes(3)).await;
    assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_on_one_platform_never_stops_the_other() {
    let world = World::open().await;
    world.sandbox.set(&json!({ "facebook_token": "another" })).unwrap();
    let unheard = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    let heard = world.says(Feed::XInbox, "nadia", "Bonjour, on force la porte de mon voisin");
    world.pass(minutes(2)).await;
    assert_eq!(world.sandbox.replies_to(&heard.message_id).len(), 1);
    assert!(world.answer_to(&unheard).is_empty());
    assert!(world.health().starts_with("3 of 8 feeds read; facebook.inbox: login needed"), "{}", world.health());
    // The token is good again before the message is too old.
    world.sandbox.set(&json!({ "facebook_token": "sandbox-page-token" })).unwrap();
    world.pass(minutes(20)).await;
    assert_eq!(world.sandbox.replies_to(&unheard.message_id).len(), 1);
    assert_eq!(world.health(), "8 feeds read");
    world.ends_with_violations().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_reply_is_final_and_the_next_message_of_the_same_person_gets_its_chance() {
    let world = World::open().await;
    let error = graph_error(10, Some(2_018_108));
    world.misfortune(error, Side::Facebook, "POST", "messages", 1);
    world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    let second = world.says(Feed::FacebookInbox, "Jan", "Kom snel");
    world.pass(minutes(1)).await;
    assert_eq!(world.ended_as("refused").await, 1);
    assert_eq!(world.posted(), 1);
    assert!(!world.answer_to(&second).is_empty());
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_cannot_leave_in_time_expires() {
    let world = World::open().await;
    let down = graph_error(190, None);
    world.misfortune(down, Side::Facebook, "POST", "messages", 100_000);
    world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.pass(hours(3)).await;
    assert_eq!(world.posted(), 0);
    assert_eq!(world.ended_as("expired").await, 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn posts_that_were_certainly_refused_are_no_attempts() {
    let world = World::open().await;
    world.misfortune(graph_error(190, None), Side::Facebook, "POST", "messages", 3);
    // After this one nobody knows, and a reply whose traces are missing too often would be left in doubt.
    world.misfortune(FaultKind::ResetBefore, Side::Facebook, "POST", "messages", 1);
    let message = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.pass(minutes(20)).await;
    assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn pages_that_are_empty_doubled_or_out_of_order_lose_and_double_nothing() {
    let world = World::open().await;
    for kind in [FaultKind::EmptyPage, FaultKind::DuplicateItems, FaultKind::Reorder, FaultKind::Truncate] {
        world.misfortune(kind, Side::Facebook, "GET", "conversations", 1);
    }
    for number in 0..70 {
        world.says(Feed::FacebookInbox, &format!("Citizen {number}"), "Er wordt gevochten op het plein");
    }
    world.pass(minutes(5)).await;
    assert_eq!(world.posted(), 70);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_burst_in_one_conversation_is_read_to_its_beginning() {
    let world = World::open().await;
    let first = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    for number in 0..30 {
        world.says(Feed::FacebookInbox, "Jan", &format!("Kom snel {number}"));
    }
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 1);
    assert_eq!(world.figures().await.messages, 31);
    assert_eq!(world.sandbox.replies_in(&first.thread_id).len(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn odd_messages_are_answered_like_others() {
    let world = World::open().await;
    let long = "Il y a une bagarre devant chez moi. ".repeat(90);
    let odd = [long.as_str(), "🚨🚨😭👨‍👩‍👧", "Er is\0 brand\0", ""];
    let messages: Vec<_> = odd
        .iter()
        .enumerate()
        .map(|(number, text)| world.says(Feed::FacebookInbox, &format!("Citizen {number}"), text))
        .collect();
    world.pass(minutes(1)).await;
    for message in &messages {
        assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    }
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_leaves_within_one_poll_and_a_second() {
    let world = World::open().await;
    world.pass(minutes(7)).await;
    let written = world.clock.now();
    let message = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.pass(seconds(30)).await;
    let reply = world.sandbox.replies_to(&message.message_id).pop().unwrap();
    let waited = reply.at - written.as_millisecond();
    assert!(waited <= 16_000, "the reply came after {waited} ms");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_pool_that_is_used_up_is_left_alone_by_all_its_calls_until_it_is_not() {
    let world = World::open().await;
    let limit = graph_error(32, None);
    world.misfortune(limit, Side::Facebook, "GET", "tagged", 1);
    world.pass(minutes(1)).await;
    let message = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    let calls = |world: &World| {
        world.sandbox.snapshot()["requests"].as_array().map_or(0, |all| {
            all.iter().filter(|one| one["path"].as_str().is_some_and(|path| path.contains("/v26.0/"))).count()
        })
    };
    world.pass(minutes(1)).await;
    let before = calls(&world);
    world.pass(minutes(10)).await;
    assert_eq!(calls(&world), before, "calls were made while the limit lasted");
    world.pass(minutes(10)).await;
    assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    world.ends().await;
}
