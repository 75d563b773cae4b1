//! The two logins of Meta, the tokens that they give, and the life of these tokens.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod sandbox_common;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use formez101::sandbox::{Feed, Sandbox, Say, TokenChange};
use sandbox_common::{Back, get, night, raw};
use serde_json::{Value, json};

const PAGE: &str = "100000000000001";
const DAY: i64 = 24 * 3_600_000;
const BACK: &str = "http%3A%2F%2F127.0.0.1%3A8101%2F";
const CLIENT: &str =
    "client_id=700000000000001&client_secret=sandbox-facebook-secret&redirect_uri=http%3A%2F%2F127.0.0.1%3A8101%2F";
const INSTAGRAM: &str =
    "client_id=700000000000002&client_secret=sandbox-instagram-secret&redirect_uri=http%3A%2F%2F127.0.0.1%3A8101%2F";
const APP: &str = "Bearer 700000000000001|sandbox-facebook-secret";
const SCOPES: &str = "pages_show_list,pages_messaging,instagram_basic";
const INSTAGRAM_SCOPES: &str = "instagram_business_basic,instagram_business_manage_messages";

/// A call without any token.
async fn bare(sandbox: &Sandbox, path: &str) -> Back {
    raw(sandbox, "GET", path, None, "").await
}

async fn with(sandbox: &Sandbox, token: &str, path: &str) -> Value {
    raw(sandbox, "GET", path, None, &format!("Bearer {token}")).await.json()
}

async fn form(sandbox: &Sandbox, path: &str, form: &str) -> Back {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    let response = sandbox.respond(request.body(Body::from(form.to_owned())).expect("a good request")).await;
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body");
    Back { status: head.status.as_u16(), headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

/// Goes through the dialog and gives the address to which the person is sent back.
async fn sent_back(sandbox: &Sandbox, more: &str) -> String {
    let path = format!(
        "/v26.0/dialog/oauth?client_id=700000000000001&redirect_uri={BACK}&state=zufall-1234&scope={SCOPES}{more}"
    );
    let back = bare(sandbox, &path).await;
    assert_eq!(back.status, 302, "{}", back.text);
    back.header("location").expect("an address").to_owned()
}

fn code_in(address: &str) -> &str {
    address.split("code=").nth(1).expect("a code").split(['&', '#']).next().expect("a code")
}

/// The token of a person, short- or long-lived.
async fn person(sandbox: &Sandbox, long: bool) -> String {
    let address = sent_back(sandbox, "").await;
    let code = code_in(&address);
    let token = |answer: Value| answer["access_token"].as_str().expect("a token").to_owned();
    let short = token(bare(sandbox, &format!("/v26.0/oauth/access_token?{CLIENT}&code={code}")).await.json());
    if !long {
        return short;
    }
    let path = format!("/v26.0/oauth/access_token?grant_type=fb_exchange_token&{CLIENT}&fb_exchange_token={short}");
    token(bare(sandbox, &path).await.json())
}

#[tokio::test]
async fn a_login_leads_from_the_dialog_to_the_page_that_was_chosen() {
    let (sandbox, _hand) = night();
    let other = json!([{"id": "100000000000009", "name": "Gemeente", "tasks": ["ANALYZE"]}]);
    sandbox.set(&json!({"graph_other_pages": other})).expect("known");
    let said = sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "er is ingebroken")).expect("written");
    let user = person(&sandbox, true).await;
    let pages = with(&sandbox, &user, "/v26.0/me/accounts?fields=id,name,access_token,tasks").await;
    let names: Vec<&Value> = pages["data"].as_array().expect("a list").iter().map(|page| &page["name"]).collect();
    assert_eq!(names, ["Politiezone Voorbeeld", "Gemeente"]);
    assert_eq!(pages["data"][1]["tasks"], json!(["ANALYZE"]));
    assert_eq!(with(&sandbox, &user, "/v26.0/me").await["id"], "10220000000000001");
    let granted = with(&sandbox, &user, "/v26.0/me/permissions").await;
    assert_eq!(granted["data"][0], json!({"permission": "pages_show_list", "status": "granted"}));

    let token = pages["data"][0]["access_token"].as_str().expect("a token");
    let inbox = with(&sandbox, token, "/v26.0/me/conversations?platform=messenger").await;
    assert_eq!(inbox["data"][0]["id"], json!(said.thread_id));
    let known = raw(&sandbox, "GET", &format!("/v26.0/debug_token?input_token={token}"), None, APP).await.json();
    let known = &known["data"];
    assert_eq!((&known["type"], &known["is_valid"], &known["expires_at"]), (&json!("PAGE"), &json!(true), &json!(0)));
    assert_eq!((&known["profile_id"], &known["scopes"][2]), (&json!(PAGE), &json!("instagram_basic")));
    assert_eq!(known["granular_scopes"][2]["target_ids"], json!(["17841400000000001"]));
    assert_eq!(known["data_access_expires_at"], json!((sandbox_common::NIGHT + 90 * DAY) / 1_000));
    let neighbour = pages["data"][1]["access_token"].as_str().expect("a token");
    assert_eq!(with(&sandbox, neighbour, "/v26.0/me?fields=name").await["name"], "Gemeente");
    assert_eq!(with(&sandbox, neighbour, "/v26.0/me/conversations?platform=messenger").await["error"]["code"], 210);
    assert_eq!(sandbox.violations().len(), 1, "only the last call was wrong: {:?}", sandbox.violations());
    assert!(!sandbox.snapshot().to_string().contains(token));
}

