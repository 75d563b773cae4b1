//! Who may call X on the sandbox, and what it costs: login, signatures, quotas of a day, money.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod sandbox_common;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use formez101::sandbox::{Feed, Sandbox, Say};
use sandbox_common::{Back, get, night, post, raw};
use serde_json::{Value, json};

const ME: &str = "/2/users/me";
const MENTIONS: &str = "/2/users/1500000000000000001/mentions";
/// `sandbox-client:sandbox-client-secret`.
const BASIC: &str = "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1jbGllbnQtc2VjcmV0";
const BACK: &str = "http://127.0.0.1:8102/callback";
/// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SCOPES: &str = "tweet.read%20users.read%20offline.access";

fn consent(changes: &[(&str, &str)]) -> String {
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", "sandbox-client"),
        ("redirect_uri", BACK),
        ("scope", SCOPES),
        ("state", "a%20state"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        query.retain(|(key, _)| key != name);
        query.push((name, value));
    }
    let pairs: Vec<String> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("/i/oauth2/authorize?{}", pairs.join("&"))
}

/// Agrees on the consent page and gives the code.
async fn code(sandbox: &Sandbox) -> String {
    let page = raw(sandbox, "GET", &consent(&[]), None, "").await;
    let location = page.header("location").expect("sent back").to_owned();
    let code = location.strip_prefix(&format!("{BACK}?state=a%20state&code=")).expect("state and code");
    code.to_owned()
}

async fn form(sandbox: &Sandbox, path: &str, authorization: &str, fields: &str) -> Back {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    let request = if authorization.is_empty() { request } else { request.header("authorization", authorization) };
    let response = sandbox.respond(request.body(Body::from(fields.to_owned())).expect("good")).await;
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, 10_000).await.expect("a body");
    Back { status: head.status.as_u16(), headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

async fn exchange(sandbox: &Sandbox, code: &str, verifier: &str) -> Back {
    let fields = format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}&code_verifier={verifier}");
    form(sandbox, "/2/oauth2/token", BASIC, &fields).await
}

async fn refresh(sandbox: &Sandbox, token: &str) -> Back {
    form(sandbox, "/2/oauth2/token", BASIC, &format!("grant_type=refresh_token&refresh_token={token}")).await
}

async fn status_with(sandbox: &Sandbox, token: &Value, path: &str) -> u16 {
    raw(sandbox, "GET", path, None, &format!("Bearer {}", token.as_str().expect("a token"))).await.status
}

async fn expire(sandbox: &Sandbox, token: &str) {
    let done = raw(sandbox, "POST", "/control/expire", Some(json!({"token": token})), "").await;
    assert_eq!(done.status, 200, "{}", done.text);
}

fn cost(sandbox: &Sandbox) -> f64 {
    sandbox.snapshot()["x_cost_usd"].as_f64().expect("a number")
}

#[tokio::test]
async fn a_code_becomes_tokens_once_within_thirty_seconds_and_for_its_owner_alone() {
    let (sandbox, hand) = night();
    let first = code(&sandbox).await;
    let tokens = exchange(&sandbox, &first, VERIFIER).await;
    assert_eq!((tokens.status, &tokens.json()["expires_in"]), (200, &json!(7_200)));
    assert_eq!(tokens.json()["scope"], "tweet.read users.read offline.access");
    assert_eq!(status_with(&sandbox, &tokens.json()["access_token"], ME).await, 200);
    assert_eq!(get(&sandbox, ME).await.status, 401, "the token from before the consent is dead");
    assert_eq!(exchange(&sandbox, &first, VERIFIER).await.status, 400, "a code works once");

    let other = code(&sandbox).await;
    assert_eq!(exchange(&sandbox, &other, &VERIFIER.replace('d', "e")).await.status, 400, "somebody else's verifier");
    let late = code(&sandbox).await;
    hand.forward(30_000);
    assert_eq!(exchange(&sandbox, &late, VERIFIER).await.status, 400, "thirty seconds are over");
    let elsewhere = code(&sandbox).await;
    let fields =
        format!("grant_type=authorization_code&code={elsewhere}&redirect_uri={BACK}/&code_verifier={VERIFIER}");
    assert_eq!(form(&sandbox, "/2/oauth2/token", BASIC, &fields).await.status, 400, "another address");
    assert!(sandbox.violations().is_empty());
}

