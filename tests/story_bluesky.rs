//! Citizens on Bluesky, told under a paused clock.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the story reports")]

#[allow(dead_code, reason = "each story uses a part")]
#[path = "bluesky/people.rs"]
mod people;
mod world;

use std::time::Duration;

use formez101::{
    clock::{after, before},
    config::{Bluesky, Zone},
    model,
};
use people::{How, Network, Person, Seen, Written};
use serde_json::json;
use world::{FaultKind, Side, World, hours, minutes, seconds};

const FIGHT: &str = "er wordt gevochten op het plein, kom snel";

/// A zone that is on Bluesky alone, and the people around it.
struct Square {
    world: World,
    network: Network,
    zone: Person,
    jan: Person,
}

impl Square {
    async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    async fn open_with(change: impl FnOnce(&mut Zone)) -> Self {
        let mut world = World::closed(|zone| {
            let bluesky = Bluesky { account: "zpexemple.bsky.social".into(), ..Zone::for_testing().bluesky.unwrap() };
            (zone.facebook, zone.instagram, zone.x, zone.bluesky) = (None, None, None, Some(bluesky));
            zone.feeds.remove(&model::Feed::BlueskyInbox);
            change(zone);
        })
        .await;
        let root = world.zone.bluesky.as_ref().unwrap().api_base.clone();
        let network = Network { root, transport: world.transport(), clock: world.clock };
        let zone = network.enters("zpexemple.bsky.social", "sand-boxx-pass-word").await;
        let jan = network.joins("jan.example").await;
        world.starts().await;
        world.pass(seconds(30)).await;
        Self { world, network, zone, jan }
    }

    /// Jan names the zone.
    async fn calls(&self, text: &str) -> Written {
        self.writes(text, How::default()).await
    }

    async fn writes(&self, text: &str, how: How<'_>) -> Written {
        self.network.writes(&self.jan, text, How { names: &[&self.zone], ..how }).await
    }

    async fn answers(&self, post: &Written) -> Vec<Seen> {
        self.network.answers(&self.jan, post, &self.zone).await
    }

    async fn pass(&self, length: Duration) {
        self.world.pass(length).await;
    }

    /// How often the service, or anybody, called a method.
    fn called(&self, method: &str) -> usize {
        let log = self.world.sandbox.snapshot();
        let requests = log["requests"].as_array().unwrap().iter();
        requests.filter(|request| request["path"].as_str().unwrap().contains(method)).count()
    }
}

