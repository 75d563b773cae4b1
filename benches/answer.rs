//! What an answered message costs the service, as a ratio: its processor time against that of a bare loop which makes the
//! same calls and forces as much to the disk. `cargo bench --bench answer`. Nothing is asserted: machines differ, and so
//! do the programs beside it; the ratio is what can be compared.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap ends the measurement, which is well")]

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use formez101::{
    clock::Clock,
    http::{Body, Call, HttpTransport, Transport as _},
    ledger::{SqliteStore, Store as _},
};
use serde_json::{Value, json};

const PEOPLE: usize = 3_000;
const PROGRAM: &str = env!("CARGO_BIN_EXE_formez101");
/// What Linux counts processor time in: hundredths of a second.
const TICKS: f64 = 100.0;
/// Messages on a page of the list.
const PAGE: usize = 100;

/// A program that ends with the measurement.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; nothing is left to do then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The processor time that a process has used, in seconds.
fn used(process: &str) -> f64 {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    // The name in brackets may hold blanks; user and system time are the 12th and 13th after it.
    let fields: Vec<&str> = line.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / TICKS
}

fn sandbox() -> (Program, String) {
    let mut child =
        Command::new(PROGRAM).args(["sandbox", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_start_matches("sandbox on ").split(';').next().unwrap().to_owned();
    (Program(child), address)
}

fn service(folder: &Path, address: &str) -> Program {
    fs::create_dir_all(folder.join("zones")).unwrap();
    let zone = format!(
        "mode = \"reply\"\n[zone]\nname = \"Politiezone Voorbeeld\"\nlanguages = [\"nl\"]\n[facebook]\npage = \"100000000000001\"\n\
         api_base = \"{address}\"\npoll = \"1s\"\n"
    );
    fs::write(folder.join("zones/bench.toml"), zone).unwrap();
    fs::write(folder.join("facebook.token"), "sandbox-page-token").unwrap();
    let child = Command::new(PROGRAM)
        .args(["run", "--zone", "bench"])
        .args(["--config-dir".as_ref(), folder.as_os_str(), "--credentials-dir".as_ref(), folder.as_os_str()])
        .args(["--state-dir".as_ref(), folder.join("state").as_os_str()])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Program(child)
}

async fn call(transport: &HttpTransport, call: Call) -> Value {
    let answer = transport.send(call).await.map_err(|lost| format!("{lost:?}")).unwrap();
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body).unwrap()
}

/// Everybody writes; returns their ids.
async fn all_write(transport: &HttpTransport, address: &str) -> Vec<String> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let body = json!({"feed": "facebook.inbox", "from": format!("Burger {number}"), "text": "Er wordt gevochten"});
        let say = Call::post(format!("{address}/control/say"), "".into(), Body::Json(body));
        people.push(call(transport, say).await["author_id"].as_str().unwrap().to_owned());
    }
    people
}

fn forced(file: &mut File) {
    file.write_all(&[101; 512]).unwrap();
    file.sync_data().unwrap();
}

/// The same calls, and as much forced to the disk: for each page once, before each post, and after it.
async fn bare(transport: &HttpTransport, address: &str, people: &[String], pages: usize, file: &mut File) {
    let token = || "sandbox-page-token".into();
    let list = format!("{address}/v26.0/100000000000001/conversations");
    for _ in 0..pages {
        let get = Call::get(list.clone(), token())
            .with("platform", "messenger")
            .with("limit", PAGE.to_string())
            .with("fields", "id,updated_time,messages.limit(10){id,created_time,from,message}");
        call(transport, get).await;
        forced(file);
    }
    let send = format!("{address}/v26.0/100000000000001/messages");
    for person in people {
        forced(file);
        let body = json!({"recipient": {"id": person}, "messaging_type": "RESPONSE", "message": {"text": "Bel 101."}});
        call(transport, Call::post(send.clone(), token(), Body::Json(body))).await;
        forced(file);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let clock = Clock::system();
    let folder = tempfile::tempdir().unwrap();
    let (_platform, address) = sandbox();
    let transport = HttpTransport::new([address.as_str()]).unwrap();
    let service = service(folder.path(), &address);
    clock.sleep(Duration::from_secs(5)).await;
    let idle = used(&service.0.id().to_string());
    let people = all_write(&transport, &address).await;
    let ledger = SqliteStore::open(&folder.path().join("state/ledger.sqlite")).await.unwrap();
    let sent = || async { ledger.figures().await.unwrap().outcomes.iter().map(|count| count.total).sum::<u64>() };
    while sent().await < PEOPLE as u64 {
        clock.sleep(Duration::from_secs(1)).await;
    }
    let ours = used(&service.0.id().to_string()) - idle;
    drop(service);
    let world = call(&transport, Call::get(format!("{address}/control/world"), "".into())).await;
    let list = |one: &&Value| one["path"].as_str().is_some_and(|path| path.contains("/conversations"));
    let pages = world["requests"].as_array().unwrap().iter().filter(list).count();

    let mut file = File::create(folder.path().join("bare")).unwrap();
    let before = used("self");
    bare(&transport, &address, &people, pages, &mut file).await;
    let bare = used("self") - before;
    let each = |seconds: f64| seconds * 1e6 / f64::from(u32::try_from(PEOPLE).unwrap());
    println!("{PEOPLE} messages, {pages} pages of the list read meanwhile");
    println!("the service   {:>7.0} microseconds of processor time for each answered message", each(ours));
    println!("a bare loop   {:>7.0} microseconds for the same calls and the same bytes forced to the disk", each(bare));
    println!("ratio         {:>7.2}", ours / bare);
}
