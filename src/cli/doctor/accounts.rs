//! Each account: a token, proved; each feed, read once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{Patient, Report, way::Reached};
use crate::{
    auth::Renewal,
    cli::{
        accounts::Accounts,
        on_this_machine,
        run::{platforms, transport},
        stop::Stop,
    },
    clock::{before, between},
    config::Zone,
    http::Failure,
    model::Platform,
    platform,
};

/// So far back a feed is read.
const BACK: Duration = Duration::from_secs(60);
/// Longest wait for a page or a proof.
const WAIT: Duration = Duration::from_secs(60);
/// So long before its end a login is worth a word.
const SOON: Duration = Duration::from_secs(14 * 86_400);

/// Looks at every account whose platform can be reached.
pub async fn look(patient: &Patient, reached: &Reached, report: &mut Report) {
    let (mut proved, zone) = (BTreeMap::new(), &patient.zone);
    let accounts: BTreeSet<Platform> = zone.feeds.keys().map(|feed| feed.platform()).collect();
    for account in accounts {
        if !reached.contains(&account) {
            report.beware(account.name(), "not looked at, since it cannot be reached", "see above");
            continue;
        }
        let Some((renewals, platform)) = login(patient, account, report).await else { continue };
        let mut good = true;
        for renewal in renewals {
            // Two accounts may share one token.
            good &= match proved.get(renewal.name()) {
                Some(known) => *known,
                None => prove(patient, &renewal, report).await,
            };
            proved.insert(renewal.name(), good);
        }
        if good {
            feeds(patient, account, platform.as_ref(), report).await;
        }
    }
}

/// A zone with this account alone, and the Page's beside Instagram, which may lend its token.
fn alone(zone: &Zone, account: Platform) -> Zone {
    let mut alone = zone.clone();
    if !matches!(account, Platform::Facebook | Platform::Instagram) {
        alone.facebook = None;
    }
    if account != Platform::Instagram {
        alone.instagram = None;
    }
    if account != Platform::X {
        alone.x = None;
    }
    if account != Platform::Bluesky {
        alone.bluesky = None;
    }
    if account != Platform::Mastodon {
        alone.mastodon = None;
    }
    alone
}

type Login = (Vec<Arc<Renewal>>, Arc<dyn platform::Platform>);

/// The account's token, and the client that uses it.
async fn login(patient: &Patient, account: Platform, report: &mut Report) -> Option<Login> {
    let zone = alone(&patient.zone, account);
    let accounts = Accounts::new(patient.credentials.clone(), &patient.state, &zone.id, patient.clock);
    let made = async {
        let transport = transport(zone.api_bases().into_iter().map(|(_, base)| base))?;
        let logins = accounts.all(&zone, &transport).await?;
        Ok::<_, Stop>(platforms(&zone, &transport, patient.clock, &logins))
    };
    match made.await {
        Ok(mut clients) => Some((accounts.renewals(), clients.remove(&account)?)),
        Err(stop) => {
            let advice = format!("formez101 login {account} --zone {}, or put the credential there", zone.id);
            report.fault(account.name(), &stop.why, &advice);
            None
        }
    }
}

/// Asks the platform whether the token is good: with another one each feed would only say so again.
async fn prove(patient: &Patient, renewal: &Renewal, report: &mut Report) -> bool {
    let (name, again) = (renewal.name(), format!("formez101 login {} --zone {}", renewal.name(), patient.zone.id));
    let proof = patient.clock.within(WAIT, renewal.examine()).await.unwrap_or_else(|| Err(Failure::later("no answer")));
    match proof {
        Ok(None) => {
            report.well(name, "its token is renewed as soon as the service runs: not tried here");
            return false;
        }
        Ok(Some(ends)) => match ends.token.into_iter().chain(ends.data).min() {
            Some(end) if between(patient.clock.now(), end) < SOON => {
                report.beware(name, &format!("the token is good, and ends {}", on_this_machine(end)), &again);
            }
            Some(end) => report.well(name, &format!("the token is good until {}", on_this_machine(end))),
            None => report.well(name, "the token is good"),
        },
        Err(failure) => {
            let (found, advice) = words(&failure, &again);
            report.fault(name, &found, &advice);
            return false;
        }
    }
    true
}

async fn feeds(patient: &Patient, account: Platform, client: &dyn platform::Platform, report: &mut Report) {
    let again = format!("formez101 login {account} --zone {}", patient.zone.id);
    let since = before(patient.clock.now(), BACK);
    for feed in patient.zone.feeds.keys().filter(|feed| feed.platform() == account) {
        let page = patient.clock.within(WAIT, client.page(*feed, since, None)).await;
        match page.unwrap_or_else(|| Err(Failure::later("no answer"))) {
            Ok(_) => report.well(feed.name(), "can be read"),
            Err(failure) => {
                let (found, advice) = words(&failure, &again);
                report.fault(feed.name(), &found, &advice);
            }
        }
    }
}

/// What a failure is, and what to do about it.
fn words(failure: &Failure, again: &str) -> (String, String) {
    let (meaning, advice) = match failure {
        Failure::LoginNeeded { .. } => ("the platform does not take the token", format!("log in again: {again}")),
        Failure::Permission { .. } => (
            "the token lacks a permission, or whoever gave it a role",
            format!("log in again as somebody who manages the account, and grant everything: {again}"),
        ),
        Failure::Stopped { .. } => (
            "the platform refuses this altogether",
            "look at the application in the platform's developer portal: credit, review, or a token of another account"
                .to_owned(),
        ),
        Failure::Refused { .. } => (
            "the platform does not know what is asked for",
            "compare the account's number or handle in the zone's file with the platform's".to_owned(),
        ),
        Failure::Blocked { .. } => {
            ("the platform blocks the account", "look at the account in a browser: it says what happened".to_owned())
        }
        Failure::Bug { .. } => (
            "the platform calls our question wrong",
            "compare the account's number or handle and `version` in the zone's file; else it is our bug".to_owned(),
        ),
        Failure::Later { at: Some(at), .. } => (
            "the platform has had enough calls for now",
            format!("wait until {}; the service does so by itself", on_this_machine(*at)),
        ),
        _ => (
            "the platform does not answer as it should for now",
            "try again in some minutes; the service does so by itself".to_owned(),
        ),
    };
    (format!("{meaning} ({})", failure.code()), advice)
}
