//! The merged whole: does it make a zone? What single values cannot show is checked here.

use std::{collections::BTreeMap, time::Duration};

use super::{
    alerts::alerts,
    diagnostic::Diagnostic,
    duration::written,
    health::health,
    hosts::{self, Address, Verdict},
    layer::Places,
    opening, polling, quiet,
    schema::joined,
    secrets::quoted,
    suggest::any_of,
    texts,
    wire::{BlueskyTable, FacebookTable, FeedTable, InstagramTable, MastodonTable, Wire, XTable},
    zone::{
        Bluesky, Facebook, FeedSettings, Instagram, InstagramLogin, KnownAccounts, Mastodon, Policy, PublicReplies,
        When, X, Zone,
    },
};
use crate::{
    model::{Feed, Language, Platform},
    reply::{Facts, opening_hours},
};

const DAY: Duration = Duration::from_hours(24);

/// The zone, to be used only when nothing is found: where something is missing, it holds a stand-in so that the rest can be checked.
pub fn zone(id: &str, wire: Wire, places: &Places) -> (Zone, Vec<Diagnostic>) {
    let mut check = Check { places, found: Vec::new() };
    check.languages(&wire);
    check.accounts(&wire);
    let instagram = instagram(&wire);
    for (platform, api_base) in [
        (Platform::Facebook, Some(&wire.facebook.api_base)),
        // Without one of its own it is asked where the Page is.
        (Platform::Instagram, wire.instagram.api_base.as_ref()),
        (Platform::X, Some(&wire.x.api_base)),
        (Platform::Bluesky, Some(&wire.bluesky.api_base)),
    ] {
        if let Some(api_base) = api_base {
            check.host(platform, api_base, hosts::official(platform), wire.allow_other_hosts);
        }
    }
    if let Some(api_base) = &wire.mastodon.api_base {
        // Only the server that the account's handle names may have its token.
        let server: Vec<&str> = wire.mastodon.server().into_iter().collect();
        check.host(Platform::Mastodon, api_base, &server, wire.allow_other_hosts);
    } else if wire.mastodon.account.is_some() && wire.mastodon.server().is_none() {
        check.missing(
            "mastodon.account",
            "`account` of [mastodon] does not say on which server it is",
            "write the whole handle, such as `account = \"zpexemple@mastodon.example\"`",
        );
    }
    check.retention(&wire);
    let mut facts = facts(&wire);
    let feeds = check.feeds(&wire, &instagram.api_base);
    let instagram = wire.instagram.account.is_some().then_some(instagram);
    let mut found = check.found;
    let quiet_period = quiet::period(wire.policy.quiet_period, &wire.zone.timezone, places, &mut found);
    let alerts = alerts(wire.alerts, places, &mut found);
    let health = health(wire.health, places, &mut found);
    let hours = opening::hours(wire.hours, wire.policy.when, places, &mut found);
    if let Some(hours) = &hours {
        let told = wire.zone.languages.iter().map(|language| (*language, opening_hours(hours, *language)));
        facts.opening_hours = told.filter(|(_, week)| !week.is_empty()).collect();
    }
    let texts = texts::collect(wire.reply, &wire.zone.languages, places);
    let zone = Zone {
        id: id.to_owned(),
        mode: wire.mode,
        languages: wire.zone.languages,
        bilingual: wire.zone.bilingual,
        timezone: wire.zone.timezone,
        facts,
        valid_until: wire.zone.valid_until,
        alerts,
        health,
        phrases: wire.triage.phrases(),
        texts,
        policy: Policy {
            cooldown: wire.policy.cooldown,
            cooldown_urgent: wire.policy.cooldown_urgent,
            max_age: wire.policy.max_age,
            colleague_silence: wire.policy.colleague_silence,
            public_cap_per_hour: wire.policy.public_cap_per_hour,
            when: wire.policy.when,
            unanswered_after: wire.policy.unanswered_after,
            retention: wire.policy.retention,
            quiet_period,
        },
        hours,
        facebook: facebook(wire.facebook),
        instagram,
        x: x(wire.x),
        bluesky: bluesky(wire.bluesky),
        mastodon: mastodon(wire.mastodon),
        feeds,
    };
    found.extend(texts::check(&zone, places));
    (zone, found)
}