#[tokio::test]
async fn the_dialog_sends_back_to_registered_addresses_alone() {
    let (sandbox, _hand) = night();
    let address = sent_back(&sandbox, "").await;
    assert!(
        address.starts_with("http://127.0.0.1:8101/?code=") && address.ends_with("&state=zufall-1234#_=_"),
        "{address}"
    );
    assert!(sandbox.violations().is_empty());
    for wrong in [
        "client_id=700000000000001&redirect_uri=http%3A%2F%2F127.0.0.1%3A8101&state=zufall-1234&scope=email",
        "client_id=1&redirect_uri=http%3A%2F%2F127.0.0.1%3A8101%2F&state=zufall-1234&scope=email",
        "client_id=700000000000001&redirect_uri=http%3A%2F%2F127.0.0.1%3A8101%2F&state=zufall-1234&scope=read_minds",
    ] {
        let back = bare(&sandbox, &format!("/v26.0/dialog/oauth?{wrong}")).await;
        assert_eq!((back.status, back.header("location")), (400, None), "{wrong}");
    }
    assert_eq!(sandbox.violations().len(), 3);
    sandbox.set(&json!({"graph_login_denied": true})).expect("known");
    let refused = sent_back(&sandbox, "").await;
    assert!(refused.starts_with("http://127.0.0.1:8101/?error=access_denied") && refused.contains("state=zufall-1234"));
}

#[tokio::test]
async fn a_code_works_once_for_who_asked_for_it() {
    let (sandbox, hand) = night();
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let address = sent_back(&sandbox, challenge).await;
    let exchange = |code: &str, more: &str| format!("/v26.0/oauth/access_token?{CLIENT}&code={code}{more}");
    let good = exchange(code_in(&address), &format!("&code_verifier={verifier}"));
    let token = bare(&sandbox, &good).await.json();
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("bearer"), &json!(5_400)));
    let again = bare(&sandbox, &good).await.json();
    assert_eq!((&again["error"]["code"], &again["error"]["error_subcode"]), (&json!(100), &json!(36_009)));
    assert!(sandbox.violations()[0].contains("has been used"));

    let address = sent_back(&sandbox, challenge).await;
    assert_eq!(bare(&sandbox, &exchange(code_in(&address), "&code_verifier=guessed")).await.status, 400);
    let address = sent_back(&sandbox, "").await;
    let elsewhere = exchange(code_in(&address), "").replace("127.0.0.1", "localhost");
    assert_eq!(bare(&sandbox, &elsewhere).await.json()["error"]["error_subcode"], 36_008);
    hand.forward(600_000);
    assert_eq!(bare(&sandbox, &exchange(code_in(&address), "")).await.json()["error"]["error_subcode"], 36_007);
    let stolen = good.replace("sandbox-facebook-secret", "guessed");
    assert_eq!(bare(&sandbox, &stolen).await.json()["error"]["code"], 101);
}

