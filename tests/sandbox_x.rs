//! The X side of the sandbox, told as a night at the zone.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod sandbox_common;

use axum::body::Body;
use axum::http::Request;
use formez101::sandbox::{By, Fault, FaultKind, Feed, Flags, Platform, Say};
use sandbox_common::{get, night, post, raw};
use serde_json::{Value, json};

const MENTIONS: &str = "/2/users/1500000000000000001/mentions";
const WANTED: &str = "tweet.fields=author_id,created_at,conversation_id,entities,display_text_range,in_reply_to_user_id,referenced_tweets,note_tweet,reply_settings";

fn reply(target: &str, text: &str) -> Value {
    json!({"text": text, "reply": {"in_reply_to_tweet_id": target}})
}

fn flagged(change: impl Fn(&mut Flags)) -> Flags {
    let mut flags = Flags::default();
    change(&mut flags);
    flags
}

#[tokio::test]
async fn a_mention_is_seen_answered_and_found_again_on_the_own_timeline() {
    let (sandbox, hand) = night();
    let empty = get(&sandbox, MENTIONS).await;
    assert_eq!(empty.json(), json!({"meta": {"result_count": 0}}), "an empty page has no data at all");

    let said = sandbox.say(Say::new(Feed::XMentions, "@jan_v", "@PZVoorbeeld mijn fiets is weg")).expect("written");
    let page = get(&sandbox, &format!("{MENTIONS}?{WANTED}&expansions=author_id&max_results=5")).await;
    let (post_seen, body) = (page.json()["data"][0].clone(), page.json());
    assert_eq!(post_seen["created_at"], "2026-11-24T03:00:00.000Z");
    assert_eq!(
        post_seen["entities"]["mentions"][0],
        json!({"start": 0, "end": 12, "username": "PZVoorbeeld", "id": "1500000000000000001"})
    );
    assert_eq!(body["includes"]["users"][0]["username"], "jan_v");
    let id: u64 = said.message_id.parse().expect("a number");
    assert_eq!(
        (id >> 22) + 1_288_834_974_657,
        u64::try_from(sandbox_common::NIGHT).expect("positive"),
        "the id carries the time"
    );
    assert!(page.header("x-rate-limit-remaining").is_some());

    hand.forward(1_000);
    let sent = post(&sandbox, "/2/tweets", reply(&said.message_id, "Bel 101.")).await;
    assert_eq!(sent.status, 201);
    assert_eq!(sent.json()["data"]["text"], "@jan_v Bel 101.");
    let own = get(&sandbox, &format!("/2/users/1500000000000000001/tweets?{WANTED}&since_id={}", said.message_id))
        .await
        .json();
    assert_eq!(own["data"][0]["referenced_tweets"], json!([{"type": "replied_to", "id": said.message_id}]));
    assert_eq!(own["data"][0]["conversation_id"], json!(said.thread_id));
    assert_eq!(own["data"][0]["display_text_range"], json!([7, 15]));
    assert_eq!(sandbox.replies_to(&said.message_id)[0].by, By::Service);

    let again = post(&sandbox, "/2/tweets", reply(&said.message_id, "Bel 101.")).await;
    assert!(again.status == 403 && again.text.contains("duplicate content"));
    assert_eq!(sandbox.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn each_vocabulary_speaks_only_its_own_words() {
    let (sandbox, _hand) = night();
    let said = sandbox
        .say(Say::new(Feed::XMentions, "jan", "kijk").flags(flagged(|flags| flags.quote_of_us = true)))
        .expect("written");
    let new =
        get(&sandbox, &format!("{MENTIONS}?post.fields=created_at&expansions=author_id,referenced_posts")).await.json();
    assert_eq!(new["data"][0]["referenced_posts"][0]["type"], "quoted");
    assert_eq!(new["data"][0]["author_id"], json!(said.author_id));
    assert!(new["data"][0].get("edit_history_post_ids").is_some() && new["includes"].get("posts").is_some());
    let bare = get(&sandbox, &format!("{MENTIONS}?post.fields=created_at")).await.json();
    assert!(bare["data"][0].get("author_id").is_none(), "without the expansion there is no author");

    for wrong in [
        "tweet.fields=created_at&post.fields=created_at",
        "post.fields=author_id",
        "tweet.fields=note_post",
        "post.fields=created_at&expansions=referenced_tweets.id",
        "exclude=replies",
        "max_results=4",
        "since_id=abc",
        "since_id=5&until_id=5",
        "start_time=2009-01-01T00:00:00Z",
        "pagination_token=nonsense!",
    ] {
        let back = get(&sandbox, &format!("{MENTIONS}?{wrong}")).await;
        assert_eq!(back.status, 400, "{wrong}");
        assert!(back.json()["errors"][0]["message"].is_string() && back.header("x-rate-limit-reset").is_some());
    }
    assert_eq!(sandbox.violations().len(), 10);
}

#[tokio::test]
async fn only_those_who_named_or_quoted_the_account_may_be_answered() {
    let (sandbox, _hand) = night();
    let cases: [(Flags, u16); 6] = [
        (Flags::default(), 201),
        (flagged(|flags| flags.quote_of_us = true), 201),
        (flagged(|flags| flags.hidden_mention = true), 403),
        (flagged(|flags| flags.reply_to_us = true), 403),
        (flagged(|flags| flags.repost = true), 403),
        (flagged(|flags| flags.reply_settings = Some("following".to_owned())), 403),
    ];
    for (number, (flags, status)) in cases.into_iter().enumerate() {
        let said = sandbox
            .say(Say::new(Feed::XMentions, &format!("burger{number}"), "hallo").flags(flags.clone()))
            .expect("written");
        let page = get(&sandbox, &format!("{MENTIONS}?{WANTED}")).await.json();
        assert_eq!(page["data"][0]["id"], json!(said.message_id), "the newest mention: {flags:?}");
        let back = post(&sandbox, "/2/tweets", json!({"text": "Bel 101.", "reply": {"in_reply_to_tweet_id": said.message_id, "exclude_reply_user_ids": []}})).await;
        assert_eq!(back.status, status, "{flags:?}: {}", back.text);
    }
    sandbox.set(&json!({"x_hidden_mention_summons": true})).expect("known");
    let said = sandbox
        .say(Say::new(Feed::XMentions, "laat", "hallo").flags(flagged(|flags| flags.reply_to_us = true)))
        .expect("written");
    assert_eq!(post(&sandbox, "/2/tweets", reply(&said.message_id, "Bel 101.")).await.status, 201);
}

#[tokio::test]
async fn a_late_mention_hides_behind_a_newer_one() {
    let (sandbox, hand) = night();
    let newest = sandbox.say(Say::new(Feed::XMentions, "jan", "hallo")).expect("written");
    hand.forward(5_000);
    let late = sandbox
        .say(Say::new(Feed::XMentions, "bo", "hallo").flags(flagged(|flags| flags.late = true)))
        .expect("written");
    let after = get(&sandbox, &format!("{MENTIONS}?since_id={}", newest.message_id)).await.json();
    assert_eq!(after["meta"]["result_count"], 0, "whoever trusts the newest id never sees it");
    let all = get(&sandbox, MENTIONS).await.json();
    assert_eq!(all["data"][1]["id"], json!(late.message_id));
    sandbox.set(&json!({"x_since_id_inclusive": true})).expect("known");
    let inclusive = get(&sandbox, &format!("{MENTIONS}?since_id={}", newest.message_id)).await.json();
    assert_eq!(inclusive["data"][0]["id"], json!(newest.message_id));
}

#[tokio::test]
async fn long_posts_are_cut_and_pages_lead_on() {
    let (sandbox, hand) = night();
    sandbox.say(Say::new(Feed::XMentions, "jan", &"help ".repeat(600))).expect("written");
    let page = get(&sandbox, &format!("{MENTIONS}?{WANTED}")).await.json();
    assert_eq!(page["data"][0]["text"].as_str().map(|text| text.chars().count()), Some(280));
    assert!(page["data"][0]["note_tweet"]["text"].as_str().is_some_and(|text| text.len() > 3_000));
    for number in 0..11 {
        hand.forward(10);
        sandbox.say(Say::new(Feed::XMentions, &format!("burger{number}"), "hallo")).expect("written");
    }
    let (mut seen, mut token) = (0, String::new());
    loop {
        let page = get(&sandbox, &format!("{MENTIONS}?max_results=5{token}")).await.json();
        seen += page["data"].as_array().map_or(0, Vec::len);
        let Some(next) = page["meta"]["next_token"].as_str() else {
            break;
        };
        token = format!("&pagination_token={next}");
    }
    assert_eq!(seen, 12);
}

#[tokio::test]
async fn a_direct_message_is_read_and_answered_and_a_group_is_recognised() {
    let (sandbox, hand) = night();
    let said = sandbox.say(Say::new(Feed::XInbox, "jan", "hallo")).expect("written");
    hand.forward(1_000);
    let group = sandbox
        .say(Say::new(Feed::XInbox, "bo", "hallo allen").flags(flagged(|flags| flags.group = true)))
        .expect("written");
    sandbox
        .say(Say::new(Feed::XInbox, "cas", "geheim").flags(flagged(|flags| flags.encrypted = true)))
        .expect("written");
    let events =
        get(&sandbox, "/2/dm_events?dm_event.fields=id,text,sender_id,dm_conversation_id,created_at,event_type")
            .await
            .json();
    assert_eq!(events["meta"], json!({"result_count": 2}), "an encrypted message is invisible");
    assert_eq!(events["data"][0]["dm_conversation_id"], json!(group.thread_id));
    assert!(!group.thread_id.contains('-') && said.thread_id.contains('-'));
    assert_eq!(events["data"][1]["sender_id"], json!(said.author_id));

    let path = format!("/2/dm_conversations/with/{}/messages", said.author_id);
    let sent = post(&sandbox, &path, json!({"text": "Bel 101."})).await;
    assert_eq!((sent.status, &sent.json()["data"]["dm_conversation_id"]), (201, &json!(said.thread_id)));
    let back =
        get(&sandbox, &format!("/2/dm_conversations/with/{}/dm_events?max_results=10", said.author_id)).await.json();
    assert_eq!(back["data"][0]["id"], sent.json()["data"]["dm_event_id"]);
    assert_eq!(sandbox.replies_to(&said.message_id).len(), 1);
    assert_eq!(post(&sandbox, &path, json!({"text": "x", "mood": "calm"})).await.status, 400);
    assert_eq!(post(&sandbox, "/2/dm_conversations/with/12/messages", json!({"text": "x"})).await.status, 403);
}

#[tokio::test]
async fn sender_id_may_be_refused_and_then_comes_by_expansion() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::XInbox, "jan", "hallo")).expect("written");
    sandbox.set(&json!({"x_dm_sender_id": "refused"})).expect("known");
    assert_eq!(get(&sandbox, "/2/dm_events?dm_event.fields=sender_id").await.status, 400);
    let events = get(&sandbox, "/2/dm_events?expansions=sender_id").await.json();
    assert_eq!(events["data"][0]["sender_id"], json!(said.author_id));
    assert_eq!(events["includes"]["users"][0]["id"], json!(said.author_id));
    assert!(sandbox.violations().is_empty(), "one could not know");
}

