//! Citizens who write messages on Bluesky, told under a paused clock. Nobody outside runs a chat server, so this is all that plays there.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the story reports")]

#[allow(dead_code, reason = "each story uses a part")]
#[path = "bluesky/people.rs"]
mod people;
mod world;

use formez101::config::{Bluesky, Zone};
use people::{How, Network, Person};
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
        Self::open_with(true).await
    }

    /// With an app password that may read messages, or with one that may not.
    async fn open_with(messages: bool) -> Self {
        let mut world = World::closed(|zone| {
            let bluesky = Bluesky { account: "zpexemple.bsky.social".into(), ..Zone::for_testing().bluesky.unwrap() };
            (zone.facebook, zone.instagram, zone.x, zone.bluesky) = (None, None, None, Some(bluesky));
        })
        .await;
        let root = world.zone.bluesky.as_ref().unwrap().api_base.clone();
        let network = Network { root, transport: world.transport(), clock: world.clock };
        let zone = network.enters("zpexemple.bsky.social", "sandbox-main-password").await;
        let jan = network.joins("jan.example").await;
        world.has_app_password(network.app_password(&zone, messages).await);
        world.starts().await;
        world.pass(seconds(30)).await;
        Self { world, network, zone, jan }
    }

    /// How often anybody called a method.
    fn called(&self, method: &str) -> usize {
        let log = self.world.sandbox.snapshot();
        let requests = log["requests"].as_array().unwrap().iter();
        requests.filter(|request| request["path"].as_str().unwrap().contains(method)).count()
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
async fn a_message_that_a_colleague_deleted_before_it_was_read_is_not_answered() {
    let mut room = Room::open().await;
    room.world.stops().await;
    let gone = room.network.tells(&room.jan, &room.zone, FIGHT).await;
    room.network.deletes_message(&room.zone, &room.jan, &gone).await;
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
    let room = Room::open_with(false).await;
    room.network.tells(&room.jan, &room.zone, FIGHT).await;
    let sessions = || room.called("createSession") + room.called("refreshSession");
    let before = sessions();
    room.world.pass(minutes(10)).await;
    let health = room.world.health();
    assert!(health.starts_with("1 of 2 feeds read; bluesky.inbox: permission missing"), "{health}");
    assert_eq!(sessions(), before, "no session may do more than the password that it was made with");
    assert_eq!(room.answers(&room.jan).await, Vec::<String>::new());
    let post = room.network.writes(&room.jan, FIGHT, How { names: &[&room.zone], ..How::default() }).await;
    room.world.pass(minutes(1)).await;
    assert_eq!(room.network.answers(&room.jan, &post, &room.zone).await.len(), 1);
    room.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_and_deleted_by_a_colleague_is_in_doubt_and_not_sent_again() {
    let room = Room::open().await;
    room.network.tells(&room.jan, &room.zone, FIGHT).await;
    // The answer arrives, and nobody tells us; before we look, a colleague has it out of the way.
    room.world.misfortune(FaultKind::Timeout { ms: 60_000, processed: true }, Side::Bluesky, "POST", "sendMessage", 1);
    room.world.pass(seconds(20)).await;
    let sent = room.network.messages(&room.zone, &room.jan).await[0].clone();
    assert_eq!(sent["sender"]["did"], room.zone.did.as_str());
    room.network.deletes_message(&room.zone, &room.jan, sent["id"].as_str().unwrap()).await;
    room.world.pass(hours(1)).await;
    assert_eq!(room.answers(&room.jan).await.len(), 1);
    assert_eq!(room.world.ended_as("in_doubt").await, 1);
    room.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_stranger_s_request_is_answered_and_thereby_accepted() {
    let room = Room::open().await;
    room.network.tells(&room.jan, &room.zone, FIGHT).await;
    assert_eq!(room.network.talks(&room.zone).await[0]["status"], "request");
    room.world.pass(minutes(1)).await;
    assert_eq!(room.answers(&room.jan).await.len(), 1);
    assert_eq!(room.network.talks(&room.zone).await[0]["status"], "accepted");
    assert_eq!(room.called("updateRead") + room.called("acceptConvo"), 0, "staff see that it is new");
    room.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_group_is_not_answered_however_few_are_in_it() {
    let room = Room::open().await;
    let marie = room.network.joins("marie.example").await;
    room.network.tells_group(&room.jan, &[&room.zone, &marie], FIGHT).await;
    room.network.tells_group(&marie, &[&room.zone], FIGHT).await;
    room.world.pass(minutes(1)).await;
    assert_eq!(room.world.ended_as("silent/group").await, 2);
    assert_eq!(room.world.ended_as("sent").await, 0);
    room.world.ends().await;
}
