//! Usage headers that rise until calls are refused, proofs of the app secret, batches, versions, access levels.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod sandbox_common;

use aws_lc_rs::hmac;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use formez101::sandbox::{Fault, FaultKind, Feed, Mark, Platform, Sandbox, Say};
use sandbox_common::{NIGHT, get, night, post, raw};
use serde_json::{Value, json};

const PAGE: &str = "100000000000001";
const INBOX: &str = "/v26.0/100000000000001/conversations?platform=messenger";

/// The HMAC of the app secret over a text, as any client makes it.
fn proof(secret: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, text.as_bytes()).as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn usage(header: Option<&str>) -> Value {
    serde_json::from_str(header.expect("a usage header")).expect("JSON")
}

async fn batch(sandbox: &Sandbox, parts: &Value) -> (u16, Value) {
    let parts: String = url::form_urlencoded::byte_serialize(parts.to_string().as_bytes()).collect();
    let form = format!("access_token=sandbox-page-token&batch={parts}");
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    let response = sandbox.respond(request.body(Body::from(form)).expect("a good request")).await;
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body");
    (head.status.as_u16(), serde_json::from_slice(&bytes).expect("JSON"))
}

#[tokio::test]
async fn each_pool_rises_by_itself_and_refuses_with_its_own_code() {
    let paths = [
        ("messenger", INBOX, 80006, PAGE),
        ("pages", "/v26.0/100000000000001/feed", 80001, PAGE),
        ("instagram", "/v26.0/17841400000000001/media", 80002, "17841400000000001"),
    ];
    for (pool, path, code, owner) in paths {
        let (sandbox, hand) = night();
        let key = format!("graph_usage_{pool}");
        sandbox.set(&json!({key: 80, "graph_usage_step": 7.5, "graph_regain_minutes": 30})).expect("known");
        for percent in [80, 87, 95] {
            let back = get(&sandbox, path).await;
            let shown = usage(back.header("x-business-use-case-usage"))[owner][0].clone();
            assert_eq!((back.status, &shown["type"], &shown["call_count"]), (200, &json!(pool), &json!(percent)));
            hand.forward(1_000);
        }
        let refused = get(&sandbox, path).await;
        assert_eq!(refused.json()["error"]["code"], code);
        let shown = usage(refused.header("x-business-use-case-usage"));
        assert_eq!(shown[owner][0]["estimated_time_to_regain_access"], 30);
        assert!(sandbox.violations().is_empty(), "it is refused only now");
        hand.forward(29 * 60_000);
        assert_eq!(get(&sandbox, path).await.json()["error"]["code"], code);
        assert_eq!(sandbox.violations().len(), 1, "a call while refused");
        hand.forward(60_000);
        assert_eq!(get(&sandbox, path).await.status, 200);
    }
}

#[tokio::test]
async fn the_application_has_a_pool_of_its_own() {
    let (sandbox, _hand) = night();
    sandbox.set(&json!({"graph_usage_app": 99, "graph_usage_step": 1, "graph_throttle_status": 403})).expect("known");
    let path = "/v26.0/debug_token?input_token=sandbox-page-token";
    let app = "Bearer 700000000000001|sandbox-facebook-secret";
    let shown = raw(&sandbox, "GET", path, None, app).await;
    assert_eq!(usage(shown.header("x-app-usage"))["call_count"], 99);
    let refused = raw(&sandbox, "GET", path, None, app).await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (403, &json!(4)));
    assert_eq!(get(&sandbox, INBOX).await.status, 200, "the Page goes on");
    sandbox.set(&json!({"graph_usage_headers": false})).expect("known");
    assert_eq!(get(&sandbox, INBOX).await.header("x-business-use-case-usage"), None, "not every answer has one");
}

