//! The sandbox on a real socket: connections that break are really broken.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

mod sandbox_common;

use std::io::ErrorKind;
use std::time::Duration;

use formez101::sandbox::{Fault, FaultKind, Feed, Platform, Said, Sandbox, Say};
use sandbox_common::night;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

async fn on_a_port(
    sandbox: &Sandbox,
) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let sandbox = sandbox.clone();
    let server = tokio::spawn(async move {
        sandbox
            .serve(listener, async {
                let _ = stopped.await;
            })
            .await
    });
    (address, stop, server)
}

fn send(said: &Said) -> String {
    let body = format!(
        r#"{{"recipient":{{"id":"{}"}},"messaging_type":"RESPONSE","message":{{"text":"Bel 101."}}}}"#,
        said.author_id
    );
    format!(
        "POST /v26.0/me/messages HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer sandbox-page-token\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

async fn talk(address: std::net::SocketAddr, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn a_reset_after_acceptance_leaves_the_caller_in_doubt_and_the_answer_written() {
    let (sandbox, _hand) = night();
    let (address, stop, server) = on_a_port(&sandbox).await;
    let said = sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "hallo")).expect("written");

    sandbox.fault(Fault::new(FaultKind::ResetAfter).on(Platform::Facebook, "POST", "messages"));
    let broken = talk(address, &send(&said)).await.expect_err("no answer at all");
    assert_eq!(broken.kind(), ErrorKind::ConnectionReset);
    assert_eq!(sandbox.replies_to(&said.message_id).len(), 1, "it was accepted all the same");

    sandbox.fault(Fault::new(FaultKind::ResetBefore).on(Platform::Facebook, "POST", "messages"));
    assert!(talk(address, &send(&said)).await.is_err());
    assert_eq!(sandbox.replies_to(&said.message_id).len(), 1, "nothing was done");

    let good = talk(address, &send(&said)).await.expect("an answer");
    assert!(good.starts_with("HTTP/1.1 200") && good.contains("message_id"), "{good}");
    stop.send(()).expect("still serving");
    server.await.expect("no panic").expect("no error");
}

#[tokio::test]
async fn a_truncated_answer_ends_before_its_promised_length() {
    let (sandbox, _hand) = night();
    let (address, _stop, _server) = on_a_port(&sandbox).await;
    let said = sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "hallo")).expect("written");
    sandbox.fault(Fault::new(FaultKind::Truncate));
    let answer = talk(address, &send(&said)).await.expect("half an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let promised: usize = head
        .to_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ").and_then(|length| length.parse().ok()))
        .expect("a promised length");
    assert!(!body.is_empty() && body.len() < promised);
}

#[tokio::test]
async fn a_hanging_platform_does_not_hold_up_the_others() {
    let (sandbox, _hand) = night();
    let (address, _stop, _server) = on_a_port(&sandbox).await;
    let said = sandbox.say(Say::new(Feed::FacebookInbox, "Jan", "hallo")).expect("written");
    sandbox.fault(Fault::new(FaultKind::Timeout { ms: 60_000, processed: true }).on(
        Platform::Facebook,
        "POST",
        "messages",
    ));
    let request = send(&said);
    let hanging = tokio::time::timeout(Duration::from_millis(200), talk(address, &request)).await;
    assert!(hanging.is_err(), "nothing came");
    assert_eq!(sandbox.replies_to(&said.message_id).len(), 1, "but it was done");
    let me = "GET /2/users/me HTTP/1.1\r\nhost: sandbox\r\nauthorization: Bearer sandbox-x-token\r\nconnection: close\r\n\r\n";
    assert!(talk(address, me).await.expect("an answer").contains("PZVoorbeeld"));
}