#[tokio::test]
async fn the_consent_page_sends_nobody_back_who_asks_wrongly() {
    let (sandbox, _hand) = night();
    sandbox.set(&json!({"x_redirect_uris": [BACK]})).expect("known");
    let long = "s".repeat(501);
    let wrong: [(&str, &str); 8] = [
        ("response_type", "token"),
        ("client_id", "another"),
        ("redirect_uri", "http://127.0.0.1:8102/callback/"),
        ("scope", "tweet.read%20everything"),
        ("state", ""),
        ("state", &long),
        ("code_challenge", "short"),
        ("code_challenge_method", "S512"),
    ];
    for change in wrong {
        let page = raw(&sandbox, "GET", &consent(&[change]), None, "").await;
        assert_eq!((page.status, page.header("location")), (400, None), "{change:?}");
    }
    assert_eq!(sandbox.violations().len(), wrong.len());
    sandbox.set(&json!({"x_consent_denied": true})).expect("known");
    let denied = raw(&sandbox, "GET", &consent(&[]), None, "").await;
    assert_eq!(denied.header("location"), Some(format!("{BACK}?state=a%20state&error=access_denied").as_str()));
}

#[tokio::test]
async fn a_public_client_names_itself_and_a_confidential_one_proves_itself() {
    let (sandbox, _hand) = night();
    let fields = "grant_type=refresh_token&refresh_token=sandbox-refresh-token-0&client_id=sandbox-client";
    let unproved = form(&sandbox, "/2/oauth2/token", "", fields).await;
    assert_eq!((unproved.status, &unproved.json()["error"]), (401, &json!("unauthorized_client")));
    sandbox.set(&json!({"x_public_client": true})).expect("known");
    assert_eq!(form(&sandbox, "/2/oauth2/token", BASIC, fields).await.status, 401, "a public client has no secret");
    assert_eq!(form(&sandbox, "/2/oauth2/token", "", fields).await.status, 200);
}