#[tokio::test]
async fn a_proof_of_the_app_secret_is_looked_at_in_both_forms() {
    let (sandbox, _hand) = night();
    let (secret, token) = ("sandbox-facebook-secret", "sandbox-page-token");
    let path = |proof: &str, time: &str| format!("/v26.0/me?appsecret_proof={proof}{time}");
    let plain = path(&proof(secret, token), "");
    assert_eq!(
        get(&sandbox, &path("wrong", "")).await.json()["error"]["code"],
        100,
        "a wrong one, though none is needed"
    );
    sandbox.set(&json!({"graph_require_app_secret_proof": true})).expect("known");
    let missing = get(&sandbox, "/v26.0/me").await;
    assert_eq!((missing.status, &missing.json()["error"]["code"]), (400, &json!(100)));
    assert_eq!(sandbox.violations().len(), 2);
    assert_eq!(get(&sandbox, &plain).await.status, 200);

    let bound =
        |seconds: i64| path(&proof(secret, &format!("{token}|{seconds}")), &format!("&appsecret_time={seconds}"));
    assert_eq!(get(&sandbox, &bound(NIGHT / 1_000 - 299)).await.status, 200);
    assert_eq!(get(&sandbox, &bound(NIGHT / 1_000 - 301)).await.status, 400, "five minutes");
    sandbox.set(&json!({"graph_proof_must_be_time_bound": true})).expect("known");
    assert_eq!(get(&sandbox, &plain).await.status, 400);
    assert_eq!(get(&sandbox, &bound(NIGHT / 1_000)).await.status, 200);

    let said = sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "hallo")).expect("written");
    sandbox.set(&json!({"graph_proof_must_be_time_bound": false})).expect("known");
    let body = json!({
        "recipient": {"id": said.author_id}, "messaging_type": "RESPONSE", "message": {"text": "Bel 101."},
        "appsecret_proof": proof(secret, token),
    });
    assert_eq!(post(&sandbox, "/v26.0/me/messages", body).await.status, 200, "in a body too");
    let login = raw(&sandbox, "GET", "/v26.0/me", None, "Bearer sandbox-instagram-token").await;
    assert_eq!(login.status, 200, "Instagram Login does not ask");
    sandbox.set(&json!({"instagram_checks_app_secret_proof": true})).expect("known");
    let login = raw(&sandbox, "GET", "/v26.0/me", None, "Bearer sandbox-instagram-token").await;
    assert_eq!(login.status, 400, "or it does");
}

#[tokio::test]
async fn a_batch_reads_and_posts_and_each_part_stands_for_itself() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::FacebookComments, "Jan", "er wordt gevochten")).expect("written");
    sandbox.fault(Fault::new(FaultKind::ResetBefore).on(Platform::Facebook, "GET", "visitor_posts"));
    let (status, answers) = batch(
        &sandbox,
        &json!([
            {"method": "GET", "relative_url": format!("v26.0/{PAGE}/feed?fields=id")},
            {"method": "POST", "relative_url": format!("{}/comments", said.message_id), "body": "message=Bel%20101."},
            {"method": "GET", "relative_url": format!("{PAGE}/visitor_posts")},
            {"method": "GET", "relative_url": "404"},
        ]),
    )
    .await;
    assert_eq!(status, 200);
    let inner = |at: usize| -> Value {
        serde_json::from_str(answers[at]["body"].as_str().expect("a text")).expect("JSON in a text")
    };
    assert_eq!((&answers[0]["code"], &inner(0)["data"][0]["id"]), (&json!(200), &json!(said.thread_id)));
    let reply = &sandbox.replies_to(&said.message_id)[0];
    assert_eq!((&inner(1)["id"], reply.text.as_str()), (&json!(reply.message_id), "Bel 101."));
    assert_eq!((&answers[2], &answers[3]["code"]), (&Value::Null, &json!(400)));
    assert_eq!(inner(3)["error"]["error_subcode"], 33);
    let named = answers[0]["headers"]
        .as_array()
        .expect("a list")
        .iter()
        .any(|header| header["name"] == "X-Business-Use-Case-Usage");
    assert!(named);
    assert_eq!(sandbox.violations(), Vec::<String>::new());

    let part = json!({"method": "GET", "relative_url": format!("{PAGE}?fields=id")});
    let (status, refused) = batch(&sandbox, &json!(vec![part; 51])).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!(100)));
    let part = json!({"method": "GET", "relative_url": format!("{PAGE}/conversations?platform=messenger")});
    batch(&sandbox, &json!(vec![part; 3])).await;
    assert_eq!(sandbox.violations().len(), 2, "each part counts as a call: {:?}", sandbox.violations());
}

#[tokio::test]
async fn a_burst_of_conversation_calls_may_be_refused_at_once_or_only_well_above_two() {
    for (burst, wanted) in [(2, [200, 200, 400, 400]), (3, [200, 200, 200, 400])] {
        let (sandbox, _hand) = night();
        sandbox.set(&json!({"graph_enforce_two_per_second": true, "graph_conversation_burst": burst})).expect("known");
        let mut seen = Vec::new();
        for _ in wanted {
            seen.push(get(&sandbox, INBOX).await.status);
        }
        assert_eq!((seen, sandbox.violations().len()), (wanted.to_vec(), 2));
    }
}

