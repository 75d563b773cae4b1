//! Citizens who write messages on Bluesky, told under a paused clock. Nobody outside runs a chat server, so this is all that plays there.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the story reports")]

#[allow(dead_code, reason = "each story uses a part")]
#[path = "bluesky/people.rs"]
mod people;
mod world;

use formez101::config::{Bluesky, Zone};
use people::{How, Network, Person};
use serde_json::json;
use world::{FaultKind, Side, World, hours, minutes, seconds};

const FIGHT: &str = "er wordt gevochten op het plein, kom snel";

/// A zone that is on Bluesky alone and reads its messages.
struct Room {
    world: World,
    network: Network,
    zone: Person,
    jan: Person,
}

impl Room {
    async fn open() -> Self {
        let mut world = World::closed(|zone| {
            let bluesky = Bluesky { account: "zpexemple.bsky.social".into(), ..Zone::for_testing().bluesky.unwrap() };
            (zone.facebook, zone.instagram, zone.x, zone.bluesky) = (None, None, None, Some(bluesky));
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

    /// What the zone wrote in its talk with somebody.
    async fn answers(&self, who: &Person) -> Vec<String> {
        let all = self.network.talk(who, &self.zone).await;
        all.into_iter().filter(|(sender, _)| *sender == self.zone.did).map(|(_, text)| text).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_is_answered_once_in_its_language() {
    let room = Room::open().await;
    room.network.tells(&room.jan, &room.zone, FIGHT).await;
    room.world.pass(minutes(1)).await;
    let answers = room.answers(&room.jan).await;
    assert!(answers.len() == 1 && answers[0].contains("bel 101"), "{answers:?}");
    room.world.pass(hours(3)).await;
    assert_eq!(room.answers(&room.jan).await.len(), 1);
    room.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_taken_back_before_it_was_read_is_not_answered() {
    let mut room = Room::open().await;
    room.world.stops().await;
    let gone = room.network.tells(&room.jan, &room.zone, FIGHT).await;
    room.network.takes_back(&room.jan, &room.zone, &gone).await;
    room.world.starts().await;
    room.world.pass(minutes(1)).await;
    assert_eq!(room.answers(&room.jan).await, Vec::<String>::new());
    room.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_is_looked_for_and_never_doubled() {
    for kind in [FaultKind::ResetAfter, FaultKind::ResetBefore] {
        let room = Room::open().await;
        room.network.tells(&room.jan, &room.zone, FIGHT).await;
        room.world.misfortune(kind, Side::Bluesky, "POST", "sendMessage", 1);
        room.world.pass(minutes(3)).await;
        assert_eq!(room.answers(&room.jan).await.len(), 1);
        assert_eq!(room.world.ended_as("sent").await, 1);
        room.world.ends().await;
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_colleague_answers_by_hand_the_service_is_silent() {
    let room = Room::open().await;
    room.network.tells(&room.jan, &room.zone, "Goedemorgen, een vraag").await;
    room.world.pass(minutes(1)).await;
    assert_eq!(room.answers(&room.jan).await.len(), 1);
    room.network.tells(&room.zone, &room.jan, "Dag Jan, zeg maar.").await;
    room.world.pass(minutes(20)).await;
    room.network.tells(&room.jan, &room.zone, FIGHT).await;
    room.world.pass(minutes(1)).await;
    assert_eq!(room.answers(&room.jan).await.len(), 2, "ours and the colleague's");
    assert_eq!(room.world.ended_as("silent/colleague").await, 1);
    room.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn an_app_password_that_may_not_read_messages_is_told_and_mentions_go_on() {
    let room = Room::open().await;
    let refused = json!({"error": "InvalidToken", "message": "Bad token method"});
    room.world.misfortune(
        FaultKind::Status { status: 400, html: false, processed: false, body: Some(refused) },
        Side::Bluesky,
        "GET",
        "chat.bsky.convo",
        1000,
    );
    room.world.pass(minutes(10)).await;
    assert!(room.world.health().contains("bluesky.inbox"), "{}", room.world.health());
    let post = room.network.writes(&room.jan, FIGHT, How { names: &[&room.zone], ..How::default() }).await;
    room.world.pass(minutes(1)).await;
    assert_eq!(room.network.answers(&room.jan, &post, &room.zone).await.len(), 1);
    room.world.ends().await;
}
