//! The zone's logins, from the vault or from the credentials, each with what keeps it alive.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::{ExposeSecret as _, SecretString};

use super::stop::Stop;
use crate::{
    auth::{Account, Client, CredentialError, Credentials, Grant, Issuer, Keys, Renewal, Tokens, Vault, XLogin},
    clock::Clock,
    config,
    http::Transport,
    ledger::LedgerError,
};

/// How long another process is let work on a vault before a start gives up.
const VAULT: Duration = Duration::from_secs(40);

/// One account, logged in.
#[derive(Clone)]
pub struct Login {
    /// What its calls are proved with.
    pub tokens: Arc<Tokens>,
    /// Keeps the tokens alive.
    pub renewal: Arc<Renewal>,
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
    api_base: String,
    login: Login,
}

impl Accounts {
    /// No login yet. `folder` is the zone's state folder.
    pub fn new(credentials: Credentials, folder: &Path, zone: &str, clock: Clock) -> Self {
        Self { credentials, folder: folder.to_owned(), zone: zone.to_owned(), clock, made: Mutex::default() }
    }

    /// X: what a human logged in for, else OAuth 1.0a keys, else a token that renews itself, else a fixed one.
    ///
    /// # Errors
    /// When there is no login, or a secret that belongs to it is missing.
    pub async fn x(&self, x: &config::X, transport: &Arc<dyn Transport>) -> Result<Login, Stop> {
        if let Some(login) = self.kept("x", &x.account, &x.api_base) {
            return Ok(login);
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
                let access = self.credentials.secret("x.token")?;
                (Tokens::new(access.clone()), Grant::fixed(access))
            }
        };
        let issuer = XLogin {
            client: x_client(&self.credentials, &x.api_base, grant.refresh.is_some())?,
            api_base: x.api_base.clone(),
            transport: Arc::clone(transport),
            clock: self.clock,
        };
        Ok(self.keep(("x", &x.account, &x.api_base), Arc::new(issuer), vault, tokens, grant))
    }

    /// What keeps the logins of these platforms alive.
    pub fn renewals(&self, platforms: &[&str]) -> Vec<Arc<Renewal>> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = made.iter().filter(|(name, _)| platforms.contains(name));
        wanted.map(|(_, made)| Arc::clone(&made.login.renewal)).collect()
    }

    async fn stored(&self, vault: &Vault) -> Result<Option<Grant>, Stop> {
        let read = async { vault.lock(self.clock, VAULT).await?.read() };
        read.await.map_err(|error| self.folder_error(&error))
    }

    fn folder_error(&self, error: &io::Error) -> Stop {
        LedgerError::Folder { folder: self.folder.display().to_string(), why: error.to_string() }.into()
    }

    fn kept(&self, name: &str, account: &str, api_base: &str) -> Option<Login> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(name)
            .filter(|made| made.account == account && made.api_base == api_base)
            .map(|made| made.login.clone())
    }

    fn keep(
        &self,
        (name, account, api_base): (&'static str, &str, &str),
        issuer: Arc<dyn Issuer>,
        vault: Vault,
        tokens: Tokens,
        grant: Grant,
    ) -> Login {
        let tokens = Arc::new(tokens);
        let who = Account { name, command: format!("formez101 login {name} --zone {}", self.zone) };
        let renewal = Renewal::new(who, issuer, self.clock, Arc::clone(&tokens), (vault, &self.folder), grant);
        let login = Login { tokens, renewal: Arc::new(renewal) };
        let made = Made { account: account.to_owned(), api_base: api_base.to_owned(), login: login.clone() };
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(name, made);
        login
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
        token_url: XLogin::token_url(api_base),
        id: id.expose_secret().to_owned(),
        secret: given(credentials, "x.client-secret")?,
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
