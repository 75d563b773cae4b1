//! The storm: as many people write as wrote to one page of the French national police in an hour of November 2015.
//!
//! Each answer takes the platform a third of a second, so that the order in which replies leave can be seen.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the failure that the test reports")]

mod world;

use std::{collections::HashMap, time::Duration};

use formez101::{
    clock::{after, between},
    sandbox::{By, Message},
};
use jiff::Timestamp;
use world::{FaultKind, Feed, Side, World, graph_error, hours, minutes, seconds};

const CITIZENS: u32 = 11_000;
/// One in so many is in need.
const IN_NEED: u32 = 100;
const URGENT: &str = "Er wordt nu ingebroken bij mijn buren, kom snel";
const IDLE: &str = "Ik volg het nieuws en wilde even zeggen dat ik aan iedereen denk";
/// Comments in public meanwhile, and how many of them may be answered.
const COMMENTS: u32 = 300;
const CAP: u32 = 20;

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

/// A world in which every answer of Messenger takes a third of a second.
async fn storm(change: impl FnOnce(&mut formez101::config::Zone)) -> World {
    let world = World::open_with(|zone| {
        zone.policy.public_cap_per_hour = CAP;
        change(zone);
    })
    .await;
    let slow = FaultKind::Timeout { ms: 333, processed: true };
    world.misfortune(slow, Side::Facebook, "POST", "/messages", u32::MAX);
    world
}

/// People write over a length of time, evenly.
async fn all_write(world: &World, within: Duration) {
    let began = world.clock.now();
    for number in 0..CITIZENS {
        let text = if number % IN_NEED == 7 { URGENT } else { IDLE };
        world.says(Feed::FacebookInbox, &format!("Burger {number}"), text);
        if number % (CITIZENS / COMMENTS) == 0 {
            world.says(Feed::FacebookMentions, &format!("Lezer {number}"), IDLE);
        }
        if number % 50 == 49 {
            let due = within * (number + 1) / CITIZENS;
            world.pass(between(world.clock.now(), after(began, due))).await;
        }
    }
}

/// How long each citizen of the inbox waited, those in need and the others; fails when one got no answer, or two.
fn waits(world: &World) -> (Vec<Duration>, Vec<Duration>) {
    let all = world.sandbox.all_messages();
    let mut answers: HashMap<&str, Vec<&Message>> = HashMap::new();
    for reply in all.iter().filter(|message| message.by == By::Service) {
        answers.entry(reply.in_reply_to.as_deref().unwrap_or_default()).or_default().push(reply);
    }
    let (mut urgent, mut others) = (Vec::new(), Vec::new());
    for said in all.iter().filter(|message| message.by == By::Citizen && message.feed == Feed::FacebookInbox) {
        let mine = answers.get(said.id.as_str()).map_or(&[][..], Vec::as_slice);
        assert_eq!(mine.len(), 1, "{} has {} answers", said.author, mine.len());
        let waited = between(at(said.at), at(mine[0].at));
        if said.text == URGENT { urgent.push(waited) } else { others.push(waited) }
    }
    urgent.sort_unstable();
    others.sort_unstable();
    (urgent, others)
}

/// The most public answers within any hour.
fn most_in_an_hour(world: &World) -> usize {
    let all = world.sandbox.all_messages();
    let public: Vec<i64> =
        all.iter().filter(|message| message.by == By::Service && !message.feed.is_private()).map(|m| m.at).collect();
    public.iter().map(|from| public.iter().filter(|at| (*from..from + 3_600_000).contains(*at)).count()).max().unwrap()
}

async fn ends_well(world: World, limit: Duration) {
    let (urgent, others) = waits(&world);
    assert_eq!(urgent.len() + others.len(), CITIZENS as usize);
    let (slowest, middle) = (others[others.len() - 1], others[others.len() / 2]);
    println!(
        "urgent: half within {:?}, all within {:?}; others: half within {middle:?}, all within {slowest:?}",
        urgent[urgent.len() / 2],
        urgent[urgent.len() - 1]
    );
    assert!(slowest <= limit, "the last one waited {slowest:?}");
    assert!(urgent[urgent.len() - 1] <= slowest, "nobody in need waits longest");
    let public = most_in_an_hour(&world);
    assert!(public == CAP as usize, "{public} public answers within an hour");
    let silent = u64::from(COMMENTS) + 2;
    let unanswered = world.ended_as("silent/public_cap").await;
    assert!((silent - 2 * u64::from(CAP)..silent).contains(&unanswered), "{unanswered} comments met the cap");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
#[ignore = "takes a minute of computing: `.ci/run storm` runs it"]
async fn eleven_thousand_write_within_an_hour_and_each_is_answered_once_and_soon() {
    let world = storm(|_| {}).await;
    all_write(&world, hours(1)).await;
    world.pass(minutes(10)).await;
    ends_well(world, seconds(30)).await;
}

#[tokio::test(start_paused = true)]
async fn eleven_thousand_write_within_a_minute_and_each_is_answered_once() {
    let world = storm(|_| {}).await;
    all_write(&world, minutes(1)).await;
    world.pass(minutes(15)).await;
    ends_well(world, minutes(10)).await;
}

#[tokio::test(start_paused = true)]
async fn who_writes_while_a_long_list_is_read_does_not_wait_for_its_end() {
    let mut world = World::open().await;
    world.stops().await;
    for number in 0..4_000 {
        world.says(Feed::FacebookInbox, &format!("Burger {number}"), IDLE);
    }
    world.pass(minutes(5)).await;
    // The platform calls long pages too much now and then; that must not send the reader back to the top.
    for _ in 0..3 {
        let words = "Please reduce the amount of data you're asking for, then retry your request";
        let mut fault = graph_error(1, None);
        if let FaultKind::Error { message, status, .. } = &mut fault {
            (*message, *status) = (Some(words.into()), Some(500));
        }
        world.misfortune(fault, Side::Facebook, "GET", "limit=100", 1);
    }
    world.starts().await;
    world.pass(seconds(7)).await;
    let newcomer = world.says(Feed::FacebookInbox, "Nieuwkomer", URGENT);
    world.pass(seconds(12)).await;
    assert!(!world.answer_to(&newcomer).is_empty(), "he waits no longer than one interval");
    assert!(world.posted() < 3_500, "and the list has not been read to its end yet");
    world.pass(minutes(3)).await;
    assert_eq!(world.posted(), 4_001);
    world.ends_with_violations().await;
}