#[tokio::test]
async fn a_scope_that_was_not_granted_closes_its_calls() {
    let (sandbox, _hand) = night();
    let given = code(&sandbox).await;
    let access = exchange(&sandbox, &given, VERIFIER).await.json()["access_token"].clone();
    assert_eq!(status_with(&sandbox, &access, ME).await, 200);
    assert_eq!(status_with(&sandbox, &access, "/2/dm_events").await, 403);
    sandbox.set(&json!({"x_missing_scope_status": 401})).expect("known");
    assert_eq!(status_with(&sandbox, &access, "/2/dm_events").await, 401);
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token() {
    let (sandbox, _hand) = night();
    let page = raw(&sandbox, "GET", &consent(&[("scope", "tweet.read%20users.read")]), None, "").await;
    let code = page.header("location").and_then(|to| to.rsplit_once("code=")).map(|(_, code)| code.to_owned());
    let tokens = exchange(&sandbox, &code.expect("a code"), VERIFIER).await.json();
    assert!(tokens["access_token"].is_string() && tokens.get("refresh_token").is_none(), "{tokens}");
}

#[tokio::test]
async fn a_spent_refresh_token_works_for_its_grace_and_no_longer() {
    let (sandbox, hand) = night();
    sandbox.set(&json!({"x_refresh_grace_seconds": 60, "x_access_life_seconds": 100})).expect("known");
    let lost = refresh(&sandbox, "sandbox-refresh-token-0").await.json();
    hand.forward(59_000);
    let again = refresh(&sandbox, "sandbox-refresh-token-0").await.json();
    assert_eq!(again["expires_in"], 100);
    assert_eq!(status_with(&sandbox, &lost["access_token"], ME).await, 401, "a refresh ends the token before it");
    hand.forward(1_000);
    assert_eq!(refresh(&sandbox, "sandbox-refresh-token-0").await.status, 400, "the grace is over");
    assert_eq!(status_with(&sandbox, &again["access_token"], ME).await, 200);
    hand.forward(99_000);
    assert_eq!(status_with(&sandbox, &again["access_token"], ME).await, 401, "its life is over");

    sandbox.set(&json!({"x_old_access_token_works": true, "x_access_life_seconds": 7_200})).expect("known");
    let one = refresh(&sandbox, again["refresh_token"].as_str().expect("a token")).await.json();
    refresh(&sandbox, one["refresh_token"].as_str().expect("a token")).await;
    assert_eq!(status_with(&sandbox, &one["access_token"], ME).await, 200, "both live until their own end");
}

#[tokio::test]
async fn tokens_can_be_ended_by_their_owner_and_by_the_rehearsal() {
    let (sandbox, _hand) = night();
    expire(&sandbox, "x_token").await;
    assert_eq!(get(&sandbox, ME).await.status, 401);
    let pair = refresh(&sandbox, "sandbox-refresh-token-0").await.json();
    assert_eq!(status_with(&sandbox, &pair["access_token"], ME).await, 200);

    let token = pair["refresh_token"].as_str().expect("a token");
    let revoked = form(&sandbox, "/2/oauth2/revoke", BASIC, &format!("token={token}")).await;
    assert_eq!(revoked.json(), json!({"revoked": true}));
    assert_eq!(refresh(&sandbox, token).await.json()["error"], "invalid_request");
    assert_eq!(status_with(&sandbox, &pair["access_token"], ME).await, 401, "its access token ends with it");

    let (sandbox, _hand) = night();
    expire(&sandbox, "x_refresh_token").await;
    assert_eq!(get(&sandbox, ME).await.status, 200);
    assert_eq!(refresh(&sandbox, "sandbox-refresh-token-0").await.status, 400);
}

#[tokio::test]
async fn a_signed_call_counts_once_for_what_it_says_and_only_when_it_is_fresh() {
    // Made with the Python library oauthlib, for the moment at which the night begins.
    let sign = |nonce: &str, signature: &str| {
        format!(
            r#"OAuth oauth_nonce="{nonce}", oauth_timestamp="1795489200", oauth_version="1.0", oauth_signature_method="HMAC-SHA1", oauth_consumer_key="sandbox-consumer", oauth_token="1500000000000000001-sandbox", oauth_signature="{signature}""#
        )
    };
    let (sandbox, _hand) = night();
    let me = sign("nonce25", "SVHhtuFDlKZiXBCiGpXdkuE5gUE%3D");
    assert_eq!(raw(&sandbox, "GET", ME, None, &me).await.status, 200);
    assert_eq!(raw(&sandbox, "GET", ME, None, &me).await.status, 401, "a nonce counts once");
    let mentions = sign("nonce101", "toLwdyDHobA%2BI5wDCS1ucCDi1wQ%3D");
    let other = format!("{MENTIONS}?tweet.fields=created_at,author_id&max_results=6");
    assert_eq!(raw(&sandbox, "GET", &other, None, &mentions).await.status, 401, "signed for another query");
    let said = format!("{MENTIONS}?tweet.fields=created_at,author_id&max_results=5");
    assert_eq!(raw(&sandbox, "GET", &said, None, &mentions).await.status, 200);

    let (sandbox, hand) = night();
    let mention = sandbox.say(Say::new(Feed::XMentions, "jan", "hallo")).expect("written");
    let body = json!({"text": "Bel 101.", "reply": {"in_reply_to_tweet_id": mention.message_id}});
    let post = sign("nonce23", "bWB5x35AZ%2BPpMpiII7p5T%2BQQoxA%3D");
    assert_eq!(raw(&sandbox, "POST", "/2/tweets", Some(body), &post).await.status, 201, "a JSON body is not signed");
    hand.forward(301_000);
    assert_eq!(raw(&sandbox, "GET", ME, None, &me).await.status, 401, "five minutes are over");
}

#[tokio::test]
async fn users_and_single_posts_are_found_by_what_names_them() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::XMentions, "jan_v", "hallo")).expect("written");
    let jan = get(&sandbox, "/2/users/by/username/JAN_V?user.fields=created_at").await.json();
    assert_eq!(jan["data"]["id"], json!(said.author_id));
    assert_eq!(get(&sandbox, &format!("/2/users/{}", said.author_id)).await.json()["data"]["username"], "jan_v");
    let nobody = get(&sandbox, "/2/users/12").await;
    assert_eq!((nobody.status, &nobody.json()["errors"][0]["resource_type"]), (200, &json!("user")));
    let post =
        get(&sandbox, &format!("/2/tweets/{}?expansions=author_id&post.fields=created_at", said.message_id)).await;
    assert_eq!(post.json()["data"]["edit_history_post_ids"], json!([said.message_id]));
    assert_eq!(post.json()["includes"]["users"][0]["username"], "jan_v");
    assert_eq!(get(&sandbox, "/2/tweets/12").await.json()["errors"][0]["title"], "Not Found Error");
}

