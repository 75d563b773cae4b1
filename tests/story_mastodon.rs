//! Citizens on Mastodon and on servers that only resemble it, told under a paused clock.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the story reports")]

#[allow(dead_code, reason = "each story uses a part")]
#[path = "mastodon/people.rs"]
mod people;
mod world;

use formez101::{
    clock::before,
    config::{Mastodon, Zone},
};
use people::{Person, Seen, Server};
use serde_json::json;
use world::{FaultKind, Side, World, hours, minutes, seconds};

const FIGHT: &str = "@pz er wordt gevochten op het plein, kom snel";
const FLAVOURS: [&str; 4] = ["mastodon", "gotosocial", "mitra", "activities"];

/// A zone that is on Mastodon alone, and the people around it.
struct Square {
    world: World,
    server: Server,
    zone: Person,
    jan: Person,
}

impl Square {
    async fn open(flavour: &str) -> Self {
        Self::open_with(flavour, |_| {}).await
    }

    async fn open_with(flavour: &str, change: impl FnOnce(&mut Zone)) -> Self {
        let mut world = World::closed(|zone| {
            let mastodon = Mastodon { account: "pz@mastodon.example".into(), ..Zone::for_testing().mastodon.unwrap() };
            (zone.facebook, zone.instagram, zone.x, zone.mastodon) = (None, None, None, Some(mastodon));
            change(zone);
        })
        .await;
        world.sandbox.set(&json!({"mastodon_flavour": flavour})).unwrap();
        let root = world.zone.mastodon.as_ref().unwrap().api_base.clone();
        let server = Server { root, transport: world.transport() };
        let zone = Person::with("pz", "sandbox-mastodon-token");
        world.starts().await;
        world.pass(seconds(30)).await;
        Self { world, server, zone, jan: Person::named("jan") }
    }

    async fn answers(&self, who: &Person, id: &str) -> Vec<Seen> {
        self.server.answers(who, id, &self.zone).await
    }
}

