//! The Page's token: no renewal and no end of its own, but a human's data access lapses and his role may go.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{Given, MetaApi, MetaApp};
use crate::{
    auth::{Client, Consent, Ends, Grant, Issuer, Tokens},
    http::{Call, Failure, Proof, path_segment},
};

/// Pages asked for at a time, and how many such lists are followed.
const PAGES: &str = "100";
const MOST_LISTS: usize = 20;

/// Facebook for one Page.
pub struct PageToken {
    /// Where it is asked.
    pub api: MetaApi,
    /// The application, where its secret is at hand: it can say when a token ends.
    pub app: Option<MetaApp>,
}

#[async_trait]
impl Issuer for PageToken {
    fn due(&self, _: &Grant) -> Option<Timestamp> {
        None
    }

    async fn renew(&self, _: &Grant) -> Result<Grant, Failure> {
        Err(Failure::LoginNeeded { code: "a Page's token does not renew".into() })
    }

    async fn prove(&self, tokens: &Tokens, grant: &Grant) -> Result<Ends, Failure> {
        self.api.whose(tokens, self.app.as_ref()).await?;
        let known = match &self.app {
            Some(app) => self.api.known(app, &tokens.current()).await.ok(),
            None => None,
        };
        match known {
            Some(known) if !known.is_valid => Err(Failure::LoginNeeded { code: "the token is not valid".into() }),
            Some(known) => Ok(Ends { token: known.ends_at, data: known.data_ends_at }),
            None => Ok(Ends { token: grant.ends_at, data: grant.data_ends_at }),
        }
    }
}

