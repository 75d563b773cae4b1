//! The zone's logins, from the vault or from the credentials, each with what keeps it alive.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use secrecy::{ExposeSecret as _, SecretString};

use super::stop::Stop;
use crate::{
    auth::{
        Account, BlueskySession, Client, CredentialError, Credentials, Grant, Issuer, Keys, MastodonToken, Renewal,
        Tokens, Vault, XToken,
        meta::{InstagramToken, MetaApi, MetaApp, PageToken},
    },
    clock::Clock,
    config::{self, InstagramLogin, Zone},
    http::Transport,
    ledger::LedgerError,
};

/// How long another process is let work on a vault before a start gives up.
const VAULT: Duration = Duration::from_secs(40);

/// The tokens of a zone's accounts.
#[derive(Default)]
pub struct Logins {
    /// The Page's.
    pub facebook: Option<Arc<Tokens>>,
    /// The Instagram account's; the same one as the Page's where it is reached through the Page.
    pub instagram: Option<Arc<Tokens>>,
    /// The X account's.
    pub x: Option<Arc<Tokens>>,
    /// The Bluesky account's.
    pub bluesky: Option<Arc<Tokens>>,
    /// The Mastodon account's.
    pub mastodon: Option<Arc<Tokens>>,
    /// The secret of Meta's app, where each call is to carry its proof.
    pub app_secret: Option<SecretString>,
}

/// The logins of a zone; each stays the same over a reload as long as its account does.
pub struct Accounts {
    credentials: Credentials,
    folder: PathBuf,
    zone: String,
    clock: Clock,
    made: Mutex<BTreeMap<&'static str, Made>>,
}

/// A login and what it is for: the account and where the platform is.
struct Made {
    account: String,
    root: String,
    tokens: Arc<Tokens>,
    renewal: Arc<Renewal>,
}

/// Whose login it is, and where: the vault's name, the account, the root of the platform's addresses.
type Who<'a> = (&'static str, &'a str, &'a str);

impl Accounts {
    /// No login yet. `folder` is the zone's state folder.
    pub fn new(credentials: Credentials, folder: &Path, zone: &str, clock: Clock) -> Self {
        Self { credentials, folder: folder.to_owned(), zone: zone.to_owned(), clock, made: Mutex::default() }
    }

    /// Every login that a zone needs.
    ///
    /// # Errors
    /// When there is none for an account, or a secret that belongs to it is missing.
    pub async fn all(&self, zone: &Zone, transport: &Arc<dyn Transport>) -> Result<Logins, Stop> {
        let mut logins = Logins::default();
        if let Some(facebook) = &zone.facebook {
            logins.facebook = Some(self.page(MetaPlace::page(facebook), transport).await?);
        }
        if let Some(instagram) = &zone.instagram {
            logins.instagram = Some(self.instagram(instagram, zone.facebook.as_ref(), transport).await?);
        }
        if let Some(x) = &zone.x {
            logins.x = Some(self.x(x, transport).await?);
        }
        if let Some(bluesky) = &zone.bluesky {
            logins.bluesky = Some(self.bluesky(bluesky, transport).await?);
        }
        if let Some(mastodon) = &zone.mastodon {
            // A login is kept under its server: it was made before anybody knew whose it would be.
            let who = ("mastodon", mastodon.api_base.as_str(), mastodon.api_base.as_str());
            let issuer = || MastodonToken {
                server: mastodon.api_base.clone(),
                transport: Arc::clone(transport),
                clock: self.clock,
            };
            logins.mastodon = Some(match self.kept(who) {
                Some(tokens) => tokens,
                None => self.fixed(who, Arc::new(issuer())).await?,
            });
        }
        if zone.facebook.as_ref().is_some_and(|facebook| facebook.appsecret_proof) {
            logins.app_secret = Some(self.credentials.secret("facebook.app-secret")?);
        }
        let used: Vec<&Arc<Tokens>> =
            [&logins.facebook, &logins.instagram, &logins.x, &logins.bluesky, &logins.mastodon]
                .into_iter()
                .filter_map(Option::as_ref)
                .collect();
        self.made().retain(|_, made| used.iter().any(|tokens| Arc::ptr_eq(tokens, &made.tokens)));
        Ok(logins)
    }

