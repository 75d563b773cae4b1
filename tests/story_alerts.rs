//! A human is told of what may be a danger: once, together with the rest, and never in a citizen's words.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod world;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use formez101::{
    alert::{About, Channel, Notice, Undelivered},
    config::Alerts,
    model::{Kind, Language},
};
use jiff::tz::TimeZone;
use serde_json::json;
use world::{Feed, World, hours, minutes, seconds};

const DANGER: &str = "Je n'en peux plus, je vais me suicider ce soir";

/// A human who reads what comes, and is away for the first few.
#[derive(Default)]
struct Human {
    away_for: Mutex<u32>,
    read: Mutex<Vec<Notice>>,
}

#[async_trait]
impl Channel for Human {
    fn name(&self) -> &'static str {
        "human"
    }
    async fn bring(&self, notice: &Notice) -> Result<(), Undelivered> {
        let mut away_for = self.away_for.lock().unwrap();
        if *away_for > 0 {
            *away_for -= 1;
            return Err(Undelivered::Later("away".into()));
        }
        self.read.lock().unwrap().push(notice.clone());
        Ok(())
    }
}

impl Human {
    fn totals(&self) -> Vec<u64> {
        self.read.lock().unwrap().iter().map(Notice::total).collect()
    }
}

async fn world(human: &Arc<Human>) -> World {
    let mut world = World::closed(|zone| {
        zone.alerts = Some(Alerts { every: Duration::from_secs(600), mail: None, webhook: None });
    })
    .await;
    world.channels = vec![Arc::clone(human) as Arc<dyn Channel>];
    world.says(Feed::FacebookInbox, "somebody long ago", DANGER);
    world.starts().await;
    world
}

#[tokio::test(start_paused = true)]
async fn somebody_who_may_die_is_told_of_within_a_poll_and_some_seconds_and_once() {
    let human = Arc::<Human>::default();
    let mut world = world(&human).await;
    world.pass(minutes(5)).await;
    assert_eq!(human.totals(), [0; 0], "what stood there before the first start is nobody's concern");
    let said = world.says(Feed::XMentions, "Odette", DANGER);
    world.says(Feed::FacebookInbox, "Jan", "Wanneer zijn jullie open?");
    world.pass(minutes(2)).await;
    world.stops().await;
    world.starts().await;
    world.pass(hours(1)).await;
    assert_eq!(human.totals(), [1]);
    let notice = human.read.lock().unwrap()[0].clone();
    assert_eq!((notice.links[0].feed.name(), notice.links[0].kind), ("x.mentions", Kind::SelfHarm));
    assert_eq!(notice.links[0].link.as_deref(), Some(format!("https://x.com/i/status/{}", said.message_id).as_str()));
    let mail = notice.text("Zone", Language::Fr, &TimeZone::UTC);
    for word in ["Odette", "suicider", "peux plus"] {
        assert!(!mail.contains(word), "{mail}");
    }
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_storm_is_a_few_notices_and_every_message_is_in_one_of_them() {
    let human = Arc::<Human>::default();
    let world = world(&human).await;
    for number in 0..300 {
        world.says(Feed::FacebookInbox, &format!("burger {number}"), DANGER);
        world.pass(seconds(2)).await;
    }
    world.pass(hours(2)).await;
    let totals = human.totals();
    assert!(totals.len() <= 3, "{totals:?}");
    assert_eq!(totals.iter().sum::<u64>(), 300);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_fails_is_tried_again_and_holds_no_reply_up() {
    let human = Arc::new(Human { away_for: Mutex::new(3), read: Mutex::default() });
    let world = world(&human).await;
    let said = world.says(Feed::FacebookInbox, "Jan", DANGER);
    world.pass(minutes(1)).await;
    assert!(!world.answer_to(&said).is_empty());
    assert_eq!(human.totals(), [0; 0]);
    world.pass(minutes(10)).await;
    assert_eq!(human.totals(), [1]);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_noted_when_the_service_stops_is_told_first() {
    let human = Arc::<Human>::default();
    let mut world = world(&human).await;
    world.says(Feed::FacebookInbox, "Jan", DANGER);
    world.pass(seconds(21)).await;
    world.stops().await;
    assert_eq!(human.totals(), [1]);
    world.starts().await;
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn feeds_that_are_no_longer_read_are_told_of_once_and_so_is_their_return() {
    let human = Arc::<Human>::default();
    let world = world(&human).await;
    world.pass(minutes(5)).await;
    world.sandbox.set(&json!({ "x_token": "another" })).unwrap();
    world.pass(minutes(60)).await;
    let told: Vec<About> = human.read.lock().unwrap().iter().map(|notice| notice.about.clone()).collect();
    let [About::Deaf(deaf)] = &told[..] else { panic!("{told:?}") };
    let names: Vec<&str> = deaf.iter().map(|deaf| deaf.feed.name()).collect();
    assert_eq!(names, ["x.mentions", "x.inbox"]);
    assert_eq!(deaf[0].why.as_deref(), Some("login needed (x 401)"));
    world.sandbox.set(&json!({ "x_token": "sandbox-x-token" })).unwrap();
    world.pass(minutes(60)).await;
    let told: Vec<About> = human.read.lock().unwrap().iter().map(|notice| notice.about.clone()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[1], About::Heard);
    world.ends_with_violations().await;
}