/// What the platform says of a token.
#[derive(Debug)]
pub struct Known {
    /// Whether it works.
    pub is_valid: bool,
    /// Its end, if it has one.
    pub ends_at: Option<Timestamp>,
    /// The end of data access, if there is one.
    pub data_ends_at: Option<Timestamp>,
    /// The permissions that it carries.
    pub scopes: Vec<String>,
    /// For which Pages and accounts it carries them, where the platform says so.
    pub targets: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

#[derive(Deserialize)]
struct DebugToken {
    #[serde(default)]
    is_valid: bool,
    expires_at: Option<i64>,
    data_access_expires_at: Option<i64>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    granular_scopes: Vec<Granular>,
}

#[derive(Deserialize)]
struct Granular {
    scope: String,
    target_ids: Option<Vec<String>>,
}

impl MetaApi {
    /// What the application may know of a token. It draws on a small pool: once a day, not with every poll.
    ///
    /// # Errors
    /// When the platform does not say.
    pub async fn known(&self, app: &MetaApp, token: &SecretString) -> Result<Known, Failure> {
        let ours = format!("{}|{}", app.id, app.secret.expose_secret());
        let call = Call::get(self.url("debug_token"), ours.into()).with("input_token", token.expose_secret());
        let Data { data } = self.ask::<Data<DebugToken>>(call).await?;
        // Zero stands for never.
        let time = |seconds: Option<i64>| {
            seconds.filter(|second| *second > 0).and_then(|second| Timestamp::from_second(second).ok())
        };
        let targets = data.granular_scopes.into_iter();
        Ok(Known {
            is_valid: data.is_valid,
            ends_at: time(data.expires_at),
            data_ends_at: time(data.data_access_expires_at),
            scopes: data.scopes,
            targets: targets.filter_map(|granular| Some((granular.scope, granular.target_ids?))).collect(),
        })
    }
}

/// The steps of a login with Facebook.
pub struct FacebookFlow {
    /// Where they are taken.
    pub api: MetaApi,
    /// Through which application.
    pub app: MetaApp,
}

/// A Page of the human who logged in, with its token.
#[derive(Debug)]
pub struct Page {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its token: as long-lived as the human's token that it came with.
    pub access_token: SecretString,
    /// What the human may do on it, where the platform says so.
    pub tasks: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct PageList {
    #[serde(default)]
    data: Vec<ListedPage>,
    paging: Option<Paging>,
}

/// A Page without a token is one on which the human has no say.
#[derive(Deserialize)]
struct ListedPage {
    id: String,
    #[serde(default)]
    name: String,
    access_token: Option<String>,
    tasks: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Paging {
    next: Option<String>,
    cursors: Option<Cursors>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

/// The Instagram account behind a Page.
#[derive(Debug, Deserialize)]
pub struct LinkedInstagram {
    /// Its id: what the zone's file calls `account`.
    pub id: String,
    /// Its handle.
    #[serde(default)]
    pub username: String,
}

#[derive(Deserialize)]
struct WithInstagram {
    instagram_business_account: Option<LinkedInstagram>,
}

impl ListedPage {
    fn page(self) -> Option<Page> {
        Some(Page { id: self.id, name: self.name, access_token: self.access_token?.into(), tasks: self.tasks })
    }
}

impl FacebookFlow {
    /// The way to the login dialog at `home`. `again` renews the data access of a human who has logged in before; else
    /// he is asked again for what he declined. A `config_id` stands in the place of scopes (Login for Business).
    ///
    /// # Errors
    /// [`Failure::Bug`] when an address cannot be read.
    pub fn consent(
        &self,
        home: &str,
        redirect: &str,
        scopes: &[&str],
        again: bool,
        config_id: Option<&str>,
    ) -> Result<Consent, Failure> {
        let client = Client {
            token_url: self.api.url("oauth/access_token"),
            id: self.app.id.clone(),
            secret: None,
            secret_in_body: false,
        };
        let page = format!("{home}/{}/dialog/oauth", self.api.version);
        let mut more = vec![("auth_type", if again { "reauthorize" } else { "rerequest" })];
        more.extend(config_id.map(|id| ("config_id", id)));
        let scope = if config_id.is_some() { String::new() } else { scopes.join(",") };
        client.consent(&page, redirect, &scope, false, &more)
    }

    /// Turns a code into the human's token, and that into a long-lived one: a Page's token that comes with it does
    /// not end.
    ///
    /// # Errors
    /// When the platform takes neither; the code works once.
    pub async fn human(&self, redirect: &str, code: &SecretString) -> Result<SecretString, Failure> {
        let short = self.token(&[("redirect_uri", redirect), ("code", code.expose_secret())]).await?;
        let fields = [("grant_type", "fb_exchange_token"), ("fb_exchange_token", short.access_token.expose_secret())];
        Ok(self.token(&fields).await?.access_token)
    }

    /// Asks the token endpoint. The documented form is a GET, with all of it in the query.
    async fn token(&self, fields: &[(&'static str, &str)]) -> Result<Given, Failure> {
        let mut call = Call::get(self.api.url("oauth/access_token"), SecretString::default())
            .with("client_id", self.app.id.as_str())
            .with("client_secret", self.app.secret.expose_secret());
        call.proof = Proof::None;
        for (name, value) in fields {
            call = call.with(name, *value);
        }
        self.api.ask(call).await
    }

    /// Every Page that the human has a say on.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub async fn pages(&self, human: &SecretString) -> Result<Vec<Page>, Failure> {
        let (mut pages, mut after) = (Vec::new(), None);
        for _ in 0..MOST_LISTS {
            let mut call = self.api.get("me/accounts", human, Some(&self.app));
            call = call.with("fields", "id,name,access_token,tasks").with("limit", PAGES);
            if let Some(after) = after {
                call = call.with("after", after);
            }
            let list: PageList = self.api.ask(call).await?;
            pages.extend(list.data.into_iter().filter_map(ListedPage::page));
            after = list.paging.filter(|paging| paging.next.is_some()).and_then(|paging| paging.cursors?.after);
            if after.is_none() {
                break;
            }
        }
        Ok(pages)
    }

    /// One Page by its id: a Page of a business portfolio may be missing from the list.
    ///
    /// # Errors
    /// When the human has no say on it, or it cannot be read.
    pub async fn page(&self, human: &SecretString, id: &str) -> Result<Page, Failure> {
        let call = self.api.get(&path_segment(id), human, Some(&self.app)).with("fields", "id,name,access_token");
        let page: ListedPage = self.api.ask(call).await?;
        page.page().ok_or_else(|| Failure::Permission { code: "no token for this Page".into() })
    }

    /// The Instagram account behind a Page, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn instagram(&self, page: &Page) -> Result<Option<LinkedInstagram>, Failure> {
        let call = self.api.get(&path_segment(&page.id), &page.access_token, Some(&self.app));
        let found: WithInstagram = self.api.ask(call.with("fields", "instagram_business_account{id,username}")).await?;
        Ok(found.instagram_business_account)
    }
}