#[tokio::test]
async fn documented_fields_without_data_are_absent_and_lists_may_be_renamed() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::FacebookComments, "Jan", "hallo")).expect("written");
    let fields = "full_picture,attachments{url},comments.limit(0).summary(true).as(all),reactions.type(LIKE).limit(0).summary(total_count).as(hearts)";
    let post = get(&sandbox, &format!("/v26.0/{}?fields={fields}", said.thread_id)).await.json();
    assert_eq!(
        post["all"],
        json!({"data": [], "summary": {"order": "chronological", "total_count": 1, "can_comment": true}})
    );
    assert_eq!(post["hearts"]["summary"]["total_count"], 0);
    assert_eq!(post.as_object().map(serde_json::Map::len), Some(3), "besides the id: {post}");
    assert_eq!(get(&sandbox, &format!("/v26.0/{}?fields=colour", said.thread_id)).await.json()["error"]["code"], 100);
}

#[tokio::test]
async fn an_old_version_is_served_by_a_younger_one_and_a_future_one_is_unknown() {
    let (sandbox, _hand) = night();
    assert_eq!(get(&sandbox, "/v11.0/me?fields=").await.header("facebook-api-version"), Some("v21.0"));
    assert_eq!(get(&sandbox, "/v27.0/me").await.status, 400);
    sandbox.set(&json!({"graph_newest_version": 27})).expect("known");
    assert_eq!(get(&sandbox, "/v27.0/me").await.header("facebook-api-version"), Some("v27.0"));
}

#[tokio::test]
async fn several_objects_are_read_at_once_or_not_at_all() {
    let (sandbox, _hand) = night();
    let jan = sandbox.say(Say::new(Feed::FacebookComments, "Jan", "een")).expect("written");
    let bo = sandbox.say(Say::new(Feed::FacebookComments, "Bo", "twee")).expect("written");
    let path = format!("/v26.0/?ids={},{}&fields=message", jan.message_id, bo.message_id);
    let both = get(&sandbox, &path).await.json();
    assert_eq!((&both[&jan.message_id]["message"], &both[&bo.message_id]["message"]), (&json!("een"), &json!("twee")));
    assert_eq!(get(&sandbox, &format!("/v26.0?ids={},404", jan.message_id)).await.status, 400);
}

#[tokio::test]
async fn without_advanced_access_citizens_are_neither_seen_nor_reached() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "hallo")).expect("written");
    sandbox.set(&json!({"graph_advanced_access": false})).expect("known");
    assert_eq!(get(&sandbox, INBOX).await.json()["data"], json!([]));
    let body = json!({"recipient": {"id": said.author_id}, "messaging_type": "RESPONSE", "message": {"text": "101"}});
    let refused = post(&sandbox, "/v26.0/me/messages", body).await.json();
    assert_eq!((&refused["error"]["code"], &refused["error"]["error_subcode"]), (&json!(200), &json!(2_018_028)));
}

#[tokio::test]
async fn a_list_of_conversations_without_a_platform_has_three_readings() {
    let (sandbox, hand) = night();
    sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "hallo")).expect("written");
    sandbox.say(Say::new(Feed::InstagramInbox, "Jan", "hallo")).expect("written");
    for (reading, found) in [("messenger", Some(1)), ("both", Some(2)), ("refused", None)] {
        hand.forward(1_000);
        sandbox.set(&json!({"graph_platform_default": reading})).expect("known");
        let page = get(&sandbox, "/v26.0/me/conversations").await.json();
        assert_eq!(page["data"].as_array().map(Vec::len), found, "{reading}");
    }
    assert!(sandbox.violations().len() >= 3, "never to be left out");
}

#[tokio::test]
async fn what_was_written_may_be_marked_afterwards() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::FacebookComments, "Jan", "hallo")).expect("written");
    let path = format!("/v26.0/{}/comments", said.message_id);
    let closed: Mark =
        serde_json::from_value(json!({"id": said.message_id, "flags": {"can_comment": false}})).expect("a mark");
    sandbox.mark(&closed).expect("done");
    assert_eq!(post(&sandbox, &path, json!({"message": "Bel 101."})).await.status, 400);
    let body = json!({"id": said.message_id, "flags": {"deleted": true}});
    assert_eq!(sandbox_common::call(&sandbox, "POST", "/control/mark", Some(body)).await.status, 200);
    assert_eq!(get(&sandbox, &format!("/v26.0/{}", said.message_id)).await.status, 400);
    let odd: Mark = serde_json::from_value(json!({"id": said.message_id, "flags": {"mood": "calm"}})).expect("a mark");
    assert!(sandbox.mark(&odd).is_err());
    let token = json!({"token": "facebook", "subcode": 467});
    assert_eq!(sandbox_common::call(&sandbox, "POST", "/control/token", Some(token)).await.status, 200);
    assert_eq!(get(&sandbox, "/v26.0/me").await.json()["error"]["error_subcode"], 467);
}
