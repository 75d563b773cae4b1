//! Instagram, through the Page and through Instagram Login.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod sandbox_common;

use formez101::sandbox::{By, Colleague, Feed, Flags, Sandbox, Say, Story};
use sandbox_common::{Back, get, night, post, raw};
use serde_json::{Value, json};

const PAGE: &str = "100000000000001";
const ACCOUNT: &str = "17841400000000001";
const INBOX: &str = "/v26.0/100000000000001/conversations?platform=instagram&fields=id,updated_time,participants,messages.limit(5){id,created_time,from,message,story}";
const LOGIN: &str = "Bearer sandbox-instagram-token";

async fn login(sandbox: &Sandbox, method: &str, path: &str, body: Option<Value>) -> Back {
    raw(sandbox, method, path, body, LOGIN).await
}

fn answer_to(igsid: &str, text: &str) -> Value {
    json!({"recipient": {"id": igsid}, "message": {"text": text}})
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("a list").iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn a_direct_message_is_read_and_answered_through_the_page_and_through_instagram_login() {
    let (sandbox, hand) = night();
    let said = sandbox.say(Say::new(Feed::InstagramInbox, "Jan", "er is ingebroken")).expect("written");
    let page = get(&sandbox, INBOX).await.json();
    hand.forward(1_000);
    let path = INBOX.replace(PAGE, "me");
    let same = login(&sandbox, "GET", &path, None).await.json();
    for list in [&page, &same] {
        let message = &list["data"][0]["messages"]["data"][0];
        assert_eq!(message["from"], json!({"username": "Jan", "id": said.author_id}));
        assert_eq!((&message["message"], message.get("story")), (&json!("er is ingebroken"), None));
    }
    let through_page = post(&sandbox, &format!("/v26.0/{PAGE}/messages"), answer_to(&said.author_id, "Bel 101.")).await;
    assert_eq!(through_page.json()["recipient_id"], json!(said.author_id));
    let direct = answer_to(&said.author_id, "Formez le 101.");
    let direct = login(&sandbox, "POST", &format!("/v26.0/{ACCOUNT}/messages"), Some(direct)).await;
    assert_eq!(direct.status, 200);
    hand.forward(1_000);
    let newest = &get(&sandbox, INBOX).await.json()["data"][0]["messages"]["data"][0];
    assert_eq!(newest["id"], direct.json()["message_id"]);
    assert_eq!(newest["from"], json!({"username": "pz_voorbeeld", "id": ACCOUNT}));
    assert_eq!(sandbox.replies_to(&said.message_id).len(), 2);
    assert_eq!(sandbox.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn each_way_names_the_account_as_the_platform_does() {
    let (sandbox, _hand) = night();
    let page = get(&sandbox, &format!("/v26.0/{PAGE}?fields=instagram_business_account{{id,username}}")).await.json();
    assert_eq!(page["instagram_business_account"], json!({"id": ACCOUNT, "username": "pz_voorbeeld"}));
    let me = login(&sandbox, "GET", "/v26.0/me?fields=user_id,username", None).await.json();
    assert_eq!((&me["user_id"], &me["username"]), (&json!(ACCOUNT), &json!("pz_voorbeeld")));
    assert_ne!(me["id"], ACCOUNT, "Instagram Login has an id of its own");
    assert_eq!(login(&sandbox, "GET", &format!("/v26.0/{PAGE}"), None).await.status, 400, "the Page is out of reach");

    sandbox.set(&json!({"instagram_linked": false})).expect("known");
    let page = get(&sandbox, &format!("/v26.0/{PAGE}?fields=instagram_business_account")).await.json();
    assert!(page.get("instagram_business_account").is_none());
    assert_eq!(get(&sandbox, INBOX).await.json()["error"]["error_subcode"], 2_534_013);
    assert_eq!(login(&sandbox, "GET", "/v26.0/me/media", None).await.status, 200, "which needs no Page");
}

#[tokio::test]
async fn a_message_has_at_most_a_thousand_bytes_and_goes_to_who_wrote_within_a_day() {
    let (sandbox, _hand) = night();
    let send = format!("/v26.0/{PAGE}/messages");
    let said = sandbox.say(Say::new(Feed::InstagramInbox, "Jan", "hallo")).expect("written");
    assert_eq!(post(&sandbox, &send, answer_to(&said.author_id, &"é".repeat(500))).await.status, 200);
    let long = post(&sandbox, &send, answer_to(&said.author_id, &"é".repeat(501))).await;
    assert_eq!(long.json()["error"]["code"], 100);
    assert_eq!(sandbox.violations().len(), 1, "bytes, not characters");

    let old = sandbox.say(Say::new(Feed::InstagramInbox, "An", "hallo?").at("-25h")).expect("written");
    let late = post(&sandbox, &send, answer_to(&old.author_id, "Bel 101.")).await.json();
    assert_eq!((&late["error"]["code"], &late["error"]["error_subcode"]), (&json!(10), &json!(2_534_022)));
    let nobody = login(&sandbox, "POST", "/v26.0/me/messages", Some(answer_to("123", "Bel 101."))).await.json();
    assert_eq!(nobody["error"]["error_subcode"], 2_534_014);

    let elsewhere = Flags { other_app: true, ..Flags::default() };
    let taken = sandbox.say(Say::new(Feed::InstagramInbox, "Bo", "hallo").flags(elsewhere)).expect("written");
    let refused = post(&sandbox, &send, answer_to(&taken.author_id, "Bel 101.")).await.json();
    assert_eq!(refused["error"]["code"], 2_018_300);
    sandbox.set(&json!({"graph_deleted_as_subcode": true})).expect("known");
    let refused = post(&sandbox, &send, answer_to(&taken.author_id, "Bel 101.")).await.json();
    assert_eq!((&refused["error"]["code"], &refused["error"]["error_subcode"]), (&json!(10), &json!(2_018_300)));
}

#[tokio::test]
async fn the_id_that_a_send_gives_may_be_another_than_the_one_that_is_read() {
    let (sandbox, hand) = night();
    let said = sandbox.say(Say::new(Feed::InstagramInbox, "Jan", "hallo")).expect("written");
    for (same, text) in [(true, "Bel 101."), (false, "Formez le 101.")] {
        hand.forward(1_000);
        sandbox.set(&json!({"instagram_sent_id_is_read_id": same})).expect("known");
        let sent = post(&sandbox, &format!("/v26.0/{PAGE}/messages"), answer_to(&said.author_id, text)).await.json();
        let newest = get(&sandbox, INBOX).await.json()["data"][0]["messages"]["data"][0].clone();
        assert_eq!((newest["id"] == sent["message_id"], newest["message"].as_str()), (same, Some(text)));
    }
}

#[tokio::test]
async fn a_story_arrives_as_a_message() {
    let (sandbox, hand) = night();
    let reply = Flags { story: Some(Story::Reply), ..Flags::default() };
    sandbox.say(Say::new(Feed::InstagramInbox, "Jan", "help!").flags(reply)).expect("written");
    hand.forward(1_000);
    let mention = Flags { story: Some(Story::Mention), ..Flags::default() };
    sandbox.say(Say::new(Feed::InstagramInbox, "Jan", "").flags(mention)).expect("written");
    let page = get(&sandbox, INBOX).await.json();
    let messages = &page["data"][0]["messages"]["data"];
    assert!(messages[0]["story"]["mention"]["link"].is_string() && messages[0]["message"] == "");
    assert!(messages[1]["story"]["reply_to"]["id"].is_string() && messages[1]["message"] == "help!");
}

#[tokio::test]
async fn a_closed_inbox_looks_empty_and_refuses_to_send() {
    let (sandbox, hand) = night();
    let said = sandbox.say(Say::new(Feed::InstagramInbox, "Jan", "hallo")).expect("written");
    sandbox.set(&json!({"instagram_message_access": false})).expect("known");
    assert_eq!(get(&sandbox, INBOX).await.json()["data"], json!([]));
    let refused = post(&sandbox, &format!("/v26.0/{PAGE}/messages"), answer_to(&said.author_id, "Bel 101.")).await;
    assert_eq!((refused.status, &refused.json()["error"]["error_subcode"]), (403, &json!(2_534_041)));
    hand.forward(1_000);
    assert_eq!(get(&sandbox, &format!("/v26.0/{}/messages", said.thread_id)).await.status, 400);
}

#[tokio::test]
async fn requests_are_shown_for_thirty_days_or_only_in_their_folder() {
    let (sandbox, hand) = night();
    let request = Flags { folder: Some("pending".to_owned()), ..Flags::default() };
    let say = |name: &str, at: &str| Say::new(Feed::InstagramInbox, name, "hallo").at(at).flags(request.clone());
    let new = sandbox.say(say("Jan", "-29d")).expect("written");
    sandbox.say(say("An", "-31d")).expect("written");
    assert_eq!(ids(&get(&sandbox, INBOX).await.json()), [new.thread_id.as_str()]);
    sandbox.set(&json!({"instagram_requests_listed": false})).expect("known");
    hand.forward(1_000);
    assert!(ids(&get(&sandbox, INBOX).await.json()).is_empty());
    hand.forward(1_000);
    assert_eq!(ids(&get(&sandbox, &format!("{INBOX}&folder=pending")).await.json()), [new.thread_id.as_str()]);
}

#[tokio::test]
async fn threads_may_lack_what_messenger_has() {
    let (sandbox, hand) = night();
    sandbox.say(Say::new(Feed::InstagramInbox, "Jan", "hallo")).expect("written");
    let path = format!("/v26.0/{PAGE}/conversations?platform=instagram&fields=snippet,unread_count");
    for (reading, status, shown) in [("refused", 400, false), ("absent", 200, false), ("shown", 200, true)] {
        hand.forward(1_000);
        sandbox.set(&json!({"instagram_thread_extras": reading})).expect("known");
        let back = get(&sandbox, &path).await;
        assert_eq!((back.status, back.json()["data"][0].get("snippet").is_some()), (status, shown), "{reading}");
    }
}

#[tokio::test]
async fn comments_come_by_the_first_level_and_are_answered_there() {
    let (sandbox, hand) = night();
    let media = sandbox.colleague(&Colleague::posts(Feed::InstagramComments, "Straatfeest")).expect("written");
    let say = |name: &str, text: &str, below: &str| Say::new(Feed::InstagramComments, name, text).thread(below);
    let first = sandbox.say(say("Jan", "er wordt gevochten", &media.message_id)).expect("written");
    hand.forward(1_000);
    let reply = sandbox.say(say("Bo", "waar?", &first.message_id)).expect("written");
    let path = format!(
        "/v26.0/{ACCOUNT}/media?fields=id,caption,timestamp,comments_count,comments.limit(50){{id,text,timestamp,username,from{{id,username}},replies{{id,text,username,parent_id}}}}"
    );
    let page = get(&sandbox, &path).await.json();
    assert_eq!(ids(&page["data"][0]["comments"]), [first.message_id.as_str()]);
    let shown = &page["data"][0]["comments"]["data"][0];
    assert_eq!(shown["from"], json!({"id": first.author_id, "username": "Jan"}));
    assert_eq!(shown["replies"]["data"][0]["parent_id"], json!(first.message_id));

    let path = format!("/v26.0/{}/replies", reply.message_id);
    let ours = login(&sandbox, "POST", &path, Some(json!({"message": "Bel 101."}))).await.json();
    let path = format!("/v26.0/{}/replies?fields=id,username", first.message_id);
    let below = get(&sandbox, &path).await.json();
    assert_eq!(ids(&below), [ours["id"].as_str().expect("an id"), reply.message_id.as_str()]);
    assert_eq!(
        (below["data"][0]["username"].as_str(), sandbox.replies_to(&reply.message_id)[0].by),
        (Some("pz_voorbeeld"), By::Service)
    );
    let top = get(&sandbox, &format!("/v26.0/{}/comments", media.message_id)).await.json();
    assert_eq!(ids(&top), [first.message_id.as_str()]);
    assert_eq!(sandbox.violations(), Vec::<String>::new());

    get(&sandbox, &format!("/v26.0/{}/comments?since=0", media.message_id)).await;
    assert_eq!(get(&sandbox, &format!("/v26.0/{}/comments?limit=51", media.message_id)).await.status, 400);
    let restricted = Flags { restricted: true, ..Flags::default() };
    sandbox.say(say("Lu", "hallo", &media.message_id).flags(restricted)).expect("written");
    let top = get(&sandbox, &format!("/v26.0/{}/comments", media.message_id)).await.json();
    assert_eq!(ids(&top).len(), 1, "a restricted person is not seen before approval");
    assert_eq!(sandbox.violations().len(), 2, "neither a time filter nor more than fifty: {:?}", sandbox.violations());
}

#[tokio::test]
async fn a_hidden_comment_takes_no_reply() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::InstagramComments, "Jan", "hallo")).expect("written");
    assert_eq!(post(&sandbox, &format!("/v26.0/{}", said.message_id), json!({"hide": true})).await.status, 200);
    let shown = get(&sandbox, &format!("/v26.0/{}?fields=hidden", said.message_id)).await.json();
    assert_eq!(shown["hidden"], json!(true));
    let path = format!("/v26.0/{}/replies", said.message_id);
    assert_eq!(post(&sandbox, &path, json!({"message": "Bel 101."})).await.status, 400);
    assert!(sandbox.replies_to(&said.message_id).is_empty());
}

