//! Once: a message gets at most one reply, and the reply that is due, whatever comes between.

mod world;

use std::time::Duration;

use world::{Fault, FaultKind, Feed, Side, World, hours, minutes, seconds};

#[tokio::test(start_paused = true)]
async fn a_citizen_writes_at_night_and_is_told_to_dial_101() {
    let world = World::open().await;
    let message = world.says(Feed::FacebookInbox, "Jan", "Er staat een man aan de deur van mijn buren");
    world.pass(seconds(20)).await;
    insta::assert_snapshot!(world.answer_to(&message), @"GEEN dringende oproepen via dit kanaal, bel 101. Politiezone Voorbeeld");
    world.pass(hours(1)).await;
    assert_eq!(world.posted(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn each_feed_answers_in_the_language_of_the_citizen() {
    let world = World::open().await;
    let tagged = world.says(Feed::FacebookMentions, "Rachid", "Il y a une bagarre sur la place");
    let mention = world.says(Feed::XMentions, "pendelaar", "ongeval op de kleine ring");
    let inbox = world.says(Feed::XInbox, "nadia", "Bonjour, on force la porte de mon voisin");
    world.pass(minutes(2)).await;
    insta::assert_snapshot!(world.answer_to(&tagged), @"PAS d'appels urgents via ce canal, formez le 101. Zone de police Exemple");
    insta::assert_snapshot!(world.answer_to(&inbox), @"PAS d'appels urgents via ce canal, formez le 101. Zone de police Exemple (stop = plus de réponse)");
    // The mark of the time keeps X from taking it for a copy of the last reply.
    let public = world.answer_to(&mention);
    assert!(
        public.starts_with("@pendelaar GEEN dringende oproepen via dit kanaal, bel 101. Politiezone Voorbeeld (22:0"),
        "{public}"
    );
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_forward_does_not_make_an_absence_certain_sooner() {
    let world = World::open().await;
    world.misfortune(FaultKind::ResetBefore, Side::Facebook, "POST", "messages", 1);
    let message = world.says(Feed::FacebookInbox, "Jan", "Goedenavond, er is ingebroken bij ons");
    while world.sandbox.snapshot()["faults"] != serde_json::json!([]) {
        world.pass(Duration::from_millis(100)).await;
    }
    world.sets_the_clock(60);
    // The post that broke off may still be under way: for ten seconds nobody sends it again.
    world.pass(seconds(9)).await;
    assert_eq!(world.answer_to(&message), "");
    world.pass(seconds(20)).await;
    insta::assert_snapshot!(world.answer_to(&message), @"GEEN dringende oproepen via dit kanaal, bel 101. Politiezone Voorbeeld");
    // The second of Meta's pace, two calls, is one of the clock that was set.
    world.ends_with_violations().await;
}

#[tokio::test(start_paused = true)]
async fn a_reset_after_the_platform_accepted_leaves_one_reply() {
    let world = World::open().await;
    for path in ["messages", "comments"] {
        world.misfortune(FaultKind::ResetAfter, Side::Facebook, "POST", path, 1);
    }
    for path in ["2/tweets", "dm_conversations"] {
        world.misfortune(FaultKind::ResetAfter, Side::X, "POST", path, 1);
    }
    let feeds = [Feed::FacebookInbox, Feed::FacebookMentions, Feed::XMentions, Feed::XInbox];
    let messages = feeds.map(|feed| world.says(feed, "Jan", "Goedenavond, er is ingebroken bij ons"));
    world.pass(minutes(5)).await;
    for message in &messages {
        assert_eq!(
            world.sandbox.replies_to(&message.message_id).len(),
            usize::from(!world.answer_to(message).is_empty())
        );
    }
    // The same person on X in public and in private is one contact: one reply there, two on Facebook, where
    // the author of a tagged post is not shown.
    assert_eq!(world.posted(), 3);
    assert_eq!(world.ended_as("sent").await, 3);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_reset_before_the_platform_saw_anything_is_made_good() {
    let world = World::open().await;
    world.misfortune(FaultKind::ResetBefore, Side::Facebook, "POST", "messages", 2);
    let message = world.says(Feed::FacebookInbox, "Jan", "Goedenavond, er is ingebroken bij ons");
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 1);
    assert!(!world.answer_to(&message).is_empty());
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_tell_is_left_in_doubt_and_never_sent_again() {
    let world = World::open().await;
    world.misfortune(FaultKind::ResetAfter, Side::X, "POST", "2/tweets", 1);
    // The first look is for colleagues, before the post; every look after it fails.
    let down = FaultKind::Status { status: 503, html: true, processed: false, body: None };
    world.sandbox.fault(Fault::new(down).on(Side::X, "GET", "/tweets").after(1).times(100_000));
    let message = world.says(Feed::XMentions, "lucie", "des jeunes jettent des pierres");
    world.pass(hours(3)).await;
    assert_eq!(world.ended_as("in_doubt").await, 1);
    assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_shows_too_little_of_is_left_in_doubt_and_never_sent_again() {
    let world = World::open().await;
    world.misfortune(FaultKind::ResetAfter, Side::Facebook, "POST", "messages", 1);
    world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    while world.posted() == 0 {
        world.pass(seconds(1)).await;
    }
    // Behind so many messages Meta does not show the reply, and the look cannot tell whether it is there.
    for _ in 0..30 {
        world.says(Feed::FacebookInbox, "Jan", "Hallo? Is daar iemand?");
    }
    world.pass(minutes(10)).await;
    assert_eq!(world.ended_as("in_doubt").await, 1);
    assert_eq!(world.posted(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_warm_restart_answers_what_came_meanwhile_and_nothing_twice() {
    let mut world = World::open().await;
    let before = world.says(Feed::FacebookInbox, "Jan", "Er ligt glas op de weg");
    world.pass(seconds(30)).await;
    world.stops().await;
    let meanwhile = world.says(Feed::FacebookInbox, "Marie", "Bonjour, quelqu'un crie dans la rue");
    let too_long_ago = world.says(Feed::XInbox, "wout", "Er staat een auto op het fietspad");
    world.pass(minutes(90)).await;
    world.starts().await;
    world.pass(minutes(1)).await;
    assert_eq!(world.sandbox.replies_to(&before.message_id).len(), 1);
    assert_eq!(world.sandbox.replies_to(&meanwhile.message_id).len(), 1);
    assert_eq!(world.sandbox.replies_to(&too_long_ago.message_id).len(), 1);
    world.stops().await;
    let stale = world.says(Feed::FacebookInbox, "Luc", "Bonjour, il y a de la fumée");
    world.pass(hours(3)).await;
    world.starts().await;
    world.pass(minutes(2)).await;
    assert!(world.answer_to(&stale).is_empty());
    assert_eq!(world.ended_as("silent/too_old").await, 1);
    world.ends().await;
}