#[tokio::test]
async fn a_quota_of_a_day_is_shown_beside_the_window_and_met_while_the_window_is_open() {
    let (sandbox, hand) = night();
    sandbox.set(&json!({"x_limits": {"dm_sends_day": 1}})).expect("known");
    let said = sandbox.say(Say::new(Feed::XInbox, "jan", "hallo")).expect("written");
    let path = format!("/2/dm_conversations/with/{}/messages", said.author_id);
    let sent = post(&sandbox, &path, json!({"text": "Bel 101."})).await;
    assert_eq!((sent.status, sent.header("x-user-limit-24hour-remaining")), (201, Some("0")));
    let full = post(&sandbox, &path, json!({"text": "Bel 101!"})).await;
    assert_eq!((full.status, full.header("x-user-limit-24hour-remaining")), (429, Some("0")));
    assert!(full.header("x-rate-limit-remaining").is_some_and(|left| left != "0"));
    assert_eq!(full.header("x-user-limit-24hour-reset"), Some("1795575600"));
    hand.forward(24 * 3_600 * 1_000);
    assert_eq!(post(&sandbox, &path, json!({"text": "Bel 101!"})).await.status, 201);

    sandbox.set(&json!({"x_day_limits": "app"})).expect("known");
    let shown = post(&sandbox, &path, json!({"text": "Bel 101?"})).await;
    assert_eq!(shown.header("x-app-limit-24hour-limit"), Some("1"));
    assert_eq!(shown.header("x-user-limit-24hour-limit"), None);
}

#[tokio::test]
async fn the_bill_counts_each_object_once_a_day_and_each_thing_written() {
    let (sandbox, hand) = night();
    get(&sandbox, MENTIONS).await;
    assert!(cost(&sandbox) < f64::EPSILON, "an empty answer is free");
    let said = sandbox.say(Say::new(Feed::XMentions, "jan", "hallo")).expect("written");
    sandbox.say(Say::new(Feed::XInbox, "bo", "hallo")).expect("written");
    let bill =
        |expected: f64, why: &str| assert!((cost(&sandbox) - expected).abs() < 1e-9, "{why}: {}", cost(&sandbox));
    get(&sandbox, MENTIONS).await;
    get(&sandbox, MENTIONS).await;
    bill(0.005, "a mention, read twice");
    get(&sandbox, &format!("{MENTIONS}?expansions=author_id&tweet.fields=id")).await;
    bill(0.015, "its author beside it");
    get(&sandbox, "/2/dm_events").await;
    bill(0.025, "a message");
    let reply = |text: &str| json!({"text": text, "reply": {"in_reply_to_tweet_id": said.message_id}});
    post(&sandbox, "/2/tweets", reply("Bel 101.")).await;
    bill(0.035, "a reply to whoever called us");
    post(&sandbox, "/2/tweets", reply("Bel 101.")).await;
    bill(0.035, "a refusal is free");
    post(&sandbox, "/2/tweets", reply("Zie politie.be")).await;
    bill(0.235, "a link");
    hand.forward(24 * 3_600 * 1_000);
    get(&sandbox, "/2/dm_events").await;
    bill(0.245, "the same message on another day");

    sandbox.set(&json!({"x_credit_usd": 0.245})).expect("known");
    let broke = get(&sandbox, "/2/dm_events").await;
    assert_eq!((broke.status, &broke.json()["title"]), (402, &json!("CreditsDepleted")));
    bill(0.245, "no more than there was");
}

#[tokio::test]
async fn an_account_in_trouble_says_which() {
    let (sandbox, _hand) = night();
    for (trouble, status, word) in [
        ("credits_depleted", 402, "problems/credits"),
        ("usage_cap_exceeded", 429, "problems/usage-capped"),
        ("spend_cap", 403, "spend cap"),
        ("client_not_enrolled", 403, "client-not-enrolled"),
        ("feature_not_permitted", 403, "not permitted to access this feature"),
        ("suspended", 403, "suspended"),
    ] {
        sandbox.set(&json!({"x_trouble": trouble})).expect("known");
        let back = get(&sandbox, ME).await;
        assert!(back.status == status && back.text.contains(word), "{trouble}: {} {}", back.status, back.text);
    }
    sandbox.set(&json!({"x_trouble": "none"})).expect("known");
    assert_eq!(get(&sandbox, ME).await.status, 200);
    assert!(sandbox.set(&json!({"x_troubles": "none"})).is_err(), "an unknown setting is refused");
}