#[tokio::test]
async fn a_library_may_post_the_code_with_basic_authorization() {
    let (sandbox, _hand) = night();
    let address = sent_back(&sandbox, "").await;
    let body = format!("grant_type=authorization_code&code={}&redirect_uri={BACK}", code_in(&address));
    let request = Request::post("/v26.0/oauth/access_token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", "Basic NzAwMDAwMDAwMDAwMDAxOnNhbmRib3gtZmFjZWJvb2stc2VjcmV0");
    let response = sandbox.respond(request.body(Body::from(body)).expect("a good request")).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn tokens_live_as_long_as_they_say() {
    let (sandbox, hand) = night();
    let short = person(&sandbox, false).await;
    let of_page = with(&sandbox, &short, "/v26.0/me/accounts").await["data"][0]["access_token"].clone();
    let of_page = of_page.as_str().expect("a token").to_owned();
    let long = person(&sandbox, true).await;
    hand.forward(5_400_000);
    for dead in [&short, &of_page] {
        let answer = with(&sandbox, dead, "/v26.0/me").await;
        assert_eq!((&answer["error"]["code"], &answer["error"]["error_subcode"]), (&json!(190), &json!(463)));
        let known = raw(&sandbox, "GET", &format!("/v26.0/debug_token?input_token={dead}"), None, APP).await.json();
        assert_eq!((&known["data"]["is_valid"], &known["data"]["error"]["code"]), (&json!(false), &json!(190)));
    }
    let exchange = format!("/v26.0/oauth/access_token?grant_type=fb_exchange_token&{CLIENT}&fb_exchange_token={short}");
    assert_eq!(bare(&sandbox, &exchange).await.json()["error"]["code"], 190, "too late to make it long-lived");
    assert!(with(&sandbox, &long, "/v26.0/me").await["id"].is_string());
    let of_page = with(&sandbox, &long, "/v26.0/me/accounts").await["data"][0]["access_token"].clone();
    hand.forward(60 * DAY);
    assert_eq!(with(&sandbox, &long, "/v26.0/me").await["error"]["code"], 190);
    assert_eq!(
        with(&sandbox, of_page.as_str().expect("a token"), "/v26.0/me").await["id"],
        PAGE,
        "this one never ends"
    );
    let unknown = raw(&sandbox, "GET", "/v26.0/debug_token?input_token=made-up", None, APP).await.json();
    assert_eq!((&unknown["data"]["is_valid"], &unknown["data"]["error"]["code"]), (&json!(false), &json!(190)));
}

#[tokio::test]
async fn a_rehearsal_ends_a_token_or_takes_a_permission_away() {
    let (sandbox, hand) = night();
    let inbox = "/v26.0/me/conversations?platform=messenger";
    let change = |change: Value| serde_json::from_value::<TokenChange>(change).expect("a change");
    let scopes = json!({"token": "facebook", "scopes": ["pages_show_list", "pages_read_engagement"]});
    sandbox.token(&change(scopes)).expect("done");
    let refused = get(&sandbox, inbox).await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (403, &json!(200)));
    assert!(refused.text.contains("pages_messaging"), "it says what is missing");
    sandbox.token(&change(json!({"token": "facebook", "ends": "+1h"}))).expect("done");
    assert_eq!(get(&sandbox, "/v26.0/me").await.status, 200);
    hand.forward(3_600_000);
    assert_eq!(get(&sandbox, "/v26.0/me").await.json()["error"]["error_subcode"], 463);
    sandbox.token(&change(json!({"token": "facebook", "subcode": 460}))).expect("done");
    assert_eq!(get(&sandbox, "/v26.0/me").await.json()["error"]["error_subcode"], 460);
    assert!(sandbox.token(&change(json!({"token": "made-up"}))).is_err());
    sandbox.set(&json!({"facebook_token": "a-new-one"})).expect("known");
    assert_eq!(with(&sandbox, "a-new-one", "/v26.0/me").await["id"], PAGE);
    assert_eq!(get(&sandbox, "/v26.0/me").await.json()["error"]["code"], 190, "the old one is forgotten");
}

#[tokio::test]
async fn data_access_lapses_for_instagram_and_not_for_the_page() {
    let (sandbox, _hand) = night();
    let change = TokenChange {
        token: "facebook".to_owned(),
        data_access_ends: Some("-1s".to_owned()),
        ..TokenChange::default()
    };
    sandbox.token(&change).expect("done");
    assert_eq!(get(&sandbox, "/v26.0/me/conversations?platform=messenger").await.status, 200);
    let refused = get(&sandbox, "/v26.0/me/conversations?platform=instagram").await;
    assert!(refused.text.contains("instagram_basic"), "{}", refused.text);
    assert_eq!(get(&sandbox, "/v26.0/17841400000000001/media").await.status, 403);
}

