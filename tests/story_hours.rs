//! While the office is open a colleague answers; who is in need is never left to wait for one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod heard;
mod world;

use formez101::{
    config::{PublicReplies, When, Zone},
    hours::{Hours, Window},
    model,
};
use jiff::tz::TimeZone;
use world::{FaultKind, Feed, Side, World, hours, minutes, seconds};

/// The office is open every day from 8 to 18 by the zone's clock; the world begins at 23:00 there.
async fn office(when: When) -> World {
    office_with(when, |_| {}).await
}

async fn office_with(when: When, change: impl FnOnce(&mut Zone)) -> World {
    World::open_with(|zone| {
        change(zone);
        zone.policy.when = when;
        zone.timezone = TimeZone::get("Europe/Brussels").unwrap();
        let open = vec![Window::parse("08:00-18:00").unwrap()];
        zone.hours = Some(Hours { week: (1..=7).map(|day| (day, open.clone())).collect(), ..Hours::default() });
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn by_night_everybody_is_answered_and_by_day_only_who_is_in_need() {
    let world = office(When::Closed).await;
    let night = world.says(Feed::FacebookInbox, "Odette", "Bonjour, à quelle heure ouvrez-vous demain ?");
    world.pass(hours(1)).await;
    assert!(!world.answer_to(&night).is_empty(), "nobody is there");
    world.pass(hours(9)).await;
    let day = world.says(Feed::FacebookInbox, "Rachid", "Bonjour, où est mon dossier ?");
    let mention = world.says(Feed::XMentions, "lucie", "wanneer is het commissariaat open?");
    let urgent = world.says(Feed::FacebookInbox, "Jan", "Help, er wordt ingebroken, ze zijn nu binnen!");
    world.pass(hours(1)).await;
    assert_eq!(world.answer_to(&day), "", "a colleague is there");
    assert_eq!(world.answer_to(&mention), "");
    assert!(world.answer_to(&urgent).contains("101"), "{}", world.answer_to(&urgent));
    assert_eq!(world.ended_as("silent/open").await, 2);
    world.pass(hours(10)).await;
    let evening = world.says(Feed::FacebookInbox, "Els", "Is er morgen iemand aan het loket?");
    world.pass(hours(1)).await;
    assert!(!world.answer_to(&evening).is_empty(), "the colleague has gone home");
    world.ends().await;
}

/// The same zone at nine in the morning, where a colleague has ten minutes for what can wait.
async fn morning() -> World {
    let world = office(When::ClosedOrUnanswered).await;
    world.pass(hours(10)).await;
    world
}

#[tokio::test(start_paused = true)]
async fn by_day_a_colleague_has_ten_minutes_and_who_is_in_need_does_not_wait_for_them() {
    let mut world = morning().await;
    let left = [Feed::FacebookInbox, Feed::XInbox, Feed::FacebookMentions]
        .map(|feed| world.says(feed, "Rachid", "Bonjour, où est mon dossier ?"));
    let urgent = world.says(Feed::FacebookInbox, "Jan", "Help, er wordt ingebroken, ze zijn nu binnen!");
    world.pass(minutes(9)).await;
    assert!(world.answer_to(&urgent).contains("101"), "{}", world.answer_to(&urgent));
    assert_eq!(left.each_ref().map(|message| world.answer_to(message)), ["", "", ""]);
    // It is remembered over a restart.
    world.stops().await;
    world.starts().await;
    world.pass(seconds(30)).await;
    assert_eq!(left.each_ref().map(|message| world.answer_to(message)), ["", "", ""]);
    world.pass(minutes(3)).await;
    for message in &left {
        assert!(world.answer_to(message).contains("101"), "{}", world.answer_to(message));
    }
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_colleague_answers_in_that_time_is_left_to_them_however_late_the_answer_is_seen() {
    let world = morning().await;
    let early = world.says(Feed::FacebookInbox, "Rachid", "Bonjour, où est mon dossier ?");
    let late = world.says(Feed::FacebookMentions, "Odette", "Bonjour, à quelle heure ouvrez-vous demain ?");
    let mention = world.says(Feed::XMentions, "lucie", "wanneer is het commissariaat open?");
    world.pass(minutes(2)).await;
    world.colleague_answers(Feed::FacebookInbox, &early, "Bonjour, il est au guichet 3.");
    world.pass(minutes(7)).await;
    // The feeds cannot be read until the time is over: what a colleague writes meanwhile is seen before anything is posted.
    world.misfortune(FaultKind::ResetBefore, Side::Facebook, "GET", "", 6);
    world.misfortune(FaultKind::ResetBefore, Side::X, "GET", "", 6);
    world.pass(seconds(45)).await;
    world.colleague_answers(Feed::FacebookMentions, &late, "Bonjour, à 8 heures.");
    world.colleague_answers(Feed::XMentions, &mention, "Dag Lucie, van 8 tot 18 uur.");
    world.pass(minutes(40)).await;
    assert_eq!([&early, &late, &mention].map(|message| world.answer_to(message)), ["", "", ""]);
    assert_eq!(world.ended_as("silent/colleague").await, 3);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn somebody_who_comes_into_need_while_another_message_waits_is_answered_at_once_and_once() {
    let world = morning().await;
    let first = world.says(Feed::FacebookInbox, "Jan", "Dag, wanneer is er een agent aan het loket?");
    world.pass(minutes(2)).await;
    let second = world.says(Feed::FacebookInbox, "Jan", "Ik heb ook nog een vraag over mijn fiets.");
    world.pass(minutes(1)).await;
    let urgent = world.says(Feed::FacebookInbox, "Jan", "Help, er wordt ingebroken, ze zijn nu binnen!");
    world.pass(minutes(1)).await;
    assert!(world.answer_to(&urgent).contains("101"), "{}", world.answer_to(&urgent));
    world.pass(hours(1)).await;
    assert_eq!((world.posted(), world.ended_as("silent/cooldown").await), (1, 2));
    let _ = (first, second);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_waited_takes_its_place_again_when_the_urgent_one_cannot_be_answered() {
    let world = morning().await;
    let first = world.says(Feed::FacebookInbox, "Jan", "Dag, wanneer is er een agent aan het loket?");
    world.pass(minutes(2)).await;
    world.misfortune(world::graph_error(10, Some(2_018_278)), Side::Facebook, "POST", "messages", 1);
    world.says(Feed::FacebookInbox, "Jan", "Help, er wordt ingebroken, ze zijn nu binnen!");
    world.pass(minutes(5)).await;
    assert_eq!((world.posted(), world.ended_as("refused").await), (0, 1));
    world.pass(minutes(5)).await;
    assert_eq!((world.posted(), world.ended_as("sent").await), (1, 1));
    let _ = first;
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn when_the_office_closes_what_is_left_is_answered() {
    let world = office(When::ClosedOrUnanswered).await;
    world.pass(hours(18) + minutes(55)).await;
    let last = world.says(Feed::FacebookInbox, "Els", "Is er morgen iemand aan het loket?");
    world.pass(minutes(4)).await;
    assert_eq!(world.answer_to(&last), "");
    world.pass(minutes(3)).await;
    assert!(!world.answer_to(&last).is_empty(), "at six the colleague has gone home");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_colleague_who_answers_below_a_comment_is_seen_though_ours_would_be_private() {
    let comments = |zone: &mut Zone| {
        let settings = zone.feeds.get_mut(&model::Feed::FacebookComments).unwrap();
        settings.public_replies = PublicReplies::Private;
        // Only a look sees in time what was written there.
        settings.poll = hours(1);
        settings.floor = hours(1);
    };
    let world = office_with(When::ClosedOrUnanswered, comments).await;
    world.pass(hours(9) + minutes(59)).await;
    let comment = world.says(Feed::FacebookComments, "Rachid", "Bonjour, où est mon dossier ?");
    let other = world.says(Feed::FacebookComments, "Odette", "Bonjour, à quelle heure ouvrez-vous demain ?");
    world.pass(minutes(5)).await;
    world.colleague_answers(Feed::FacebookComments, &comment, "Bonjour, il est au guichet 3.");
    world.pass(minutes(20)).await;
    assert_eq!(world.ended_as("silent/colleague").await, 1);
    assert_eq!((world.answer_to(&comment), world.posted()), (String::new(), 1));
    assert!(!world.answer_to(&other).is_empty());
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_the_hours_cap_is_looked_at_again_before_it_is_posted() {
    let world = office_with(When::ClosedOrUnanswered, |zone| zone.policy.public_cap_per_hour = 1).await;
    world.pass(hours(17) + minutes(54)).await;
    // Written at six to five and answered at four past.
    let first = world.says(Feed::XMentions, "lucie", "wanneer is het commissariaat open?");
    world.pass(minutes(62)).await;
    assert!(!world.answer_to(&first).is_empty());
    // The office closes at six, and the hour of the first answer is not over.
    let second = world.says(Feed::XMentions, "marc", "waar kan ik mijn fiets laten graveren?");
    world.pass(minutes(6)).await;
    assert_eq!(world.answer_to(&second), "");
    world.colleague_answers(Feed::XMentions, &second, "Dag Marc, elke woensdag aan het loket.");
    world.pass(minutes(50)).await;
    assert_eq!((world.answer_to(&second), world.ended_as("silent/colleague").await), (String::new(), 1));
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn the_log_does_not_tell_who_can_wait() {
    let world = morning().await;
    let (log, _guard) = heard::Log::open();
    world.says(Feed::FacebookInbox, "Jan", "Dag, wanneer is er een agent aan het loket?");
    world.says(Feed::FacebookInbox, "Els", "Help, er wordt ingebroken, ze zijn nu binnen!");
    world.pass(minutes(1)).await;
    let intended: Vec<String> = log.told().lines().filter(|line| line.contains("decision=")).map(shape).collect();
    assert_eq!(intended.len(), 2, "{}", log.told());
    assert_eq!(intended[0], intended[1]);
    world.pass(hours(1)).await;
    world.ends().await;
}

/// A line without the key of its message.
fn shape(line: &str) -> String {
    line.split_whitespace().filter(|part| !part.starts_with("message_key=")).collect::<Vec<_>>().join(" ")
}