    /// What keeps the logins alive that the zone needed last.
    pub fn renewals(&self) -> Vec<Arc<Renewal>> {
        self.made().values().map(|made| Arc::clone(&made.renewal)).collect()
    }

    /// A Page's token, or the token of an Instagram account behind one.
    async fn page(&self, place: MetaPlace<'_>, transport: &Arc<dyn Transport>) -> Result<Arc<Tokens>, Stop> {
        let api = place.api(transport, self.clock);
        let root = format!("{}/{}", api.api_base, api.version);
        let who = (place.name, place.account, root.as_str());
        if let Some(tokens) = self.kept(who) {
            return Ok(tokens);
        }
        let app = given(&self.credentials, "facebook.app-secret")?.and_then(|secret| place.app(secret));
        self.fixed(who, Arc::new(PageToken { api, app })).await
    }

    /// Instagram's token: its own, or the Page's behind which the account is reached.
    async fn instagram(
        &self,
        instagram: &config::Instagram,
        facebook: Option<&config::Facebook>,
        transport: &Arc<dyn Transport>,
    ) -> Result<Arc<Tokens>, Stop> {
        let place = MetaPlace::instagram(instagram, facebook, &self.credentials)?;
        if instagram.login == InstagramLogin::Facebook {
            return self.page(place, transport).await;
        }
        let api = place.api(transport, self.clock);
        let root = format!("{}/{}", api.api_base, api.version);
        let who = (place.name, place.account, root.as_str());
        match self.kept(who) {
            Some(tokens) => Ok(tokens),
            None => self.fixed(who, Arc::new(InstagramToken { api })).await,
        }
    }

    /// A token without a refresh token: what a human logged in for, else what stands in the credentials.
    async fn fixed(&self, who: Who<'_>, issuer: Arc<dyn Issuer>) -> Result<Arc<Tokens>, Stop> {
        let name = format!("{}.token", who.0);
        let vault = Vault::new(&self.folder, who.0, who.1, given(&self.credentials, &name)?);
        let grant = match self.stored(&vault).await? {
            Some(grant) => grant,
            None => Grant::fixed(self.needed(who.0, &name)?),
        };
        Ok(self.keep(who, issuer, vault, Tokens::new(grant.access.clone()), grant))
    }

    /// X: what a human logged in for, else OAuth 1.0a keys, else a token that renews itself, else a fixed one.
    async fn x(&self, x: &config::X, transport: &Arc<dyn Transport>) -> Result<Arc<Tokens>, Stop> {
        let who = ("x", x.account.as_str(), x.api_base.as_str());
        if let Some(tokens) = self.kept(who) {
            return Ok(tokens);
        }
        let given = XGiven::read(&self.credentials)?;
        let vault = Vault::new(&self.folder, "x", &x.account, given.credential());
        let (tokens, grant) = match (self.stored(&vault).await?, given) {
            (Some(grant), _) => (Tokens::new(grant.access.clone()), grant),
            (None, XGiven { keys: Some(keys), .. }) => (Tokens::signing(keys.clone()), Grant::fixed(keys.token)),
            (None, XGiven { refresh: Some(refresh), access, .. }) => {
                // Without an access token the first thing to do is to ask for one.
                let ends_at = access.is_none().then(|| self.clock.now());
                let access = access.unwrap_or_else(|| "none yet".into());
                let grant = Grant { refresh: Some(refresh), ends_at, ..Grant::fixed(access.clone()) };
                (Tokens::new(access), grant)
            }
            (None, _) => {
                let access = self.needed("x", "x.token")?;
                (Tokens::new(access.clone()), Grant::fixed(access))
            }
        };
        let issuer = XToken {
            client: x_client(&self.credentials, &x.api_base, grant.refresh.is_some())?,
            api_base: x.api_base.clone(),
            transport: Arc::clone(transport),
            clock: self.clock,
        };
        Ok(self.keep(who, Arc::new(issuer), vault, tokens, grant))
    }