#[tokio::test]
async fn instagram_login_gives_an_hour_then_sixty_days_then_sixty_more() {
    let (sandbox, hand) = night();
    let dialog = format!(
        "/oauth/authorize?client_id=700000000000002&redirect_uri={BACK}&response_type=code&state=zufall-1234&scope={INSTAGRAM_SCOPES}"
    );
    let back = bare(&sandbox, &dialog).await;
    let address = back.header("location").expect("an address");
    assert!(address.ends_with("#_"), "{address}");
    let body = format!("{INSTAGRAM}&grant_type=authorization_code&code={}", code_in(address));
    let short = form(&sandbox, "/oauth/access_token", &body).await.json();
    let short = short["data"][0]["access_token"].as_str().expect("a token").to_owned();
    let again = form(&sandbox, "/oauth/access_token", &body).await;
    assert_eq!((again.status, &again.json()["error_type"]), (400, &json!("OAuthException")));
    assert_eq!(sandbox.violations().len(), 1, "a code is used once");

    let refresh = |token: &str| format!("/refresh_access_token?grant_type=ig_refresh_token&access_token={token}");
    assert_eq!(bare(&sandbox, &refresh(&short)).await.status, 400, "this one must be exchanged first");
    let path = format!(
        "/access_token?grant_type=ig_exchange_token&client_secret=sandbox-instagram-secret&access_token={short}"
    );
    let long = bare(&sandbox, &path).await.json();
    assert_eq!(long["expires_in"], 5_184_000);
    let long = long["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(with(&sandbox, &long, "/v26.0/me?fields=username").await["username"], "pz_voorbeeld");
    assert_eq!(bare(&sandbox, &refresh(&long)).await.status, 400, "not within the first day");
    hand.forward(59 * DAY);
    assert_eq!(with(&sandbox, &short, "/v26.0/me").await["error"]["code"], 190);
    let newer = bare(&sandbox, &refresh(&long)).await.json();
    hand.forward(2 * DAY);
    assert_eq!(bare(&sandbox, &refresh(&long)).await.json()["error"]["code"], 190, "too late is for good");
    assert!(with(&sandbox, newer["access_token"].as_str().expect("a token"), "/v26.0/me").await["id"].is_string());
    let missing = with(&sandbox, newer["access_token"].as_str().expect("a token"), "/v26.0/me/tags").await;
    assert_eq!(missing["error"]["code"], 200, "only what was granted");
}

#[tokio::test]
async fn the_answer_to_a_code_has_two_forms() {
    let (sandbox, _hand) = night();
    sandbox.set(&json!({"instagram_code_answer_is_flat": true})).expect("known");
    let dialog = format!(
        "/oauth/authorize?client_id=700000000000002&redirect_uri={BACK}&response_type=code&state=zufall-1234&scope={INSTAGRAM_SCOPES}"
    );
    let back = bare(&sandbox, &dialog).await;
    let code = code_in(back.header("location").expect("an address")).to_owned();
    let body = format!("{INSTAGRAM}&grant_type=authorization_code&code={code}");
    assert!(form(&sandbox, "/oauth/access_token", &body).await.json()["access_token"].is_string());
}

#[tokio::test]
async fn what_a_person_declines_is_named() {
    let (sandbox, _hand) = night();
    sandbox.set(&json!({"graph_login_declined": ["pages_messaging"]})).expect("known");
    let user = person(&sandbox, true).await;
    let permissions = with(&sandbox, &user, "/v26.0/me/permissions").await;
    assert_eq!(permissions["data"][2], json!({"permission": "pages_messaging", "status": "declined"}));
    let pages = with(&sandbox, &user, "/v26.0/me/accounts").await;
    let token = pages["data"][0]["access_token"].as_str().expect("a token");
    let refused = with(&sandbox, token, "/v26.0/me/conversations?platform=messenger").await;
    assert_eq!(refused["error"]["code"], 200);
    sandbox.set(&json!({"graph_accounts_listed": false})).expect("known");
    assert_eq!(with(&sandbox, &user, "/v26.0/me/accounts").await["data"], json!([]), "Pages of a business portfolio");
    let direct = with(&sandbox, &user, &format!("/v26.0/{PAGE}?fields=access_token")).await;
    assert_eq!(direct["access_token"], json!(token));
}