#[tokio::test]
async fn a_colleague_answers_by_hand_on_instagram() {
    let (sandbox, hand) = night();
    let message = sandbox.say(Say::new(Feed::InstagramInbox, "Jan", "hallo")).expect("written");
    let comment = sandbox.say(Say::new(Feed::InstagramComments, "Bo", "hallo")).expect("written");
    sandbox.colleague(&Colleague::to(Feed::InstagramInbox, &message.message_id, "dag Jan")).expect("written");
    sandbox.colleague(&Colleague::to(Feed::InstagramComments, &comment.message_id, "dag Bo")).expect("written");
    sandbox.colleague(&Colleague::to(Feed::InstagramInbox, &comment.message_id, "en ook zo")).expect("written");
    let inbox = get(&sandbox, INBOX).await.json();
    assert_eq!(inbox["data"].as_array().map(Vec::len), Some(2), "the private answer opened a conversation");
    let jan = inbox["data"].as_array().expect("a list").iter().find(|thread| thread["id"] == message.thread_id);
    assert_eq!(jan.expect("his thread")["messages"]["data"][0]["from"]["id"], ACCOUNT);
    hand.forward(1_000);
    let below = get(&sandbox, &format!("/v26.0/{}/replies?fields=text", comment.message_id)).await.json();
    assert_eq!(below["data"][0]["text"], "dag Bo");
    let answers = sandbox.replies_to(&comment.message_id);
    let feeds: Vec<Feed> = answers.iter().map(|reply| reply.feed).collect();
    assert_eq!(feeds, [Feed::InstagramComments, Feed::InstagramInbox]);
    assert!(answers.iter().all(|reply| reply.by == By::Colleague));
}