    /// Bluesky: a session that was kept, else one that the app password makes as soon as the service runs.
    async fn bluesky(&self, bluesky: &config::Bluesky, transport: &Arc<dyn Transport>) -> Result<Arc<Tokens>, Stop> {
        let who = ("bluesky", bluesky.account.as_str(), bluesky.api_base.as_str());
        if let Some(tokens) = self.kept(who) {
            return Ok(tokens);
        }
        let password = given(&self.credentials, "bluesky.app-password")?;
        let vault = Vault::new(&self.folder, who.0, who.1, password.clone());
        let grant = if let Some(grant) = self.stored(&vault).await? {
            grant
        } else {
            self.needed("bluesky", "bluesky.app-password")?;
            BlueskySession::none_yet(self.clock)
        };
        let issuer = BlueskySession {
            account: bluesky.account.clone(),
            password,
            api_base: bluesky.api_base.clone(),
            transport: Arc::clone(transport),
            clock: self.clock,
        };
        Ok(self.keep(who, Arc::new(issuer), vault, Tokens::new(grant.access.clone()), grant))
    }

    /// A token without which nothing goes, in place of a login.
    fn needed(&self, name: &str, credential: &str) -> Result<SecretString, Stop> {
        self.credentials.secret(credential).map_err(|error| {
            let stop = Stop::from(error);
            Stop::new(stop.exit, format!("{}; or run `{}`", stop.why, self.command(name)))
        })
    }

    /// What a human does about a login at its end.
    fn command(&self, name: &str) -> String {
        format!("formez101 login {name} --zone {}", self.zone)
    }

    async fn stored(&self, vault: &Vault) -> Result<Option<Grant>, Stop> {
        if !self.folder.exists() {
            // The zone has never run, and nobody has logged in.
            return Ok(None);
        }
        let read = async { vault.lock(self.clock, VAULT).await?.read() };
        read.await.map_err(|error| self.folder_error(&error))
    }

    fn folder_error(&self, error: &io::Error) -> Stop {
        LedgerError::Folder { folder: self.folder.display().to_string(), why: error.to_string() }.into()
    }

    fn made(&self) -> MutexGuard<'_, BTreeMap<&'static str, Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, (name, account, root): Who<'_>) -> Option<Arc<Tokens>> {
        let made = self.made();
        made.get(name).filter(|made| made.account == account && made.root == root).map(|made| Arc::clone(&made.tokens))
    }

    fn keep(
        &self,
        (name, account, root): Who<'_>,
        issuer: Arc<dyn Issuer>,
        vault: Vault,
        tokens: Tokens,
        grant: Grant,
    ) -> Arc<Tokens> {
        let tokens = Arc::new(tokens);
        let who = Account { name, command: self.command(name) };
        let renewal = Renewal::new(who, issuer, self.clock, Arc::clone(&tokens), (vault, &self.folder), grant);
        let (account, root, renewal) = (account.to_owned(), root.to_owned(), Arc::new(renewal));
        self.made().insert(name, Made { account, root, tokens: Arc::clone(&tokens), renewal });
        tokens
    }
}

/// One of Meta's accounts: under which name its login is kept, and where it is asked.
pub struct MetaPlace<'a> {
    /// The vault's name, `facebook` or `instagram`.
    pub name: &'static str,
    /// Whose login it is: the id of the Page or of the Instagram account.
    pub account: &'a str,
    /// Where the Graph API is.
    pub api_base: &'a str,
    version: &'a str,
    app_id: Option<&'a str>,
    proves_calls: bool,
}

