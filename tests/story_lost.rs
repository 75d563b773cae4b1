//! A ledger that knows less than citizens have seen: nobody is answered twice, and whoever is new is answered.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the failure that the test reports")]

mod world;

use formez101::{
    config::PublicReplies,
    ledger::Doubt,
    model,
    sandbox::{Said, Say},
};
use world::{Fault, FaultKind, Feed, Side, World, hours, minutes, seconds};

const TEXT: &str = "Goedenavond, er is ingebroken bij de buren";
const FEEDS: [Feed; 7] = [
    Feed::FacebookInbox,
    Feed::FacebookMentions,
    Feed::FacebookComments,
    Feed::InstagramInbox,
    Feed::InstagramComments,
    Feed::XMentions,
    Feed::XInbox,
];

/// On each feed somebody else writes, of whom nobody has heard before.
fn somebody_on_each_feed(world: &World, who: &str) -> Vec<Said> {
    FEEDS.iter().enumerate().map(|(number, feed)| world.says(*feed, &format!("{who} {number}"), TEXT)).collect()
}

#[track_caller]
fn expect_replies(world: &World, said: &[Said], wanted: usize, when: &str) {
    for (said, feed) in said.iter().zip(FEEDS) {
        assert_eq!(world.sandbox.replies_to(&said.message_id).len(), wanted, "{feed:?} {when}");
    }
}