#[tokio::test(start_paused = true)]
async fn a_mention_is_answered_once_below_it_in_its_language() {
    let square = Square::open().await;
    let post = square.calls(FIGHT).await;
    square.pass(seconds(20)).await;
    let answers = square.answers(&post).await;
    let Seen { text, langs, root, parent, .. } = &answers[0];
    assert_eq!((answers.len(), langs.as_slice()), (1, &["nl".to_owned()][..]));
    assert_eq!((root, parent), (&post.uri, &post.uri));
    assert!(text.contains("bel 101"), "{text}");
    square.pass(hours(3)).await;
    assert_eq!(square.answers(&post).await.len(), 1);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_the_zone_is_answered_in_the_thread_of_its_root_and_the_depths_are_not() {
    let square = Square::open().await;
    let news = square.network.writes(&square.zone, "De wijkagent is er morgen niet.", How::default()).await;
    let below = How { answers: Some(&news), ..How::default() };
    let asked = square.network.writes(&square.jan, FIGHT, below).await;
    let marie = square.network.joins("marie.example").await;
    let deep = square.network.writes(&marie, "Bij mij ook!", How { answers: Some(&asked), ..How::default() }).await;
    square.pass(seconds(20)).await;
    let answers = square.answers(&asked).await;
    assert_eq!(answers.len(), 1);
    assert_eq!((&answers[0].root, &answers[0].parent), (&news.uri, &asked.uri));
    assert_eq!(square.answers(&deep).await, [], "Marie spoke to Jan");
    assert_eq!(square.world.ended_as("silent/not_addressed").await, 1);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_arrives_now_but_says_three_hours_ago_is_counted_as_too_old() {
    let square = Square::open().await;
    // The zone has listened for long, and others write meanwhile.
    square.pass(hours(5)).await;
    for number in 0..3 {
        let other = square.network.joins(&format!("other{number}.example")).await;
        square.network.writes(&other, FIGHT, How { names: &[&square.zone], ..How::default() }).await;
    }
    let three_hours_ago = before(square.world.clock.now(), hours(3));
    let post = square.writes(FIGHT, How { at: Some(three_hours_ago), ..How::default() }).await;
    square.pass(minutes(1)).await;
    assert_eq!(square.answers(&post).await, []);
    assert_eq!(square.world.ended_as("silent/too_old").await, 1);
    // A clock that is only a little slow is forgiven, and one that is fast too.
    let late =
        square.writes(FIGHT, How { at: Some(before(square.world.clock.now(), minutes(50))), ..How::default() }).await;
    let ahead = after(square.world.clock.now(), hours(2));
    let marie = square.network.joins("marie.example").await;
    let early =
        square.network.writes(&marie, FIGHT, How { names: &[&square.zone], at: Some(ahead), ..How::default() }).await;
    square.pass(minutes(1)).await;
    assert_eq!((square.answers(&late).await.len(), square.answers(&early).await.len()), (1, 1));
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_nobody_would_see_is_not_sent_and_counted_as_refused() {
    let square = Square::open().await;
    let closed = square.writes(FIGHT, How { closed: true, ..How::default() }).await;
    square.pass(minutes(1)).await;
    assert_eq!(square.network.all_of(&square.zone).await, [], "nothing was written either");
    assert_eq!(square.world.ended_as("refused").await, 1);
    assert_eq!(square.answers(&closed).await, []);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_post_that_is_taken_back_before_the_reply_is_not_answered() {
    let square = Square::open().await;
    square.world.misfortune(
        FaultKind::Status { status: 502, html: false, processed: false, body: None },
        Side::Bluesky,
        "GET",
        "getPosts",
        4,
    );
    let post = square.calls(FIGHT).await;
    square.pass(seconds(16)).await;
    square.network.deletes(&square.jan, &post).await;
    square.pass(minutes(10)).await;
    assert_eq!(square.network.all_of(&square.zone).await, []);
    assert_eq!(square.world.ended_as("refused").await, 1);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_for_by_its_key_and_never_posted_twice() {
    for kind in [
        FaultKind::ResetAfter,
        FaultKind::ResetBefore,
        FaultKind::Timeout { ms: 45_000, processed: true },
        FaultKind::Status { status: 500, html: false, processed: true, body: None },
        FaultKind::Truncate,
    ] {
        let square = Square::open().await;
        square.world.misfortune(kind.clone(), Side::Bluesky, "POST", "putRecord", 1);
        let post = square.unlucky().await;
        square.pass(minutes(5)).await;
        assert_eq!(square.answers(&post).await.len(), 1, "{kind:?}");
        assert!(square.called("getRecord") >= 1, "{kind:?}");
        assert_eq!(square.world.ended_as("sent").await, 1, "{kind:?}");
        square.world.ends().await;
    }
}

impl Square {
    /// Jan writes with `createRecord`, past the misfortunes of `putRecord`.
    async fn unlucky(&self) -> Written {
        let text = format!("@{} {FIGHT}", self.zone.handle);
        let record = json!({
            "$type": people::POSTS, "text": text, "createdAt": format!("{:.3}", self.world.clock.now()),
            "facets": [{"index": {"byteStart": 0, "byteEnd": self.zone.handle.len() + 1},
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": self.zone.did}]}],
        });
        self.network.creates(&self.jan, record).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_refreshed_for_days_and_a_restart_makes_no_new_one() {
    let mut square = Square::open().await;
    let logins = square.called("createSession");
    square.pass(hours(26)).await;
    square.world.stops().await;
    square.world.starts().await;
    square.pass(hours(1)).await;
    square.world.misfortune(FaultKind::TokenExpired, Side::Bluesky, "GET", "listNotifications", 1);
    square.pass(minutes(1)).await;
    let post = square
        .network
        .writes(&square.network.joins("marie.example").await, FIGHT, How { names: &[&square.zone], ..How::default() })
        .await;
    square.pass(minutes(1)).await;
    assert_eq!(square.called("createSession"), logins);
    assert_eq!(square.answers(&post).await.len(), 1);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_the_server_forgot_is_made_anew() {
    let square = Square::open().await;
    square.pass(minutes(6)).await;
    square.world.misfortune(FaultKind::TokenExpired, Side::Bluesky, "GET", "listNotifications", 1);
    square.world.misfortune(FaultKind::TokenExpired, Side::Bluesky, "POST", "refreshSession", 1);
    square.pass(minutes(1)).await;
    let post = square.calls(FIGHT).await;
    square.pass(minutes(1)).await;
    assert_eq!(square.answers(&post).await.len(), 1);
    assert_eq!(square.called("createSession"), 3, "ours to look, the first of the service, and the new one");
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_colleague_who_answers_by_hand_is_not_talked_across() {
    let square = Square::open().await;
    let post = square.network.writes(&square.jan, "Is het bureau open?", How::default()).await;
    square
        .network
        .writes(&square.zone, "Goedenavond, tot tien uur.", How { answers: Some(&post), ..How::default() })
        .await;
    let again = square.writes("en morgen?", How { answers: Some(&post), ..How::default() }).await;
    square.pass(minutes(1)).await;
    assert_eq!(square.answers(&again).await, []);
    assert_eq!(square.world.ended_as("silent/colleague").await, 1);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_bot_by_its_own_word_is_left_alone() {
    let square = Square::open().await;
    let profile = json!({"$type": "app.bsky.actor.profile", "labels": {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "bot"}]}});
    square.network.put(&square.jan, "app.bsky.actor.profile", "self", profile).await;
    let post = square.calls(FIGHT).await;
    square.pass(minutes(1)).await;
    assert_eq!(square.answers(&post).await, []);
    assert_eq!(square.world.ended_as("silent/not_a_message").await, 1);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_storm_within_one_millisecond_loses_nobody() {
    let square = Square::open().await;
    let at = square.world.clock.now();
    // Two and a half pages, the borders of which lie within a millisecond.
    for number in 0..250_u32 {
        let at = before(at, Duration::from_millis(u64::from(number / 60)));
        let who = square.network.joins(&format!("citizen{number}.example")).await;
        square.network.writes(&who, FIGHT, How { names: &[&square.zone], at: Some(at), ..How::default() }).await;
    }
    square.pass(minutes(2)).await;
    assert_eq!(square.world.figures().await.messages, 250);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_waited_for() {
    let square = Square::open().await;
    square.world.misfortune(FaultKind::RateLimit { seconds: 120 }, Side::Bluesky, "GET", "listNotifications", 1);
    square.pass(seconds(20)).await;
    let before = square.called("listNotifications");
    let post = square.calls(FIGHT).await;
    square.pass(seconds(90)).await;
    assert_eq!(square.called("listNotifications"), before);
    square.pass(seconds(60)).await;
    assert_eq!(square.answers(&post).await.len(), 1);
    square.world.ends().await;
}
