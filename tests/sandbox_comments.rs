//! Comments on Facebook: posts of the Page and of visitors, two levels, private replies, folders.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod sandbox_common;

use formez101::sandbox::{By, Colleague, Feed, Flags, Said, Sandbox, Say};
use sandbox_common::{get, night, post};
use serde_json::{Value, json};

const PAGE: &str = "100000000000001";
const INBOX: &str = "/v26.0/100000000000001/conversations?platform=messenger";
const SEND: &str = "/v26.0/100000000000001/messages";
const NESTED: &str = "comments.filter(stream).order(reverse_chronological).limit(25){id,from{id},message,parent{id},can_reply_privately}";

fn visitor(sandbox: &Sandbox, text: &str) -> Said {
    let flags = Flags { visitor_post: true, ..Flags::default() };
    sandbox.say(Say::new(Feed::FacebookComments, "Jan", text).flags(flags)).expect("written")
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("a list").iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

fn privately(key: &str, id: &str) -> Value {
    json!({"recipient": {key: id}, "message": {"text": "Formez le 101."}})
}

#[tokio::test]
async fn each_list_of_posts_shows_its_own_and_the_feed_shows_all() {
    let (sandbox, hand) = night();
    let own = sandbox.colleague(&Colleague::posts(Feed::FacebookComments, "Straatfeest")).expect("written");
    hand.forward(1_000);
    let left_here = visitor(&sandbox, "er ligt een boom op de weg");
    hand.forward(1_000);
    let tagged = sandbox.say(Say::new(Feed::FacebookMentions, "Bo", "dank u")).expect("written");
    let (own, left_here, tagged) = (own.message_id.as_str(), left_here.message_id.as_str(), tagged.message_id.as_str());
    assert!(left_here.starts_with("100000000000001_"), "a visitor's post carries the Page's id");

    let expected = [
        ("feed", vec![tagged, left_here, own]),
        ("posts", vec![own]),
        ("published_posts", vec![own]),
        ("visitor_posts", vec![left_here]),
        ("tagged", vec![tagged]),
    ];
    for (edge, wanted) in expected {
        let page = get(&sandbox, &format!("/v26.0/{PAGE}/{edge}?fields=id,from,message")).await.json();
        assert_eq!(ids(&page), wanted, "{edge}");
        for post in page["data"].as_array().expect("a list") {
            assert_eq!(post.get("from").is_some(), post["id"] != tagged, "{edge}: who tags elsewhere stays unnamed");
        }
    }
    assert_eq!(sandbox.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn what_answers_a_reply_stands_beside_it_below_the_first_comment() {
    let (sandbox, hand) = night();
    let first = sandbox.say(Say::new(Feed::FacebookComments, "Jan", "er wordt gevochten")).expect("written");
    hand.forward(1_000);
    let reply =
        sandbox.say(Say::new(Feed::FacebookComments, "Bo", "waar?").thread(&first.message_id)).expect("written");
    hand.forward(1_000);
    let path = format!("/v26.0/{}/comments?fields=id,parent{{id}}", reply.message_id);
    let ours = post(&sandbox, &path, json!({"message": "Bel 101."})).await.json();
    assert_eq!(ours["parent"], json!({"id": first.message_id}), "read back at once, because fields were named");
    assert_eq!(sandbox.replies_to(&reply.message_id)[0].by, By::Service, "but it answers whom it answered");

    let page = get(&sandbox, &format!("/v26.0/{PAGE}/feed?fields=id,{NESTED}")).await.json();
    let stream = &page["data"][0]["comments"];
    assert_eq!(ids(stream).len(), 3);
    assert_eq!(stream["data"][0]["id"], ours["id"], "the newest first");
    assert_eq!(stream["data"][1]["parent"]["id"], json!(first.message_id));
    assert!(stream["data"][2].get("parent").is_none(), "the first level has no parent");

    let edge = format!("/v26.0/{}/comments", first.thread_id);
    assert_eq!(ids(&get(&sandbox, &edge).await.json()), [first.message_id.as_str()], "the first level alone");
    assert_eq!(ids(&get(&sandbox, &format!("{edge}?filter=stream&summary=true")).await.json()).len(), 3);
    let below = get(&sandbox, &format!("/v26.0/{}/comments", first.message_id)).await.json();
    assert_eq!(ids(&below), [reply.message_id.as_str(), ours["id"].as_str().expect("an id")]);
}

#[tokio::test]
async fn paging_and_since_reach_every_comment_once() {
    let (sandbox, hand) = night();
    let own = sandbox.colleague(&Colleague::posts(Feed::FacebookComments, "Straatfeest")).expect("written");
    for number in 0..7 {
        let say = Say::new(Feed::FacebookComments, &format!("Burger {number}"), "hallo").thread(&own.thread_id);
        sandbox.say(say).expect("written");
        hand.forward(1_000);
    }
    let mut path =
        format!("/v26.0/{}?fields=comments.filter(stream).order(reverse_chronological).limit(3){{id}}", own.thread_id);
    let (mut seen, mut first) = (Vec::new(), true);
    loop {
        let back = get(&sandbox, &path).await.json();
        let page = if first { &back["comments"] } else { &back };
        first = false;
        seen.extend(ids(page).iter().map(|id| (*id).to_owned()));
        match page["paging"]["next"].as_str() {
            Some(next) => path = next.replace("http://sandbox", ""),
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7);
    let since = sandbox_common::NIGHT / 1_000 + 5;
    let late = get(&sandbox, &format!("/v26.0/{}/comments?filter=stream&since={since}", own.thread_id)).await.json();
    assert_eq!(ids(&late).len(), 2);
}

#[tokio::test]
async fn a_private_reply_is_given_once_and_stands_in_the_conversation_of_that_person() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::FacebookComments, "Jan", "er wordt gevochten")).expect("written");
    let path = format!("/v26.0/{}?fields=can_reply_privately,private_reply_conversation", said.message_id);
    let before = get(&sandbox, &path).await.json();
    assert_eq!((&before["can_reply_privately"], before.get("private_reply_conversation")), (&json!(true), None));

    let sent = post(&sandbox, SEND, privately("comment_id", &said.message_id)).await.json();
    let psid = sent["recipient_id"].as_str().expect("an id");
    assert_ne!(psid, said.author_id, "the comment shows another id than the one by which he is written to");
    let after = get(&sandbox, &path).await.json();
    assert_eq!(after["can_reply_privately"], json!(false));
    let inbox = get(&sandbox, &format!("{INBOX}&fields=id,messages{{id,from{{id}},message}}")).await.json();
    assert_eq!(after["private_reply_conversation"]["id"], inbox["data"][0]["id"]);
    assert_eq!(inbox["data"][0]["messages"]["data"][0]["id"], sent["message_id"]);
    assert_eq!(inbox["data"][0]["messages"]["data"][0]["from"]["id"], PAGE);

    let again = post(&sandbox, SEND, privately("comment_id", &said.message_id)).await.json();
    assert_eq!(again["error"]["code"], 10900);
    let more = json!({"recipient": {"id": psid}, "messaging_type": "RESPONSE", "message": {"text": "Nog iets?"}});
    assert_eq!(post(&sandbox, SEND, more).await.json()["error"]["error_subcode"], 2_018_278, "he must answer first");
    let replies = sandbox.replies_to(&said.message_id);
    assert_eq!((replies.len(), replies[0].feed), (1, Feed::FacebookInbox));
    assert_eq!(sandbox.snapshot()["replies"][&said.message_id][0]["surface"], "private");
}

#[tokio::test]
async fn a_private_reply_has_its_limits() {
    let (sandbox, _hand) = night();
    let old = sandbox.say(Say::new(Feed::FacebookComments, "An", "lang geleden").at("-8d")).expect("written");
    let late = post(&sandbox, SEND, privately("comment_id", &old.message_id)).await.json();
    assert_eq!(late["error"]["error_subcode"], 2_534_025);
    sandbox.set(&json!({"graph_late_private_reply": [10903, 0]})).expect("known");
    let late = post(&sandbox, SEND, privately("comment_id", &old.message_id)).await.json();
    assert_eq!((&late["error"]["code"], late["error"].get("error_subcode")), (&json!(10903), None));

    let gone = Flags { cannot_receive: true, ..Flags::default() };
    let gone = sandbox.say(Say::new(Feed::FacebookComments, "Bo", "hallo").flags(gone)).expect("written");
    assert_eq!(post(&sandbox, SEND, privately("comment_id", &gone.message_id)).await.json()["error"]["code"], 10903);

    let left_here = visitor(&sandbox, "boom op de weg");
    assert_eq!(post(&sandbox, SEND, privately("post_id", &left_here.message_id)).await.status, 200);
    assert_eq!(sandbox.violations(), Vec::<String>::new());
    let tagged = sandbox.say(Say::new(Feed::FacebookMentions, "Bo", "dank u")).expect("written");
    assert_eq!(post(&sandbox, SEND, privately("post_id", &tagged.message_id)).await.json()["error"]["code"], 100);
    assert_eq!(sandbox.violations().len(), 1, "only posts on the Page itself can be answered privately");

    sandbox.set(&json!({"graph_private_reply_refuses_messaging_type": true})).expect("known");
    let new = sandbox.say(Say::new(Feed::FacebookComments, "Lu", "hallo")).expect("written");
    let mut typed = privately("comment_id", &new.message_id);
    typed["messaging_type"] = json!("RESPONSE");
    assert_eq!(post(&sandbox, SEND, typed).await.json()["error"]["code"], 100);
}

#[tokio::test]
async fn a_colleague_may_have_given_the_private_reply() {
    let (sandbox, _hand) = night();
    let said = sandbox.say(Say::new(Feed::FacebookComments, "Jan", "er wordt gevochten")).expect("written");
    sandbox.colleague(&Colleague::to(Feed::FacebookInbox, &said.message_id, "wij komen")).expect("written");
    assert_eq!(post(&sandbox, SEND, privately("comment_id", &said.message_id)).await.json()["error"]["code"], 10900);
    let replies = sandbox.replies_to(&said.message_id);
    assert_eq!((replies[0].by, replies[0].feed), (By::Colleague, Feed::FacebookInbox));
}

#[tokio::test]
async fn a_comment_may_come_without_its_author_and_under_either_id() {
    let (sandbox, _hand) = night();
    sandbox.set(&json!({"graph_comment_author_is_psid": true})).expect("known");
    let said = sandbox.say(Say::new(Feed::FacebookComments, "Jan", "hallo")).expect("written");
    let sent = post(&sandbox, SEND, privately("comment_id", &said.message_id)).await.json();
    assert_eq!(sent["recipient_id"], json!(said.author_id));

    let path = format!("/v26.0/{}?fields=from,message", said.message_id);
    assert_eq!(get(&sandbox, &path).await.json()["from"]["id"], json!(said.author_id));
    sandbox.set(&json!({"graph_comments_hide_author": true})).expect("known");
    assert!(get(&sandbox, &path).await.json().get("from").is_none());
    let ours =
        post(&sandbox, &format!("/v26.0/{}/comments", said.message_id), json!({"message": "Bel 101."})).await.json();
    let path = format!("/v26.0/{}?fields=from", ours["id"].as_str().expect("an id"));
    assert_eq!(get(&sandbox, &path).await.json()["from"]["id"], PAGE, "the Page is never hidden from itself");
}

#[tokio::test]
async fn a_list_without_a_folder_is_the_inbox_or_everything() {
    let (sandbox, hand) = night();
    for folder in ["inbox", "page_done", "other", "pending", "spam"] {
        let flags = Flags { folder: Some(folder.to_owned()), ..Flags::default() };
        sandbox.say(Say::new(Feed::FacebookInbox, &format!("Burger {folder}"), "hallo").flags(flags)).expect("written");
    }
    for folder in ["inbox", "page_done", "other", "pending", "spam"] {
        hand.forward(1_000);
        let page = get(&sandbox, &format!("{INBOX}&folder={folder}&fields=id,folder")).await.json();
        assert_eq!((ids(&page).len(), &page["data"][0]["folder"]), (1, &json!(folder)));
    }
    hand.forward(1_000);
    assert_eq!(ids(&get(&sandbox, INBOX).await.json()).len(), 1);
    sandbox.set(&json!({"graph_list_shows_all_folders": true, "graph_folders": ["inbox", "spam"]})).expect("known");
    hand.forward(1_000);
    assert_eq!(ids(&get(&sandbox, INBOX).await.json()).len(), 5);
    hand.forward(1_000);
    assert_eq!(get(&sandbox, &format!("{INBOX}&folder=other")).await.json()["error"]["code"], 100);
}