#[tokio::test]
async fn a_comment_is_answered_privately_once_and_by_its_id_alone() {
    let (sandbox, hand) = night();
    let said = sandbox.say(Say::new(Feed::InstagramComments, "Jan", "er wordt gevochten")).expect("written");
    let body = json!({"recipient": {"comment_id": said.message_id}, "message": {"text": "Bel 101."}});
    let sent = login(&sandbox, "POST", &format!("/v26.0/{ACCOUNT}/messages"), Some(body.clone())).await.json();
    assert_eq!(sent["recipient_id"], json!(said.author_id));
    let again = post(&sandbox, &format!("/v26.0/{PAGE}/messages"), body).await.json();
    assert_eq!(again["error"]["code"], 10900);
    let inbox = get(&sandbox, INBOX).await.json();
    assert_eq!(inbox["data"][0]["messages"]["data"][0]["id"], sent["message_id"]);
    hand.forward(1_000);
    let media = json!({"recipient": {"comment_id": said.thread_id}, "message": {"text": "Bel 101."}});
    assert_eq!(post(&sandbox, &format!("/v26.0/{PAGE}/messages"), media).await.json()["error"]["code"], 100);
}

#[tokio::test]
async fn who_is_only_tagged_may_look_but_not_comment() {
    let (sandbox, hand) = night();
    for number in 0..3 {
        let say = Say::new(Feed::InstagramMentions, &format!("Burger {number}"), "kijk @pz_voorbeeld");
        sandbox.say(say).expect("written");
        hand.forward(1_000);
    }
    let path = format!("/v26.0/{ACCOUNT}/tags?fields=id,caption,username,timestamp,permalink&limit=2");
    let page = get(&sandbox, &path).await.json();
    assert_eq!((ids(&page).len(), &page["data"][0]["username"]), (2, &json!("Burger2")));
    assert!(page["paging"].get("next").is_none(), "cursors alone");
    let after = page["paging"]["cursors"]["after"].as_str().expect("a cursor");
    assert_eq!(ids(&get(&sandbox, &format!("{path}&after={after}")).await.json()).len(), 1);

    let tagged = ids(&page)[0];
    assert_eq!(post(&sandbox, &format!("/v26.0/{tagged}/comments"), json!({"message": "Bel 101."})).await.status, 400);
    assert_eq!(sandbox.violations().len(), 1);
    assert_eq!(get(&sandbox, &format!("/v26.0/{ACCOUNT}/mentions")).await.status, 400, "mentions are not listed");
}

#[tokio::test]
async fn instagram_shares_the_two_calls_a_second_of_the_page_or_has_its_own() {
    let (sandbox, hand) = night();
    let messenger = "/v26.0/me/conversations?platform=messenger";
    for path in [messenger, messenger, INBOX] {
        get(&sandbox, path).await;
    }
    assert_eq!(sandbox.violations().len(), 1);
    hand.forward(1_000);
    sandbox.set(&json!({"instagram_shares_conversation_limit": false})).expect("known");
    for path in [messenger, messenger, INBOX, INBOX] {
        get(&sandbox, path).await;
    }
    assert_eq!(sandbox.violations().len(), 1);
}
