//! `formez101 login facebook`, and `login instagram` for an account that is reached through its Page.

use super::{Desk, failed, home, incomplete, instagram::MESSAGE_SWITCH, say, transport};
use crate::{
    auth::{
        Grant, Vault,
        meta::{FacebookFlow, Known, Need, Page, Path, needs},
    },
    cli::{
        Exit,
        accounts::{MetaPlace, given},
        stop::Stop,
    },
    http::Failure,
    model::{Feed, Platform, Ways},
};

/// What cannot be read back, and how it shows.
pub const ADVANCED_ACCESS: &str = "Whether the app has Advanced Access cannot be seen from here. If only messages of \
     people with a role on the app are shown, it has not: App Dashboard, App Review, Permissions and features.";

/// The Page's own login.
pub async fn page(desk: &mut Desk<'_>) -> Result<(), Stop> {
    let Some(settings) = desk.zone.facebook.clone() else { return Err(desk.no_account("facebook")) };
    login(desk, &MetaPlace::page(&settings), &settings.page).await
}

/// The login of an Instagram account that is reached through its Page.
pub async fn behind_page(desk: &mut Desk<'_>) -> Result<(), Stop> {
    let Some(settings) = desk.zone.instagram.clone() else { return Err(desk.no_account("instagram")) };
    let facebook = desk.zone.facebook.clone();
    let place = MetaPlace::instagram(&settings, facebook.as_ref(), &desk.credentials)?;
    say("This Instagram account is reached through its Page, with the Page's token: the login is Facebook's.");
    let page = settings.page.clone().unwrap_or_default();
    login(desk, &place, &page).await
}

/// One login with Facebook.
struct Attempt<'a> {
    place: &'a MetaPlace<'a>,
    /// The Page of the zone's file.
    page_id: &'a str,
    flow: FacebookFlow,
    /// The Instagram account of the zone's file, if it is reached with the token of this Page.
    linked: Option<String>,
    needs: Vec<Need>,
}

async fn login(desk: &mut Desk<'_>, place: &MetaPlace<'_>, page_id: &str) -> Result<(), Stop> {
    let vault = vault(desk, place, place.account)?;
    desk.can_keep(&vault).await?;
    let secret = desk.credentials.secret("facebook.app-secret")?;
    let app = place.app(secret).ok_or_else(|| {
        let why = "[facebook] lacks `app_id`: the number of the app, in the App Dashboard under Settings, Basic";
        Stop::new(Exit::Configuration, why)
    })?;
    let flow = FacebookFlow { api: place.api(&transport([place.api_base])?, desk.clock), app };
    let linked = linked_account(desk, place, page_id);
    let platforms: &[Platform] = match (place.name, &linked) {
        ("facebook", Some(_)) => &[Platform::Facebook, Platform::Instagram],
        ("facebook", None) => &[Platform::Facebook],
        _ => &[Platform::Instagram],
    };
    let needs = needs(Path::Facebook, &desk.feeds(platforms));
    let attempt = Attempt { place, page_id, flow, linked, needs };

    let again = vault.read().is_ok_and(|grant| grant.is_some());
    let page = attempt.page(desk, again).await?;
    let grant = attempt.grant(desk, &page).await?;
    say(ADVANCED_ACCESS);
    if page.id == page_id {
        return desk.keep(&vault, &grant).await;
    }
    let (table, account) = match place.name {
        "facebook" if desk.zone.facebook.is_some() => ("facebook", page.id.as_str()),
        "facebook" => ("instagram", page.id.as_str()),
        _ => ("instagram", place.account),
    };
    let id = &page.id;
    say(&format!("Write `page = \"{id}\"` below [{table}] in the zone's file: until then this login is not used."));
    desk.keep(&self::vault(desk, place, account)?, &grant).await
}

fn vault(desk: &Desk<'_>, place: &MetaPlace<'_>, account: &str) -> Result<Vault, Stop> {
    let credential = given(&desk.credentials, &format!("{}.token", place.name))?;
    Ok(Vault::new(&desk.state, place.name, account, credential))
}

impl Attempt<'_> {
    /// Sends the human to the dialog, and comes back with the Page.
    async fn page(&self, desk: &mut Desk<'_>, again: bool) -> Result<Page, Stop> {
        let scopes: Vec<&str> = self.needs.iter().filter(|need| !need.is_task).map(|need| need.name).collect();
        let dialog = home(self.place.api_base, "https://www.facebook.com");
        let config_id = desk.options.config_id.as_deref();
        let consent = self
            .flow
            .consent(dialog, desk.redirect(), &scopes, again, config_id)
            .map_err(|failure| failed("the login cannot begin", &failure))?;
        let code = desk.code(&consent).await?;
        let hint = "Facebook does not take the code (it works once), or not the app (app_id, facebook.app-secret)";
        let human = self.flow.human(&consent.redirect, &code).await.map_err(|failure| failed(hint, &failure))?;
        choose(desk, &self.flow, &human, self.page_id).await
    }

    /// Reads back what the Page's token may do, says so, and takes it if nothing is missing.
    async fn grant(&self, desk: &Desk<'_>, page: &Page) -> Result<Grant, Stop> {
        let known = self
            .flow
            .api
            .known(&self.flow.app, &page.access_token)
            .await
            .map_err(|failure| failed("Facebook does not say what the token may do", &failure))?;
        let mut complete = report(desk, page, &known, &self.needs);
        if let Some(account) = &self.linked {
            complete &= instagram(&self.flow, page, account).await?;
        }
        if !complete {
            return Err(incomplete());
        }
        Ok(Grant {
            obtained_at: Some(desk.clock.now()),
            ends_at: known.ends_at,
            data_ends_at: known.data_ends_at,
            ..Grant::fixed(page.access_token.clone())
        })
    }
}

