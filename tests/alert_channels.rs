//! The ways to a human over real sockets: a mail server and a web server of the test's own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

use std::{
    collections::BTreeMap,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail server that takes everything, or refuses every letter with a code.
async fn mail_server(refusal: Option<&'static str>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, letters) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Vec<String>>>::default());
    let kept = Arc::clone(&letters);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take_letter(stream, Arc::clone(&kept), refusal));
        }
    });
    (port, letters)
}

async fn take_letter(stream: TcpStream, letters: Arc<Mutex<Vec<String>>>, refusal: Option<&'static str>) {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example.org\r\n").await.unwrap();
    let (mut line, mut letter) = (String::new(), None::<String>);
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        let said = std::mem::take(&mut line);
        let answer = match (&mut letter, said.trim_end()) {
            (Some(whole), ".") => {
                letters.lock().unwrap().push(std::mem::take(whole));
                letter = None;
                "250 taken"
            }
            (Some(whole), _) => {
                whole.push_str(&said);
                continue;
            }
            (None, "DATA") => {
                letter = Some(String::new());
                "354 go on"
            }
            (None, "QUIT") => return stream.write_all(b"221 bye\r\n").await.unwrap(),
            (None, said) if said.starts_with("RCPT") => refusal.unwrap_or("250 well"),
            (None, _) => "250 well",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
    }
}

/// What a web server was asked: its headers in small letters, and the body.
type Asked = (BTreeMap<String, String>, Vec<u8>);

/// A web server that says 204 to everything.
async fn web_server() -> (u16, Arc<Mutex<Vec<Asked>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, seen) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Vec<Asked>>>::default());
    let kept = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let asked = take_request(BufReader::new(stream)).await;
            kept.lock().unwrap().push(asked);
        }
    });
    (port, seen)
}

async fn take_request(mut stream: BufReader<TcpStream>) -> Asked {
    let (mut headers, mut line) = (BTreeMap::new(), String::new());
    while stream.read_line(&mut line).await.unwrap() > 2 {
        if let Some((name, value)) = line.split_once(": ") {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        line.clear();
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.unwrap();
    (headers, body)
}

/// What signs the notices of the tests.
const SECRET: (&str, &str) = ("webhook.secret", "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0\n");

/// `formez101 alert-test` on a zone with these alerts and these credentials.
async fn alert_test(alerts: &str, secrets: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let zone =
        "[zone]\nname = \"Zone de police Exemple\"\nlanguages = [\"fr\"]\n[facebook]\npage = \"100000000000001\"\n";
    write("config/zones/exemple.toml", &format!("{zone}{alerts}"));
    for (name, secret) in secrets {
        write(&format!("credentials/{name}"), secret);
    }
    std::fs::create_dir_all(folder.path().join("credentials")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_formez101"));
    command.args(["alert-test", "--zone", "exemple", "--config-dir"]).arg(folder.path().join("config"));
    command.arg("--credentials-dir").arg(folder.path().join("credentials"));
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_goes_over_every_way() {
    let (mail, letters) = mail_server(None).await;
    let (web, seen) = web_server().await;
    let output = alert_test(&format!(
        "[alerts]\nwebhook = \"http://127.0.0.1:{web}/hook\"\n[alerts.mail]\nto = [\"permanence@example.be\", \"chef@example.be\"]\n\
         from = \"formez101@example.be\"\nserver = \"127.0.0.1\"\nport = {mail}\nsecurity = \"none\"\n"
    ), &[SECRET])
    .await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), said.as_str()),
        (Some(0), "mail: the test was taken\nwebhook: the test was taken\n")
    );
    let letter = letters.lock().unwrap().join("");
    for part in
        ["To: permanence@example.be, chef@example.be", "Subject: [formez101 exemple] essai", "Ceci est un essai"]
    {
        assert!(letter.contains(part), "{letter}");
    }
    let (headers, body) = seen.lock().unwrap().pop().unwrap();
    let header = |name: &str| headers[name].clone();
    let signed = [header("webhook-id").as_bytes(), b".", header("webhook-timestamp").as_bytes(), b".", &body].concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret of the test");
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(hmac::sign(&key, &signed))));
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["type"], &body["zone"], &body["total"]), (&"test".into(), &"exemple".into(), &0.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_is_closed_is_named_with_what_to_do() {
    let (mail, _) = mail_server(Some("550 permanence@example.be is not known here")).await;
    let output = alert_test(&format!(
        "[alerts.mail]\nto = [\"permanence@example.be\"]\nfrom = \"formez101@example.be\"\nserver = \"127.0.0.1\"\nport = {mail}\n\
         security = \"none\"\n"
    ), &[])
    .await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "mail: refused (SMTP 550); look at [alerts] and at its credential\n");
    assert_eq!(output.status.code(), Some(69));
    let nobody = alert_test("", &[]).await;
    assert!(String::from_utf8(nobody.stdout).unwrap().starts_with("nobody is told"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_missing_or_wrong_is_named_and_never_shown() {
    let (mail, letters) = mail_server(None).await;
    let letter = format!(
        "[alerts.mail]\nto = [\"permanence@example.be\"]\nfrom = \"formez101@example.be\"\nserver = \"127.0.0.1\"\nport = {mail}\n\
         security = \"none\"\nuser = \"formez101\"\n"
    );
    let hook = "[alerts]\nwebhook = \"http://127.0.0.1:9/hook\"\n";
    for (alerts, secrets, code, words) in [
        (letter.as_str(), &[][..], 77, "smtp.password is missing"),
        (hook, &[], 77, "webhook.secret is missing"),
        (hook, &[("webhook.secret", "whsec_tres-secret!")], 78, "webhook.secret"),
        // The server offers no login: the password is not sent, and the letter is not either.
        (letter.as_str(), &[("smtp.password", "tres-secret")], 69, "mail: "),
    ] {
        let output = alert_test(alerts, secrets).await;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words) && !said.contains("tres-secret"), "{said}");
    }
    assert!(letters.lock().unwrap().is_empty());
}