#[tokio::test]
async fn windows_run_out_and_a_dead_token_shows_no_quota() {
    let (sandbox, hand) = night();
    sandbox.set(&json!({"x_limits": {"dm_events": 1}})).expect("known");
    assert_eq!(get(&sandbox, "/2/dm_events").await.header("x-rate-limit-remaining"), Some("0"));
    let full = get(&sandbox, "/2/dm_conversations/with/12/dm_events").await;
    assert_eq!((full.status, full.header("x-rate-limit-remaining")), (429, Some("0")), "the routes share one window");
    hand.forward(15 * 60 * 1_000);
    assert_eq!(get(&sandbox, "/2/dm_events").await.status, 200);

    sandbox.fault(Fault::new(FaultKind::RateLimit { seconds: 5 }).on(Platform::X, "GET", "mentions"));
    let limited = get(&sandbox, MENTIONS).await;
    assert_eq!((limited.status, limited.header("x-rate-limit-reset")), (429, Some("1795490105")));
    hand.forward(5_000);
    assert_eq!(get(&sandbox, MENTIONS).await.status, 200);

    let dead = raw(&sandbox, "GET", "/2/users/me", None, "Bearer stolen").await;
    assert_eq!((dead.status, dead.header("x-rate-limit-limit")), (401, None));
}

#[tokio::test]
async fn a_refresh_rotates_both_tokens() {
    let (sandbox, hand) = night();
    let refresh = |token: String| {
        let sandbox = sandbox.clone();
        async move {
            let request = Request::post("/2/oauth2/token")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("authorization", "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1jbGllbnQtc2VjcmV0")
                .body(Body::from(format!("grant_type=refresh_token&refresh_token={token}")));
            let response = sandbox.respond(request.expect("good")).await;
            let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
            serde_json::from_slice::<Value>(&bytes).expect("JSON")
        }
    };
    let first = refresh("sandbox-refresh-token-0".to_owned()).await;
    let access = format!("Bearer {}", first["access_token"].as_str().expect("a token"));
    assert_eq!(get(&sandbox, "/2/users/me").await.status, 401, "the first token is dead");
    assert_eq!(raw(&sandbox, "GET", "/2/users/me", None, &access).await.status, 200);
    let spent = refresh("sandbox-refresh-token-0".to_owned()).await;
    assert_eq!(spent["error"], "invalid_request", "a refresh token works once");
    hand.forward(2 * 3_600 * 1_000);
    assert_eq!(raw(&sandbox, "GET", "/2/users/me", None, &access).await.status, 401, "two hours are over");
}
