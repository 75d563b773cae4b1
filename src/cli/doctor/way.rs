//! The way to each platform: name, connection, proxy, certificate, and whether its clock agrees with ours.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use http::Method;
use jiff::{Timestamp, fmt::rfc2822};
use oauth2::url::Url;
use tokio::net::{TcpStream, lookup_host};

use super::{Patient, Report};
use crate::{
    cli::run::transport,
    config::written_duration,
    http::{Answer, Call, Lost, Proof},
    model::Platform,
};

/// Longest wait for a name or a connection.
const WAIT: Duration = Duration::from_secs(10);
/// A clock that is off by more makes signatures and times of messages wrong.
const OFF: Duration = Duration::from_secs(60);

/// The platforms that can be reached.
pub type Reached = BTreeSet<Platform>;

/// Tries the way to each platform of the zone; platforms on one host share theirs.
pub async fn look(patient: &Patient, report: &mut Report) -> Reached {
    let (mut reached, mut known) = (Reached::new(), BTreeMap::new());
    for (platform, base) in patient.zone.api_bases() {
        let Ok(url) = Url::parse(base) else { continue };
        let origin = url.origin().ascii_serialization();
        if let Some(well) = known.get(&origin) {
            if *well {
                reached.insert(platform);
            }
            continue;
        }
        let well = go(patient, &url, report).await;
        known.insert(origin, well);
        if well {
            reached.insert(platform);
        }
    }
    reached
}

async fn go(patient: &Patient, url: &Url, report: &mut Report) -> bool {
    let host = url.host_str().unwrap_or_default().to_owned();
    let proxy = proxy(url);
    let (first, what) = match &proxy {
        Some(proxy) => (proxy, format!("proxy {}", proxy.host_str().unwrap_or_default())),
        None => (url, host.clone()),
    };
    if !connects(patient, first, &what, report).await {
        return false;
    }
    match asked(url).await {
        Ok(answer) => {
            clock(patient, &answer, &host, report);
            true
        }
        Err(Lost::NotSent) if url.scheme() == "https" => {
            report.fault(
                &host,
                "answers, and no protected connection comes about: its certificate is not trusted here, or something in between answers in its place",
                "where a proxy inspects TLS, put its root certificate into the system's store (update-ca-certificates)",
            );
            false
        }
        Err(_) => {
            report.fault(
                &host,
                "takes the connection and gives no answer",
                "look at the firewall or the proxy; else it is the platform's trouble and passes",
            );
            false
        }
    }
}

/// The proxy that the environment names for an address, as the HTTP client takes it.
fn proxy(url: &Url) -> Option<Url> {
    let read = |name: &str| {
        std::env::var(name.to_uppercase()).or_else(|_| std::env::var(name)).ok().filter(|value| !value.is_empty())
    };
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    let spared = read("no_proxy").is_some_and(|list| {
        list.split(',')
            .map(|item| item.trim().trim_start_matches('.'))
            .any(|item| item == "*" || host == item || !item.is_empty() && host.ends_with(&format!(".{item}")))
    });
    let named = read(&format!("{}_proxy", url.scheme())).or_else(|| read("all_proxy")).filter(|_| !spared)?;
    Url::parse(&named).or_else(|_| Url::parse(&format!("http://{named}"))).ok()
}

async fn connects(patient: &Patient, url: &Url, what: &str, report: &mut Report) -> bool {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(443));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let found = patient.clock.within(WAIT, lookup_host((host, port))).await;
    let Some(Ok(addresses)) = found else {
        report.fault(
            what,
            "its name is not known: DNS gives no address",
            "look at /etc/resolv.conf and at the name server (resolvectl query)",
        );
        return false;
    };
    for address in addresses {
        if let Some(Ok(_)) = patient.clock.within(WAIT, TcpStream::connect(address)).await {
            return true;
        }
    }
    report.fault(
        what,
        &format!("no connection to port {port}: refused, or no answer"),
        "let outgoing connections through the firewall, or name the network's proxy in HTTPS_PROXY (deploy/drop-ins/proxy.conf)",
    );
    false
}

/// Any answer will do.
async fn asked(url: &Url) -> Result<Answer, Lost> {
    let url = url.as_str().trim_end_matches('/').to_owned();
    let transport = transport([url.as_str()]).map_err(|_| Lost::Forbidden)?;
    let call = Call {
        method: Method::GET,
        url: format!("{url}/"),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
        proof: Proof::None,
    };
    transport.send(call).await
}

fn clock(patient: &Patient, answer: &Answer, host: &str, report: &mut Report) {
    let date = answer.headers.get(http::header::DATE).and_then(|date| date.to_str().ok());
    let theirs = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp());
    let off = |theirs: Timestamp| patient.clock.now().duration_since(theirs).unsigned_abs();
    match theirs.map(off) {
        Some(off) if off > OFF => {
            let off = written_duration(Duration::from_secs(off.as_secs()));
            report.fault(
                host,
                &format!("is reached; this machine's clock and its clock differ by {off}"),
                "set the clock right: timedatectl set-ntp true, or systemctl status chrony",
            );
        }
        _ => report.well(host, "is reached, and the clocks agree"),
    }
}
