//! The Graph side of the sandbox, told as a night at the zone.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod sandbox_common;

use formez101::sandbox::{By, Colleague, Fault, FaultKind, Feed, Flags, Platform, Say};
use sandbox_common::{call, get, night, post, raw};
use serde_json::json;

const INBOX: &str = "/v26.0/100000000000001/conversations?platform=messenger";
const FIELDS: &str = "id,updated_time,participants,messages.limit(5){id,created_time,from{id},message}";
const SEND: &str = "/v26.0/100000000000001/messages";

fn answer_to(psid: &str) -> serde_json::Value {
    json!({"recipient": {"id": psid}, "messaging_type": "RESPONSE", "message": {"text": "Formez le 101."}})
}

#[tokio::test]
async fn a_citizen_writes_at_night_and_the_answer_is_seen_in_his_thread() {
    let (sandbox, hand) = night();
    let said = sandbox.say(Say::new(Feed::FacebookInbox, "Jan Peeters", "er is ingebroken")).expect("written");
    hand.forward(2_000);

    let page = get(&sandbox, &format!("{INBOX}&fields={FIELDS}")).await;
    let thread = &page.json()["data"][0];
    assert_eq!(thread["updated_time"], "2026-11-24T03:00:00+0000");
    assert_eq!(thread["messages"]["data"][0]["message"], "er is ingebroken");
    assert_eq!(thread["messages"]["data"][0]["from"], json!({"id": said.author_id}), "only what was asked");
    assert!(thread.get("snippet").is_none(), "a field that was not asked is not shown");

    let sent = post(&sandbox, SEND, answer_to(&said.author_id)).await;
    assert_eq!(sent.status, 200);
    let id = sent.json()["message_id"].as_str().expect("an id").to_owned();
    let replies = sandbox.replies_to(&said.message_id);
    assert_eq!((replies.len(), replies[0].by, replies[0].message_id.as_str()), (1, By::Service, id.as_str()));

    let thread = get(&sandbox, &format!("/v26.0/{}/messages?fields=id,from{{id}}", said.thread_id)).await;
    assert_eq!(thread.json()["data"][0]["id"], json!(id), "the newest comes first, under the id that the send gave");
    assert_eq!(thread.json()["data"][0]["from"]["id"], "100000000000001");
    assert_eq!(sandbox.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_careless_caller_is_refused_and_noted() {
    let (sandbox, hand) = night();
    let refusals = [
        ("&fields=id,nickname", "nonexisting field (nickname) on node type (UnifiedThread)"),
        ("&fields=messages{id,from{shoe_size}}", "nonexisting field (shoe_size)"),
        ("&fields=messages.limit(500){id}", "above the maximum"),
        ("&limit=101", "above the maximum"),
        ("&fields=id,messages{id", "Syntax error"),
    ];
    for (extra, wanted) in refusals {
        hand.forward(1_000);
        let back = get(&sandbox, &format!("{INBOX}{extra}")).await;
        assert_eq!(back.status, 400, "{extra}");
        assert!(
            back.json()["error"]["message"].as_str().is_some_and(|text| text.contains(wanted)),
            "{extra}: {}",
            back.text
        );
    }
    assert_eq!(sandbox.violations().len(), refusals.len());

    hand.forward(1_000);
    get(&sandbox, "/v26.0/me/conversations").await;
    raw(&sandbox, "GET", &format!("{INBOX}&access_token=sandbox-page-token"), None, "").await;
    let noted = sandbox.violations()[refusals.len()..].join("\n");
    assert!(noted.contains("without 'platform'") && noted.contains("token in query"), "{noted}");
    assert!(!sandbox.snapshot().to_string().contains("sandbox-page-token"), "no token in what is shown");

    let wrong = raw(&sandbox, "GET", "/v26.0/me", None, "Bearer stolen").await;
    assert_eq!((wrong.status, &wrong.json()["error"]["code"]), (401, &json!(190)));
    sandbox.set(&json!({"graph_token_error_status": 400})).expect("a known setting");
    assert_eq!(raw(&sandbox, "GET", "/v26.0/me", None, "Bearer stolen").await.status, 400);
    assert!(sandbox.set(&json!({"no_such_switch": true})).is_err());
}

#[tokio::test]
async fn paging_reaches_every_thread_once_and_then_ends() {
    let (sandbox, hand) = night();
    for number in 0..7 {
        sandbox.say(Say::new(Feed::FacebookInbox, &format!("Burger {number}"), "hallo")).expect("written");
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        hand.forward(1_000);
        let page = get(&sandbox, &format!("{INBOX}&fields=id&limit=3{after}")).await.json();
        seen.extend(page["data"].as_array().expect("a list").iter().map(|thread| thread["id"].to_string()));
        if page["paging"].get("next").is_none() {
            break;
        }
        after = format!("&after={}", page["paging"]["cursors"]["after"].as_str().expect("a cursor"));
    }
    assert_eq!(seen.len(), 7);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7);
}

#[tokio::test]
async fn only_the_twenty_newest_messages_keep_their_text() {
    let (sandbox, _hand) = night();
    let mut first = None;
    for number in 0..22 {
        let said = sandbox.say(Say::new(Feed::FacebookInbox, "Jan", &format!("bericht {number}"))).expect("written");
        first.get_or_insert(said);
    }
    let first = first.expect("said");
    let path = format!("/v26.0/{}/messages?limit=50&fields=id,message", first.thread_id);
    let list = get(&sandbox, &path).await.json();
    let texts = list["data"].as_array().expect("a list").iter().filter(|message| message.get("message").is_some());
    assert_eq!((list["data"].as_array().map(Vec::len), texts.count()), (Some(22), 20));

    sandbox.set(&json!({"graph_old_messages": "error", "graph_deleted_as_subcode": true})).expect("known");
    let list = get(&sandbox, &path).await.json();
    assert_eq!(list["data"][21]["error"]["error_subcode"], 9_000_001);
    let one = get(&sandbox, &format!("/v26.0/{}?fields=message", first.message_id)).await;
    assert_eq!(one.json()["error"]["code"], 10);
}

#[tokio::test]
async fn the_page_may_answer_for_a_day_with_a_text_that_fits_to_somebody_who_exists() {
    let (sandbox, _hand) = night();
    let old = sandbox.say(Say::new(Feed::FacebookInbox, "An", "hallo?").at("-25h")).expect("written");
    let refused = post(&sandbox, SEND, answer_to(&old.author_id)).await.json();
    assert_eq!((&refused["error"]["code"], &refused["error"]["error_subcode"]), (&json!(10), &json!(2_018_278)));
    let nobody = post(&sandbox, SEND, answer_to("123")).await.json();
    assert_eq!(nobody["error"]["error_subcode"], 2_018_001);

    let new = sandbox.say(Say::new(Feed::FacebookInbox, "Bo", "hallo")).expect("written");
    let mut long = answer_to(&new.author_id);
    long["message"]["text"] = json!("😀".repeat(1_000));
    assert_eq!(post(&sandbox, SEND, long).await.json()["error"]["code"], 100);
    let mut odd = answer_to(&new.author_id);
    odd["mood"] = json!("calm");
    assert_eq!(post(&sandbox, SEND, odd).await.json()["error"]["code"], 100);
    assert!(sandbox.replies_in(&new.thread_id).is_empty());
}

#[tokio::test]
async fn a_post_that_tags_the_page_hides_its_author_and_takes_a_comment() {
    let (sandbox, _hand) = night();
    let said =
        sandbox.say(Say::new(Feed::FacebookMentions, "Jan", "Politiezone Voorbeeld kijk eens")).expect("written");
    let path = "/v26.0/100000000000001/tagged?fields=id,from,message,message_tags,comments.filter(stream).order(reverse_chronological).limit(25){id,from{id},message}";
    let tagged = get(&sandbox, path).await.json();
    let tagged = &tagged["data"][0];
    assert!(tagged.get("from").is_none() && tagged.get("comments").is_none());
    assert_eq!(tagged["message_tags"][0]["length"], 21);

    let comment = post(&sandbox, &format!("/v26.0/{}/comments", said.message_id), json!({"message": "Bel 101."})).await;
    assert_eq!(comment.status, 200);
    assert_eq!(sandbox.replies_to(&said.message_id)[0].message_id, comment.json()["id"].as_str().unwrap_or_default());
    let tagged = get(&sandbox, path).await.json();
    assert_eq!(tagged["data"][0]["comments"]["data"][0]["from"]["id"], "100000000000001");
    let edge = get(
        &sandbox,
        &format!("/v26.0/{}/comments?filter=stream&order=reverse_chronological&since=0", said.message_id),
    )
    .await;
    assert_eq!(edge.json()["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(sandbox.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_comment_is_answered_privately_only_once() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::FacebookComments, "Jan", "wat een herrie hier")).expect("written");
    let body = json!({"recipient": {"comment_id": said.message_id}, "message": {"text": "Bel 101."}});
    assert_eq!(post(&sandbox, SEND, body.clone()).await.status, 200);
    assert_eq!(post(&sandbox, SEND, body).await.json()["error"]["code"], 10900);
    assert_eq!(sandbox.replies_to(&said.message_id).len(), 1);
}

#[tokio::test]
async fn a_colleague_and_an_old_answer_are_told_from_the_service() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "hallo").at("-3h")).expect("written");
    let mut old = Colleague::to(Feed::FacebookInbox, &said.message_id, "dag Jan");
    old.at = Some("-2h".to_owned());
    sandbox.colleague(&old).expect("written");
    sandbox.colleague(&Colleague::to(Feed::FacebookInbox, &said.message_id, "nog iets?")).expect("written");
    let by: Vec<By> = sandbox.replies_in(&said.thread_id).iter().map(|reply| reply.by).collect();
    assert_eq!(by, [By::Old, By::Colleague]);
}