/// Comments are answered in this way.
async fn world_answering(mode: PublicReplies) -> World {
    World::open_with(|zone| {
        for feed in [model::Feed::FacebookComments, model::Feed::InstagramComments] {
            zone.feeds.get_mut(&feed).unwrap().public_replies = mode;
        }
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_back_up_that_is_put_back_knows_nothing_of_the_last_hour_and_answers_nobody_again() {
    for (mode, each) in [(PublicReplies::Private, 7), (PublicReplies::Public, 7), (PublicReplies::Both, 9)] {
        let mut world = world_answering(mode).await;
        let backup = world.backs_up().await;
        let answered = somebody_on_each_feed(&world, "Eerst");
        world.pass(minutes(5)).await;
        assert_eq!(world.posted(), each, "{mode:?}");
        // Longer than an unknown post of ours would be taken for a colleague's.
        world.pass(minutes(45)).await;
        world.stops().await;
        assert!(matches!(world.starts_with(Some(&backup)).await, Some(Doubt::Copy { .. })));
        world.pass(minutes(40)).await;
        assert_eq!(world.posted(), each, "{mode:?}: somebody was answered twice");
        assert!(world.ended_as("silent/answered").await >= 4, "{mode:?}: {:?}", world.figures().await);
        let new = somebody_on_each_feed(&world, "Nieuw");
        world.pass(minutes(40)).await;
        assert_eq!(world.posted(), 2 * each, "{mode:?}: whoever is new is answered");
        assert!(new.iter().chain(&answered).all(|said| !world.answer_to(said).is_empty()));
        world.ends().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_contact_who_was_told_in_the_lost_time_is_not_told_again_before_the_cool_down_has_passed() {
    let mut world = World::open().await;
    let backup = world.backs_up().await;
    for (feed, who) in [(Feed::FacebookInbox, "Jan"), (Feed::InstagramInbox, "Bo"), (Feed::XInbox, "nadia")] {
        world.says(feed, who, TEXT);
    }
    let mention = world.says(Feed::XMentions, "lucie", TEXT);
    world.pass(minutes(5)).await;
    assert_eq!(world.posted(), 4);
    world.stops().await;
    world.pass(hours(3)).await;
    world.starts_with(Some(&backup)).await;
    let again = |world: &World| {
        for (feed, who) in [(Feed::FacebookInbox, "Jan"), (Feed::InstagramInbox, "Bo"), (Feed::XInbox, "nadia")] {
            world.says(feed, who, "Waar kan ik dat aangeven?");
        }
        // A conversation of its own: the author is known again by whom our reply answered.
        world.says(Feed::XMentions, "lucie", "Waar kan ik terecht, en wanneer?");
    };
    again(&world);
    world.pass(hours(1)).await;
    assert_eq!(world.posted(), 4, "told again within the cool-down");
    assert_eq!(world.ended_as("silent/cooldown").await, 4);
    assert_eq!(world.sandbox.replies_to(&mention.message_id).len(), 1);
    world.pass(hours(9)).await;
    again(&world);
    world.pass(minutes(40)).await;
    assert_eq!(world.posted(), 8, "twelve hours after they were told");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn without_its_ledger_the_service_begins_anew_and_still_knows_whom_it_told() {
    let mut world = World::open().await;
    let answered = somebody_on_each_feed(&world, "Eerst");
    world.pass(minutes(45)).await;
    expect_replies(&world, &answered, 1, "at first");
    world.stops().await;
    let missed = world.says(Feed::FacebookInbox, "Marie", "Bonjour, quelqu'un crie dans la rue");
    world.pass(minutes(1)).await;
    assert_eq!(world.starts_with(None).await, Some(Doubt::Gone));
    world.pass(hours(1)).await;
    expect_replies(&world, &answered, 1, "after the loss");
    assert!(world.answer_to(&missed).is_empty(), "what stood there before the new ledger is old");
    world.says(Feed::FacebookInbox, "Eerst 0", "Wanneer is het kantoor open?");
    let new = somebody_on_each_feed(&world, "Nieuw");
    world.pass(minutes(40)).await;
    expect_replies(&world, &answered, 1, "after writing again");
    expect_replies(&world, &new, 1, "new");
    assert_eq!(world.ended_as("silent/cooldown").await, 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn an_older_copy_of_the_file_is_noticed_by_the_sends_that_it_lacks() {
    let mut world = World::open().await;
    world.says(Feed::FacebookInbox, "Jan", TEXT);
    world.pass(minutes(1)).await;
    let backup = world.backs_up().await;
    // As `cp` would make it: without the mark of a back-up.
    let plain = backup.with_file_name("plain.sqlite");
    std::fs::copy(&backup, &plain).unwrap();
    let url = format!("sqlite://{}", plain.display());
    let mut copy = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    sqlx::query("DELETE FROM notes WHERE name = 'copy made at'").execute(&mut copy).await.unwrap();
    sqlx::Connection::close(copy).await.unwrap();

    let second = world.says(Feed::FacebookInbox, "Marie", "Bonjour, quelqu'un crie dans la rue");
    world.pass(minutes(1)).await;
    world.stops().await;
    assert_eq!(world.starts_with(Some(&plain)).await, Some(Doubt::Older));
    world.pass(hours(1)).await;
    assert_eq!(world.sandbox.replies_to(&second.message_id).len(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_citizen_whom_a_colleague_answered_in_the_lost_time_is_left_to_the_colleague() {
    let mut world = World::open_with(|zone| zone.policy.colleague_silence = minutes(10)).await;
    let backup = world.backs_up().await;
    world.stops().await;
    let said = world.says(Feed::FacebookInbox, "Odette", "Bonjour, on a forcé ma cave");
    world.pass(minutes(2)).await;
    world.colleague_answers(Feed::FacebookInbox, &said, "Bonjour Madame, quelle est l'adresse ?");
    world.pass(minutes(30)).await;
    world.starts_with(Some(&backup)).await;
    world.pass(minutes(10)).await;
    assert_eq!(world.posted(), 0);
    assert_eq!(world.ended_as("silent/colleague").await, 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn neighbours_below_one_comment_are_each_answered_although_the_first_ones_answer_stands_there() {
    // The id of an answer may never be known, as after a connection that broke off and a look that cannot be made.
    for broken in [false, true] {
        let mut world = world_answering(PublicReplies::Public).await;
        let backup = world.backs_up().await;
        world.stops().await;
        world.starts_with(Some(&backup)).await;
        world.pass(minutes(2)).await;
        let first = world.says(Feed::FacebookComments, "Jan", TEXT);
        let below =
            |who: &str| Say::new(Feed::FacebookComments, who, "Bij ons ook, op de markt").thread(&first.message_id);
        let others = ["Bo", "An"].map(|who| world.sandbox.say(below(who)).unwrap());
        if broken {
            world.misfortune(FaultKind::ResetAfter, Side::Facebook, "POST", "/comments", 1);
        }
        world.pass(minutes(5)).await;
        for said in [&first, &others[0], &others[1]] {
            assert_eq!(world.sandbox.replies_to(&said.message_id).len(), 1, "{:?}", world.figures().await);
        }
        assert_eq!(world.ended_as("sent").await, 3);
        world.ends().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_the_ledger_still_knows_silences_nobody_else() {
    let mut world = world_answering(PublicReplies::Public).await;
    let first = world.says(Feed::FacebookComments, "Piet", TEXT);
    while world.posted() == 0 {
        world.pass(seconds(5)).await;
    }
    // So soon after the answer that the look reaches back behind it.
    let backup = world.backs_up().await;
    world.stops().await;
    world.starts_with(Some(&backup)).await;
    let below = Say::new(Feed::FacebookComments, "Bo", "Bij ons ook, op de markt").thread(&first.message_id);
    let other = world.sandbox.say(below).unwrap();
    world.pass(minutes(5)).await;
    for said in [&first, &other] {
        assert_eq!(world.sandbox.replies_to(&said.message_id).len(), 1, "{:?}", world.figures().await);
    }
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_no_longer_shows_is_left_in_doubt() {
    let mut world = World::open().await;
    let backup = world.backs_up().await;
    world.says(Feed::FacebookInbox, "Jan", TEXT);
    world.pass(minutes(1)).await;
    for _ in 0..25 {
        world.says(Feed::FacebookInbox, "Jan", "Hallo? Is daar iemand?");
    }
    world.pass(minutes(1)).await;
    assert_eq!(world.posted(), 1);
    world.stops().await;
    world.pass(minutes(45)).await;
    world.starts_with(Some(&backup)).await;
    world.pass(minutes(10)).await;
    assert_eq!(world.posted(), 1, "told again, behind more messages than Meta shows");
    assert!(world.ended_as("in_doubt").await >= 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn while_the_platform_cannot_be_asked_nothing_is_posted() {
    let mut world = World::open().await;
    let backup = world.backs_up().await;
    let said = world.says(Feed::XMentions, "lucie", "des jeunes jettent des pierres");
    world.pass(minutes(2)).await;
    world.stops().await;
    world.pass(minutes(45)).await;
    let new = world.says(Feed::XMentions, "wout", "Er staat een auto op het fietspad");
    // The first look is for colleagues, at the poll; those before the posts fail.
    let down = FaultKind::Status { status: 503, html: true, processed: false, body: None };
    world.sandbox.fault(Fault::new(down).on(Side::X, "GET", "/tweets").after(1).times(4));
    world.starts_with(Some(&backup)).await;
    world.pass(minutes(20)).await;
    assert_eq!(world.sandbox.replies_to(&said.message_id).len(), 1);
    assert_eq!(world.sandbox.replies_to(&new.message_id).len(), 1);
    assert_eq!((world.ended_as("silent/answered").await, world.ended_as("sent").await), (1, 1));
    world.ends().await;
}