/// The Instagram account of the zone's file, if it is reached with the token of this Page.
fn linked_account(desk: &Desk<'_>, place: &MetaPlace<'_>, page_id: &str) -> Option<String> {
    let instagram = desk.zone.instagram.as_ref()?;
    let same = MetaPlace::instagram(instagram, desk.zone.facebook.as_ref(), &desk.credentials).ok()?;
    let is_behind = same.name == place.name && same.account == place.account;
    (is_behind && instagram.page.as_deref() == Some(page_id)).then(|| instagram.account.clone())
}

/// The Page of the zone's file, else one that the human chooses.
async fn choose(
    desk: &mut Desk<'_>,
    flow: &FacebookFlow,
    human: &secrecy::SecretString,
    page_id: &str,
) -> Result<Page, Stop> {
    let mut pages = flow.pages(human).await.map_err(|failure| failed("Facebook does not list the Pages", &failure))?;
    if let Some(at) = pages.iter().position(|page| page.id == page_id) {
        return Ok(pages.swap_remove(at));
    }
    match flow.page(human, page_id).await {
        Ok(page) => return Ok(page),
        Err(failure @ Failure::Later { .. }) => return Err(failed("Facebook does not show the Page", &failure)),
        Err(_) => {}
    }
    if pages.is_empty() {
        let why = format!(
            "whoever logged in has no say on the Page {page_id}, nor on any other: he needs a role on it with the \
             tasks MESSAGING and MODERATE, and must choose the Page in the dialog"
        );
        return Err(Stop::new(Exit::Permission, why));
    }
    say(&format!("Whoever logged in has no say on the Page {page_id} of the zone's file, but on these:"));
    for (number, page) in (1..).zip(&pages) {
        say(&format!("  {number}  {} ({})", page.name, page.id));
    }
    say("Type the number of the zone's Page, or nothing to give up.");
    loop {
        let line = desk.terminal.line().await.unwrap_or_default();
        let line = line.trim();
        if line.is_empty() {
            return Err(Stop::new(Exit::Permission, "no Page was chosen; nothing has changed"));
        }
        match line.parse::<usize>() {
            Ok(number) if (1..=pages.len()).contains(&number) => return Ok(pages.swap_remove(number - 1)),
            _ => say(&format!("Type a number from 1 to {}.", pages.len())),
        }
    }
}

/// Says what the token may do and until when; `false` when something is missing.
fn report(desk: &Desk<'_>, page: &Page, known: &Known, needs: &[Need]) -> bool {
    say(&format!("Page {} ({})", page.name, page.id));
    match known.ends_at {
        None => say(
            "  The token does not end by itself: it dies with the password, the role or the app of whoever logged in.",
        ),
        Some(at) => say(&format!("  The token ends on {}.", desk.day(at))),
    }
    match known.data_ends_at {
        None => say("  Access to data does not lapse."),
        Some(at) => say(&format!("  Access to Instagram's data lapses on {}: log in again before then.", desk.day(at))),
    }
    let missing: Vec<&Need> = needs.iter().filter(|need| !is_granted(need, page, known)).collect();
    let granted = needs.iter().filter(|need| is_granted(need, page, known));
    say(&format!("  Granted: {}", granted.map(|need| need.name).collect::<Vec<_>>().join(", ")));
    for need in &missing {
        let (name, purpose) = (need.name, need.purpose);
        if need.is_task {
            say(&format!(
                "  MISSING the task {name} on the Page: it is needed {purpose}; an administrator of the Page gives it"
            ));
        } else {
            say(&format!("  MISSING the permission {name}: it is needed {purpose}"));
        }
    }
    if !known.is_valid {
        say("  Facebook calls the token invalid.");
    }
    missing.is_empty() && known.is_valid
}

/// Whether a permission or a task is there. Where Facebook does not tell the tasks, its refusals will.
fn is_granted(need: &Need, page: &Page, known: &Known) -> bool {
    if need.is_task {
        return page.tasks.as_ref().is_none_or(|tasks| tasks.iter().any(|task| task == need.name));
    }
    let elsewhere = need.name.starts_with("pages_")
        && known.targets.get(need.name).is_some_and(|pages| !pages.is_empty() && !pages.contains(&page.id));
    known.scopes.iter().any(|scope| scope == need.name) && !elsewhere
}

/// Looks for the Instagram account behind the Page; `false` when it is not there.
async fn instagram(flow: &FacebookFlow, page: &Page, account: &str) -> Result<bool, Stop> {
    let found = match flow.instagram(page).await {
        Ok(found) => found,
        Err(failure @ Failure::Later { .. }) => {
            return Err(failed("Facebook does not say which Instagram account is behind the Page", &failure));
        }
        Err(_) => None,
    };
    let Some(found) = found else {
        say("  MISSING an Instagram professional account behind the Page: link it in the settings of the Page");
        return Ok(false);
    };
    say(&format!("  Instagram: @{}, account {}", found.username, found.id));
    if found.id != account {
        say(&format!(
            "  MISSING the account {account} of the zone's file: write `account = \"{}\"` below [instagram]",
            found.id
        ));
        return Ok(false);
    }
    say(MESSAGE_SWITCH);
    Ok(true)
}

impl Desk<'_> {
    /// The feeds of these platforms that the zone reads, and whether their messages get private replies.
    pub fn feeds(&self, platforms: &[Platform]) -> Vec<(Feed, bool)> {
        let read = self.zone.feeds.iter().filter(|(feed, _)| platforms.contains(&feed.platform()));
        read.map(|(feed, settings)| {
            let private = settings.ways(*feed).is_some_and(|ways| ways != Ways::Direct);
            (*feed, private)
        })
        .collect()
    }
}