#[tokio::test]
async fn a_quota_once_used_up_stays_so_until_the_announced_time() {
    let (sandbox, hand) = night();
    sandbox.fault(Fault::new(FaultKind::RateLimit { seconds: 30 }).on(Platform::Facebook, "GET", "conversations"));
    let first = get(&sandbox, INBOX).await;
    assert_eq!((&first.json()["error"]["code"], first.header("retry-after")), (&json!(613), Some("30")));
    assert!(sandbox.violations().is_empty(), "nobody could have known");
    hand.forward(10_000);
    assert_eq!(get(&sandbox, INBOX).await.json()["error"]["code"], 80006);
    assert!(sandbox.violations()[0].contains("used up"));
    hand.forward(20_000);
    let free = get(&sandbox, INBOX).await;
    assert_eq!(free.status, 200);
    assert!(free.header("x-business-use-case-usage").is_some_and(|usage| usage.contains("\"messenger\"")));
}

#[tokio::test]
async fn the_third_conversation_call_in_a_second_is_noted() {
    let (sandbox, hand) = night();
    for _ in 0..6 {
        get(&sandbox, INBOX).await;
        hand.forward(500);
    }
    assert!(sandbox.violations().is_empty(), "evenly paced");
    for _ in 0..3 {
        get(&sandbox, INBOX).await;
    }
    assert!(!sandbox.violations().is_empty());
    sandbox.set(&json!({"graph_enforce_two_per_second": true})).expect("known");
    assert_eq!(get(&sandbox, INBOX).await.json()["error"]["code"], 613);
}