fn facebook(table: FacebookTable) -> Option<Facebook> {
    Some(Facebook {
        page: table.page?,
        api_base: table.api_base,
        version: table.version,
        app_id: table.app_id,
        appsecret_proof: table.appsecret_proof,
        people: table.people,
        folders: table.folders,
        known: KnownAccounts { sisters: table.sisters, bots: table.bots },
    })
}

/// The Instagram account; where the file does not name the login, it is the Page's if there is a Page.
fn instagram(wire: &Wire) -> Instagram {
    let (table, facebook): (&InstagramTable, _) = (&wire.instagram, &wire.facebook);
    let page = table.page.clone().or_else(|| facebook.page.clone());
    let login =
        table.login.unwrap_or(if page.is_some() { InstagramLogin::Facebook } else { InstagramLogin::Instagram });
    let home = match login {
        InstagramLogin::Facebook => facebook.api_base.clone(),
        InstagramLogin::Instagram => "https://graph.instagram.com".to_owned(),
    };
    Instagram {
        account: table.account.clone().unwrap_or_default(),
        login,
        page,
        api_base: table.api_base.clone().unwrap_or(home),
        version: table.version.clone(),
        app_id: table.app_id.clone().or_else(|| facebook.app_id.clone()),
        appsecret_proof: facebook.appsecret_proof && login == InstagramLogin::Facebook,
        people: table.people,
        known: KnownAccounts { sisters: table.sisters.clone(), bots: table.bots.clone() },
    }
}

fn x(table: XTable) -> Option<X> {
    Some(X {
        account: table.account?,
        api_base: table.api_base,
        vocabulary: table.vocabulary,
        monthly_budget_usd: table.monthly_budget_usd,
        owned_app: table.owned_app,
        known: KnownAccounts { sisters: table.sisters, bots: table.bots },
    })
}

fn mastodon(table: MastodonTable) -> Option<Mastodon> {
    Some(Mastodon {
        api_base: table.address()?,
        account: table.account?,
        unlisted: table.unlisted,
        known: KnownAccounts { sisters: table.sisters, bots: table.bots },
    })
}

fn bluesky(table: BlueskyTable) -> Option<Bluesky> {
    Some(Bluesky {
        account: table.account?,
        api_base: table.api_base,
        known: KnownAccounts { sisters: table.sisters, bots: table.bots },
    })
}

/// The key that makes an account of a platform's table, and an example of its value.
const fn identity(platform: Platform) -> (&'static str, &'static str) {
    match platform {
        Platform::Facebook => ("page", "100000000000001"),
        Platform::Instagram => ("account", "17841400000000001"),
        Platform::X => ("account", "ZPExemple"),
        Platform::Bluesky => ("account", "zpexemple.bsky.social"),
        Platform::Mastodon => ("account", "zpexemple@mastodon.example"),
    }
}

struct Check<'a> {
    places: &'a Places,
    found: Vec<Diagnostic>,
}

