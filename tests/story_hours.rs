//! While the office is open a colleague answers; who is in need is never left to wait for one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod world;

use formez101::{
    config::When,
    hours::{Hours, Window},
};
use jiff::tz::TimeZone;
use world::{Feed, World, hours};

/// The office is open every day from 8 to 18 by the zone's clock; the world begins at 23:00 there.
async fn office() -> World {
    World::open_with(|zone| {
        zone.policy.when = When::Closed;
        zone.timezone = TimeZone::get("Europe/Brussels").unwrap();
        let open = vec![Window::parse("08:00-18:00").unwrap()];
        zone.hours = Some(Hours { week: (1..=7).map(|day| (day, open.clone())).collect(), ..Hours::default() });
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn by_night_everybody_is_answered_and_by_day_only_who_is_in_need() {
    let world = office().await;
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