#[tokio::test]
async fn faults_spoil_pages_in_their_own_way() {
    let (sandbox, hand) = night();
    sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "een")).expect("written");
    sandbox.say(Say::new(Feed::FacebookInbox, "Bo", "twee")).expect("written");
    for kind in [FaultKind::EmptyPage, FaultKind::DuplicateItems, FaultKind::Truncate, FaultKind::ResetBefore] {
        sandbox.fault(Fault::new(kind).on(Platform::Facebook, "GET", "conversations"));
    }
    let empty = get(&sandbox, INBOX).await.json();
    assert_eq!(empty["data"], json!([]));
    let next = empty["paging"]["next"].as_str().expect("a next page").replace("http://sandbox", "");
    hand.forward(1_000);
    let doubled = get(&sandbox, &next).await.json();
    assert_eq!(doubled["data"].as_array().map(Vec::len), Some(4));
    hand.forward(1_000);
    let cut = get(&sandbox, INBOX).await;
    assert!(serde_json::from_str::<serde_json::Value>(&cut.text).is_err());
    assert!(
        cut.header("content-length")
            .and_then(|length| length.parse().ok())
            .is_some_and(|length: usize| length > cut.text.len())
    );
    hand.forward(1_000);
    assert_eq!(get(&sandbox, INBOX).await.header("x-sandbox-fault"), Some("reset"));
    hand.forward(1_000);
    assert_eq!(get(&sandbox, INBOX).await.status, 200, "all faults are used up");
}

#[tokio::test]
async fn the_control_api_does_what_the_methods_do() {
    let (sandbox, _hand) = night();
    let say =
        json!({"feed": "facebook.inbox", "from": "Jan", "text": "hallo", "at": "-1m", "flags": {"folder": "spam"}});
    let said = call(&sandbox, "POST", "/control/say", Some(say)).await.json();
    let answer = json!({"feed": "facebook.inbox", "thread": said["thread_id"], "text": "dag"});
    assert_eq!(call(&sandbox, "POST", "/control/colleague", Some(answer)).await.status, 200);
    let fault =
        json!({"where": {"platform": "x", "path_contains": "mentions"}, "kind": "status", "status": 503, "times": 2});
    assert_eq!(call(&sandbox, "POST", "/control/fault", Some(fault)).await.status, 200);
    assert_eq!(call(&sandbox, "POST", "/control/set", Some(json!({"x_limits": {"mentions": 3}}))).await.status, 200);
    assert_eq!(
        call(&sandbox, "POST", "/control/say", Some(json!({"feed": "fax", "from": "Jan", "text": "?"}))).await.status,
        400
    );

    let world = call(&sandbox, "GET", "/control/world", None).await.json();
    assert_eq!(world["messages"][1]["by"], "colleague");
    assert_eq!(world["faults"][0]["times"], 2);
    assert_eq!(world["settings"]["x_limits"]["mentions"], 3);
    assert_eq!(get(&sandbox, INBOX).await.json()["data"], json!([]), "a thread in the spam folder is not in the inbox");
    let spam = get(&sandbox, &format!("{INBOX}&folder=spam")).await.json();
    assert_eq!(spam["data"].as_array().map(Vec::len), Some(1));
    let flags = Flags { folder: Some("inbox".to_owned()), ..Flags::default() };
    sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "nog eens").flags(flags)).expect("written");
    assert_eq!(get(&sandbox, INBOX).await.json()["data"].as_array().map(Vec::len), Some(1));
}