impl Check<'_> {
    /// Notes what is missing, unless a mistake told already explains it.
    fn missing(&mut self, path: &str, problem: impl Into<String>, help: impl Into<String>) {
        if !self.places.explained(path) {
            self.found.push(Diagnostic::new(self.places.of(path), problem).help(help));
        }
    }

    fn languages(&mut self, wire: &Wire) {
        if wire.zone.languages.is_empty() {
            self.missing(
                "zone.languages",
                "the zone's languages are missing",
                "write below `[zone]`, in legal order: `languages = [\"fr\", \"nl\"]`",
            );
        }
        for language in wire.zone.languages.iter().filter(|language| !wire.zone.name.contains_key(language)) {
            self.missing(
                &format!("zone.name.{language}"),
                format!("the zone's name is missing in {}", language_name(*language)),
                format!("write below `[zone]`: `name = {{ {language} = \"...\" }}`, with one name per language"),
            );
        }
    }

    fn accounts(&mut self, wire: &Wire) {
        let mut wanted = 0;
        for (platform, given) in [
            (Platform::Facebook, wire.facebook.page.is_some()),
            (Platform::Instagram, wire.instagram.account.is_some()),
            (Platform::X, wire.x.account.is_some()),
            (Platform::Bluesky, wire.bluesky.account.is_some()),
            (Platform::Mastodon, wire.mastodon.account.is_some()),
        ] {
            let (key, example) = identity(platform);
            let opened = self.places.opens(platform.name());
            if opened && !given {
                self.missing(
                    &joined(platform.name(), key),
                    format!("[{platform}] lacks its `{key}`"),
                    format!("write below `[{platform}]`: `{key} = \"{example}\"`"),
                );
            }
            wanted += usize::from(opened || given || self.places.explained(&joined(platform.name(), key)));
        }
        if wanted == 0 {
            let problem = "the zone has no account: there is nothing to answer on";
            self.found
                .push(Diagnostic::new(self.places.top(), problem).help(
                    "write `[facebook]` with a `page`, or `[instagram]`, `[x]`, `[bluesky]` or `[mastodon]` with an `account`",
                ));
        }
        if wire.instagram.login == Some(InstagramLogin::Facebook)
            && wire.instagram.page.is_none()
            && wire.facebook.page.is_none()
        {
            self.missing(
                "instagram.page",
                "[instagram] lacks its `page`: with `login = \"facebook\"` the account is reached through its Page",
                "write below `[instagram]`: `page = \"100000000000001\"`, or `login = \"instagram\"`",
            );
        }
    }

    fn host(&mut self, platform: Platform, api_base: &str, hosts: &[&str], allow_other_hosts: bool) {
        let path = joined(platform.name(), "api_base");
        let Ok(address) = Address::parse(api_base) else {
            return;
        };
        let told =
            |host: &&str| host.strip_prefix('.').map_or((*host).to_owned(), |above| format!("one below {above}"));
        let official = any_of(&hosts.iter().map(told).collect::<Vec<_>>());
        let usual = hosts.first();
        let place = self.places.of(&path);
        match address.judge(hosts, allow_other_hosts) {
            Verdict::Allowed => {}
            Verdict::NeedsHttps => {
                let problem = format!(
                    "`api_base` of [{platform}] would send the token unprotected: only this machine may be reached over http://"
                );
                self.found
                    .push(Diagnostic::new(place, problem).help(format!("write `\"https://{}\"`", address.host())));
            }
            Verdict::OtherHost => {
                let whose = if hosts.is_empty() { "the account's own server" } else { &official };
                let problem = format!(
                    "`api_base` of [{platform}] points at {}: the token would go to a host that is not {whose}",
                    quoted(address.host())
                );
                let right = usual.map_or_else(
                    || "write the whole handle, with its server, as `account`, and remove this line".to_owned(),
                    |usual| format!("write `\"https://{usual}\"`, or remove the line"),
                );
                self.found.push(
                    Diagnostic::new(place, problem)
                        .help(right)
                        .help("for a stand-in use this machine, such as `\"http://127.0.0.1:8080\"`; other hosts need `allow_other_hosts = true` in the administrator's formez101.toml"),
                );
            }
        }
    }

    fn retention(&mut self, wire: &Wire) {
        let policy = &wire.policy;
        if policy.when == When::ClosedOrUnanswered && policy.unanswered_after >= policy.max_age {
            let problem = "`unanswered_after` is not shorter than `max_age`: what a colleague leaves would be too old to be answered";
            let help = format!("write less than `{}`, or a longer `max_age`", written(policy.max_age));
            self.found.push(Diagnostic::new(self.places.of("policy.unanswered_after"), problem).help(help));
        }
        if policy.retention < DAY {
            let problem = "`retention` is shorter than a day: a message could be forgotten and answered twice";
            self.found.push(
                Diagnostic::new(self.places.of("policy.retention"), problem)
                    .help("write `retention = \"30 days\"`, or at least `\"1d\"`"),
            );
            return;
        }
        let rules = [
            ("cooldown", policy.cooldown),
            ("cooldown_urgent", policy.cooldown_urgent),
            ("max_age", policy.max_age),
            ("colleague_silence", policy.colleague_silence),
        ];
        for (key, _) in rules.into_iter().filter(|(_, length)| *length > policy.retention) {
            let kept = written(policy.retention);
            let problem = format!(
                "`{key}` is longer than `retention` ({kept}): what it needs to remember would be deleted before"
            );
            let help = format!("write at most `{key} = \"{kept}\"`, or a longer `retention`");
            self.found.push(Diagnostic::new(self.places.of(&joined("policy", key)), problem).help(help));
        }
    }

    fn feeds(&mut self, wire: &Wire, instagram_base: &str) -> BTreeMap<Feed, FeedSettings> {
        let mut feeds = BTreeMap::new();
        let mut switched_off = 0;
        for feed in Feed::ALL {
            let (table, poll, api_base, given) = settings_of(wire, feed, instagram_base);
            let interval = table.poll.or(poll).unwrap_or_else(|| polling::default_interval(feed));
            let floor = polling::floor(feed, Address::parse(api_base).is_ok_and(|address| address.is_loopback()));
            // What it has from another feed is told there.
            if feed != Feed::MastodonInbox || table.poll.is_some() {
                self.not_below(floor, feed, interval);
            }
            if given && table.enabled {
                let settings = FeedSettings {
                    poll: interval,
                    floor,
                    reply_to: table.reply_to,
                    public_replies: table.public_replies.unwrap_or(PublicReplies::default_for(feed)),
                    muted_posts: table.muted_posts.clone(),
                };
                feeds.insert(feed, settings);
            }
            switched_off += usize::from(given && !table.enabled);
        }
        if feeds.is_empty() && switched_off > 0 {
            let problem = "every feed is switched off: the zone would be deaf";
            let help = "remove `enabled = false` from one feed; to read without posting write `mode = \"observe\"`, to stop posting `mode = \"pause\"`";
            self.found.push(Diagnostic::new(self.places.top(), problem).help(help));
        }
        feeds
    }

    fn not_below(&mut self, floor: Duration, feed: Feed, interval: Duration) {
        let platform = feed.platform().name();
        if self.places.explained(&joined(platform, "api_base")) {
            return;
        }
        let own = joined(feed.name(), "poll");
        let path = if self.places.given(&own).is_some() { own } else { joined(platform, "poll") };
        if interval < floor {
            let problem = format!(
                "`poll` of {feed} is too short: {} is less than the {} that the platform bears",
                written(interval),
                written(floor)
            );
            self.found.push(
                Diagnostic::new(self.places.of(&path), problem)
                    .help(format!("write at least `poll = \"{}\"` below `[{feed}]`", written(floor))),
            );
        }
    }
}