#[tokio::test(start_paused = true)]
async fn each_question_is_answered_once_for_those_who_may_see_it_and_names_who_asked_on_every_server() {
    for flavour in FLAVOURS {
        let square = Square::open(flavour).await;
        let mut asked = Vec::new();
        for (number, visibility) in ["public", "unlisted", "private", "direct"].into_iter().enumerate() {
            let who = Person::named(&format!("jan{number}"));
            let id = square.server.writes(&who, FIGHT, visibility).await;
            asked.push((who, id, visibility));
        }
        square.world.pass(seconds(30)).await;
        square.world.pass(hours(3)).await;
        for (who, id, visibility) in &asked {
            let answers = square.answers(who, id).await;
            let [answer] = &answers[..] else { panic!("{flavour} {visibility}: {answers:?}") };
            // That software knows no unlisted posts.
            let shown = if (flavour, *visibility) == ("mitra", "unlisted") { "public" } else { visibility };
            assert_eq!((answer.visibility.as_str(), answer.language.as_deref()), (shown, Some("nl")), "{flavour}");
            assert_eq!(answer.names, std::slice::from_ref(&who.name), "{flavour}");
            assert!(answer.text.contains("bel 101"), "{}", answer.text);
            assert_eq!(square.server.told(who).await.len(), 1, "{flavour} {visibility}: it reached him");
        }
        square.world.ends().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_may_keep_its_answers_out_of_the_public_timelines() {
    let square = Square::open_with("mastodon", |zone| zone.mastodon.as_mut().unwrap().unlisted = true).await;
    let id = square.server.writes(&square.jan, FIGHT, "public").await;
    square.world.pass(seconds(30)).await;
    assert_eq!(square.answers(&square.jan, &id).await[0].visibility, "unlisted");
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_strangers_direct_message_that_the_server_hides_is_seen_and_answered() {
    for flavour in ["mastodon", "activities"] {
        let square = Square::open(flavour).await;
        square.world.sandbox.set(&json!({"mastodon_filters_strangers": true})).unwrap();
        let id = square.server.writes(&square.jan, FIGHT, "direct").await;
        assert!(square.server.told(&square.zone).await.is_empty(), "it stands in no plain list");
        square.world.pass(minutes(1)).await;
        assert_eq!(square.answers(&square.jan, &id).await.len(), 1, "{flavour}");
        square.world.ends().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_is_looked_for_and_never_doubled_on_every_server() {
    for flavour in FLAVOURS {
        let square = Square::open(flavour).await;
        let id = square.server.writes(&square.jan, FIGHT, "direct").await;
        square.world.misfortune(FaultKind::ResetAfter, Side::Mastodon, "POST", "/api/v1/statuses", 1);
        square.world.pass(minutes(3)).await;
        assert_eq!(square.answers(&square.jan, &id).await.len(), 1, "{flavour}");
        // One that never arrived is posted again.
        let an = Person::named("an");
        let id = square.server.writes(&an, FIGHT, "public").await;
        square.world.misfortune(FaultKind::ResetBefore, Side::Mastodon, "POST", "/api/v1/statuses", 1);
        square.world.pass(minutes(3)).await;
        assert_eq!(square.answers(&an, &id).await.len(), 1, "{flavour}");
        assert_eq!(square.world.ended_as("sent").await, 2, "{flavour}");
        square.world.ends().await;
    }
}

#[tokio::test(start_paused = true)]
async fn neither_machines_nor_sisters_are_answered_and_two_zones_do_not_talk_to_each_other() {
    let square = Square::open_with("mastodon", |zone| {
        zone.mastodon.as_mut().unwrap().known.sisters = vec!["pzsud@elsewhere.example".into()];
    })
    .await;
    let bot = Person::with("weather", "bot:weather");
    let sister = Person::named("pzsud@elsewhere.example");
    for who in [&bot, &sister] {
        let id = square.server.writes(who, FIGHT, "public").await;
        square.world.pass(minutes(1)).await;
        assert_eq!(square.answers(who, &id).await, []);
    }
    assert_eq!(square.world.ended_as("silent/sister").await, 1);
    assert_eq!(square.server.written_by(&square.zone).await, []);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn where_a_colleague_answers_the_service_is_silent_in_public_and_in_private() {
    for visibility in ["public", "direct"] {
        let square = Square::open("gotosocial").await;
        let first = square.server.writes(&square.jan, "@pz goedemorgen, een vraag", visibility).await;
        square.world.pass(minutes(1)).await;
        assert_eq!(square.answers(&square.jan, &first).await.len(), 1);
        let by_hand =
            json!({"status": "@jan Dag Jan, waar is het?", "visibility": visibility, "in_reply_to_id": first});
        square.server.writes_with(&square.zone, by_hand).await;
        square.world.pass(minutes(20)).await;
        let second = square.server.writes(&square.jan, FIGHT, visibility).await;
        square.world.pass(minutes(1)).await;
        assert_eq!(square.answers(&square.jan, &second).await, [], "{visibility}");
        assert_eq!(square.world.ended_as("silent/colleague").await, 1);
        square.world.ends_with_violations().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_back_or_too_old_is_counted_and_not_answered() {
    let square = Square::open("mastodon").await;
    square.world.pass(hours(5)).await;
    let three_hours_ago = before(square.world.clock.now(), hours(3)).to_string();
    let late = json!({"status": FIGHT, "visibility": "public", "created_at": three_hours_ago});
    let old = square.server.writes_with(&Person::named("piet@elsewhere.example"), late).await;
    square.world.misfortune(
        FaultKind::Status { status: 502, html: false, processed: false, body: None },
        Side::Mastodon,
        "GET",
        "/api/v1/statuses/",
        3,
    );
    let gone = square.server.writes(&square.jan, FIGHT, "public").await;
    square.world.pass(seconds(20)).await;
    square.server.deletes(&square.jan, &gone).await;
    square.world.pass(minutes(10)).await;
    assert_eq!((square.answers(&square.jan, &old).await, square.world.ended_as("silent/too_old").await), (vec![], 1));
    assert_eq!(square.world.ended_as("refused").await, 1);
    assert_eq!(square.server.written_by(&square.zone).await, []);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_rush_longer_than_a_page_is_answered_whole_on_servers_whose_ids_cannot_be_sorted() {
    for flavour in ["activities", "gotosocial"] {
        let square = Square::open_with(flavour, |zone| zone.policy.public_cap_per_hour = 1000).await;
        let mut asked = Vec::new();
        for number in 0..130 {
            let who = Person::named(&format!("burger{number}"));
            let visibility = if number % 2 == 0 { "direct" } else { "public" };
            asked.push((square.server.writes(&who, FIGHT, visibility).await, who));
        }
        square.world.pass(minutes(10)).await;
        for (id, who) in &asked {
            assert_eq!(square.answers(who, id).await.len(), 1, "{flavour} {}", who.name);
        }
        square.world.ends().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_has_had_enough_is_left_alone_until_its_time() {
    let square = Square::open("mastodon").await;
    square.world.misfortune(FaultKind::RateLimit { seconds: 240 }, Side::Mastodon, "GET", "/api/v1/notifications", 1);
    let id = square.server.writes(&square.jan, FIGHT, "direct").await;
    square.world.pass(minutes(3)).await;
    assert_eq!(square.answers(&square.jan, &id).await, []);
    square.world.pass(minutes(3)).await;
    assert_eq!(square.answers(&square.jan, &id).await.len(), 1);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lacks_all_that_can_be_lacking_is_answered_on_all_the_same() {
    let square = Square::open("gotosocial").await;
    for path in ["/api/v2/instance", "/api/v1/conversations", "/notifications/requests", "/notifications/policy"] {
        let absent = FaultKind::Status { status: 404, html: true, processed: false, body: None };
        square.world.misfortune(absent, Side::Mastodon, "GET", path, 1000);
    }
    // Nor does it show anybody's own posts.
    let absent = FaultKind::Status { status: 404, html: false, processed: false, body: None };
    square.world.misfortune(absent, Side::Mastodon, "GET", "/statuses?", 1000);
    let id = square.server.writes(&square.jan, FIGHT, "direct").await;
    square.world.misfortune(FaultKind::ResetAfter, Side::Mastodon, "POST", "/api/v1/statuses", 1);
    square.world.pass(minutes(3)).await;
    assert_eq!(square.answers(&square.jan, &id).await.len(), 1);
    assert_eq!(square.world.ended_as("sent").await, 1);
    square.world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_colleague_is_seen_in_the_conversation_where_a_server_shows_nobodys_own_posts() {
    let square = Square::open("gotosocial").await;
    let absent = FaultKind::Status { status: 404, html: false, processed: false, body: None };
    square.world.misfortune(absent, Side::Mastodon, "GET", "/statuses?", 1000);
    let first = square.server.writes(&square.jan, "@pz goedemorgen, een vraag", "direct").await;
    square.world.pass(minutes(1)).await;
    assert_eq!(square.answers(&square.jan, &first).await.len(), 1);
    let by_hand = json!({"status": "@jan Dag Jan, waar is het?", "visibility": "direct", "in_reply_to_id": first});
    square.server.writes_with(&square.zone, by_hand).await;
    square.world.pass(minutes(20)).await;
    let second = square.server.writes(&square.jan, FIGHT, "direct").await;
    square.world.pass(minutes(1)).await;
    assert_eq!(square.answers(&square.jan, &second).await, []);
    assert_eq!(square.world.ended_as("silent/colleague").await, 1);
    square.world.ends_with_violations().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_of_another_account_answers_in_nobodys_name() {
    let mut square = Square::open("mastodon").await;
    square.world.stops().await;
    square.world.zone.mastodon.as_mut().unwrap().account = "other@mastodon.example".into();
    square.world.starts().await;
    let id = square.server.writes(&square.jan, FIGHT, "public").await;
    square.world.pass(minutes(5)).await;
    assert_eq!(square.answers(&square.jan, &id).await, []);
    assert!(square.world.health().contains("login needed"), "{}", square.world.health());
    square.world.ends().await;
}