impl<'a> MetaPlace<'a> {
    /// A Page.
    pub fn page(facebook: &'a config::Facebook) -> Self {
        Self {
            name: "facebook",
            account: &facebook.page,
            api_base: &facebook.api_base,
            version: &facebook.version,
            app_id: facebook.app_id.as_deref(),
            proves_calls: facebook.appsecret_proof,
        }
    }

    /// An Instagram account: with a token of its own, or with that of the Page that it is linked to.
    ///
    /// # Errors
    /// When the credentials cannot be read.
    pub fn instagram(
        instagram: &'a config::Instagram,
        facebook: Option<&'a config::Facebook>,
        credentials: &Credentials,
    ) -> Result<Self, CredentialError> {
        let own = Self {
            name: "instagram",
            account: &instagram.account,
            api_base: &instagram.api_base,
            version: &instagram.version,
            app_id: instagram.app_id.as_deref(),
            proves_calls: instagram.appsecret_proof,
        };
        let page = instagram.page.as_deref().filter(|_| instagram.login == InstagramLogin::Facebook);
        Ok(match (page, facebook) {
            (None, _) => own,
            _ if given(credentials, "instagram.token")?.is_some() => own,
            (Some(page), Some(facebook)) if facebook.page == page => Self::page(facebook),
            (Some(_), Some(_)) => own,
            (Some(page), None) => Self { name: "facebook", account: page, ..own },
        })
    }

    /// The Graph API there.
    pub fn api(&self, transport: &Arc<dyn Transport>, clock: Clock) -> MetaApi {
        MetaApi {
            api_base: self.api_base.to_owned(),
            version: self.version.to_owned(),
            transport: Arc::clone(transport),
            clock,
        }
    }

    /// The application, where the zone's file names it.
    pub fn app(&self, secret: SecretString) -> Option<MetaApp> {
        Some(MetaApp { id: self.app_id?.to_owned(), secret, proves_calls: self.proves_calls })
    }
}

/// What stands in the credentials for X.
pub struct XGiven {
    keys: Option<Keys>,
    refresh: Option<SecretString>,
    access: Option<SecretString>,
}

impl XGiven {
    /// Reads them all.
    ///
    /// # Errors
    /// When one cannot be read, or only some of the four keys of OAuth 1.0a are there.
    pub fn read(credentials: &Credentials) -> Result<Self, CredentialError> {
        let keys = match given(credentials, "x.oauth1-token")? {
            None => None,
            Some(token) => Some(Keys {
                consumer_key: credentials.secret("x.oauth1-consumer-key")?,
                consumer_secret: credentials.secret("x.oauth1-consumer-secret")?,
                token,
                token_secret: credentials.secret("x.oauth1-token-secret")?,
            }),
        };
        Ok(Self { keys, refresh: given(credentials, "x.refresh-token")?, access: given(credentials, "x.token")? })
    }

    /// The one that a login is newer or older than.
    pub fn credential(&self) -> Option<SecretString> {
        let token = self.keys.as_ref().map(|keys| keys.token.clone());
        token.or_else(|| self.refresh.clone()).or_else(|| self.access.clone())
    }
}

/// The zone's X application; `None` when it is not there and not needed.
///
/// # Errors
/// When it is needed and not there, or cannot be read.
pub fn x_client(credentials: &Credentials, api_base: &str, needed: bool) -> Result<Option<Client>, CredentialError> {
    let id = if needed { Some(credentials.secret("x.client-id")?) } else { given(credentials, "x.client-id")? };
    let Some(id) = id else { return Ok(None) };
    Ok(Some(Client {
        token_url: XToken::token_url(api_base),
        id: id.expose_secret().to_owned(),
        secret: given(credentials, "x.client-secret")?,
        secret_in_body: false,
    }))
}

/// A credential that need not be there; without a folder there is none.
///
/// # Errors
/// When it is there and cannot be read.
pub fn given(credentials: &Credentials, name: &str) -> Result<Option<SecretString>, CredentialError> {
    match credentials.optional(name) {
        Err(CredentialError::NoFolder) => Ok(None),
        read => read,
    }
}