/// The zone's names, with a stand-in where one is missing, so that its texts can be checked all the same.
fn facts(wire: &Wire) -> Facts {
    let mut names = wire.zone.name.clone();
    let any = names.values().next().cloned().unwrap_or_else(|| "Zone".to_owned());
    for language in &wire.zone.languages {
        names.entry(*language).or_insert_with(|| any.clone());
    }
    let (phone, website) = (wire.zone.phone.clone(), wire.zone.website.clone());
    Facts { names, phone, website, ..Facts::default() }
}

/// A feed's own table, its platform's `poll`, its platform's address, and whether the account is there.
fn settings_of<'a>(
    wire: &'a Wire,
    feed: Feed,
    instagram_base: &'a str,
) -> (&'a FeedTable, Option<Duration>, &'a str, bool) {
    let (facebook, instagram, x, bluesky) = (&wire.facebook, &wire.instagram, &wire.x, &wire.bluesky);
    let table = match feed {
        Feed::FacebookInbox => &facebook.inbox,
        Feed::FacebookMentions => &facebook.mentions,
        Feed::FacebookComments => &facebook.comments,
        Feed::InstagramInbox => &instagram.inbox,
        Feed::InstagramComments => &instagram.comments,
        Feed::InstagramMentions => &instagram.mentions,
        Feed::XMentions => &x.mentions,
        Feed::XInbox => &x.inbox,
        Feed::BlueskyMentions => &bluesky.mentions,
        Feed::BlueskyInbox => &bluesky.inbox,
        Feed::MastodonMentions => &wire.mastodon.mentions,
        Feed::MastodonInbox => &wire.mastodon.inbox,
    };
    match feed.platform() {
        Platform::Facebook => (table, facebook.poll, &facebook.api_base, facebook.page.is_some()),
        Platform::Instagram => (table, instagram.poll, instagram_base, instagram.account.is_some()),
        Platform::X => (table, x.poll, &x.api_base, x.account.is_some()),
        Platform::Bluesky => (table, bluesky.poll, &bluesky.api_base, bluesky.account.is_some()),
        // Both feeds read one list: who sets the time of one means both.
        Platform::Mastodon => {
            let mastodon = &wire.mastodon;
            let api_base = mastodon.api_base.as_deref().unwrap_or_default();
            (table, mastodon.poll.or(mastodon.mentions.poll), api_base, mastodon.account.is_some())
        }
    }
}

/// A language by its English name.
const fn language_name(language: Language) -> &'static str {
    match language {
        Language::Fr => "French",
        Language::Nl => "Dutch",
        Language::De => "German",
        Language::En => "English",
    }
}
