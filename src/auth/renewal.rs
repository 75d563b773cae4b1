//! Keeps one account logged in: renews ahead of time, takes up what a human logged in for, proves it once a day.
//!
//! A refresh token works once (`platforms/x.md` 1). So the vault is locked and read again before it is spent, a mark
//! on the disk says that it is under way, and the new one is on the disk before it is used. After a crash in between
//! the old one is tried once: where the platform no longer takes it, only a human can log in, and is told so once.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::{Ends, Grant, Issuer, Reminder, Tokens, Vault};
use crate::{
    clock::{Clock, after, between},
    http::Failure,
};

/// How often the vault is looked at for a login that a human made in another process.
const LOOK: Duration = Duration::from_secs(60);
/// How long another process is let work on the vault; a login writes in milliseconds.
const VAULT: Duration = Duration::from_secs(5);
/// The first pause after a renewal that failed for a passing reason; it doubles.
const PAUSE: Duration = Duration::from_secs(5);
/// The longest such pause, and the shortest time between two renewals of a token that lives long.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The longest such pause while a token without a refresh token has more than a day to live.
const CALM_PAUSE: Duration = Duration::from_secs(3600);
/// A token is proved for the first time so long after a start, so that starts in a row cost nothing.
const FIRST_PROOF: Duration = Duration::from_secs(60);
/// How often a token is proved; a renewal that was refused for good is tried again so much later.
const DAY: Duration = Duration::from_secs(86_400);
/// When a proof that told nothing is tried again.
const NO_PROOF: Duration = Duration::from_secs(3600);

/// Whose login it is, for the log.
#[derive(Debug, Clone)]
pub struct Account {
    /// The platform's name, such as `x`.
    pub name: &'static str,
    /// What a human types to log in anew.
    pub command: String,
}

/// How a login stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// When it ends if no human does anything, as far as that is known.
    pub ends_at: Option<Timestamp>,
    /// Whether somebody must log in.
    pub needs_login: bool,
}

/// Keeps one account logged in.
pub struct Renewal {
    account: Account,
    issuer: Arc<dyn Issuer>,
    clock: Clock,
    tokens: Arc<Tokens>,
    vault: Vault,
    reminder: Reminder,
    state: Mutex<State>,
}

struct State {
    grant: Grant,
    /// The token that the vault held last, where that is not the one in use; any third one is a login made elsewhere.
    on_disk: Option<SecretString>,
    /// What is in use stands on the disk, or never needs to.
    saved: bool,
    /// No renewal before this time.
    renew_after: Timestamp,
    pause: Duration,
    prove_at: Timestamp,
    /// The ends that the platform named last.
    ends: Ends,
    /// A human was told that this login is at its end.
    alarmed: bool,
    /// The vault could not be read; said once.
    unreadable: bool,
}

impl Renewal {
    /// Goes on from a login whose access token is the one in `tokens`. `folder` is the state folder.
    pub fn new(
        account: Account,
        issuer: Arc<dyn Issuer>,
        clock: Clock,
        tokens: Arc<Tokens>,
        (vault, folder): (Vault, &Path),
        grant: Grant,
    ) -> Self {
        let refused_at = grant.refused_at;
        if let Some(refused_at) = refused_at {
            warn!(account = account.name, %refused_at, "this login was refused earlier: run `{}`", account.command);
        }
        let state = State {
            on_disk: None,
            saved: true,
            renew_after: refused_at.map_or(Timestamp::MIN, |at| after(at, DAY)),
            pause: PAUSE,
            prove_at: after(clock.now(), FIRST_PROOF),
            ends: Ends::default(),
            alarmed: refused_at.is_some(),
            unreadable: false,
            grant,
        };
        let reminder = Reminder::new(folder, account.name);
        Self { account, issuer, clock, tokens, vault, reminder, state: Mutex::new(state) }
    }

    /// The platform's name, such as `x`.
    pub const fn name(&self) -> &'static str {
        self.account.name
    }

    /// How the login stands; `None` while it is being renewed.
    pub fn standing(&self) -> Option<Standing> {
        let state = self.state.try_lock().ok()?;
        let renewed = state.grant.refresh.is_some();
        let ends_at = state.grant.ends_at.into_iter().chain(state.ends.token).chain(state.ends.data).min();
        Some(Standing { ends_at: ends_at.filter(|_| !renewed || state.alarmed), needs_login: state.alarmed })
    }

    /// Asks the platform whether the token in use is good, and does nothing about it; `None` where it would be renewed first.
    ///
    /// # Errors
    /// [`Failure::LoginNeeded`] when the token is dead, any other failure when that is not known.
    pub async fn examine(&self) -> Result<Option<Ends>, Failure> {
        let state = self.state.lock().await;
        if self.wants_renewal(&state) {
            return Ok(None);
        }
        self.issuer.prove(&self.tokens, &state.grant).await.map(Some)
    }

    /// Keeps the account logged in until cancelled. `alive` is called with the time that may pass until it is
    /// called again, a minute at most.
    ///
    /// A renewal under way is not cut short: the platform may have spent the old token already.
    pub async fn keep(&self, cancel: &CancellationToken, alive: impl Fn(Duration)) {
        while !cancel.is_cancelled() {
            let wait = self.turn(&alive).await;
            alive(wait);
            tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                () = self.tokens.refused() => {}
                () = self.clock.sleep(wait) => {}
            }
        }
    }

    /// Does what is due now; gives the time until the next turn.
    async fn turn(&self, alive: &impl Fn(Duration)) -> Duration {
        let mut state = self.state.lock().await;
        self.look(&mut state).await;
        if !state.saved {
            self.save(&mut state).await;
        }
        if self.wants_renewal(&state) && state.renew_after <= self.clock.now() {
            alive(LOOK);
            self.renew(&mut state).await;
        }
        if state.prove_at <= self.clock.now() {
            alive(LOOK);
            self.prove(&mut state).await;
        }
        let renewal = match self.issuer.due(&state.grant) {
            _ if self.wants_renewal(&state) => state.renew_after,
            Some(due) => due.max(state.renew_after),
            None => Timestamp::MAX,
        };
        let now = self.clock.now();
        between(now, renewal.min(state.prove_at)).min(LOOK)
    }

    fn wants_renewal(&self, state: &State) -> bool {
        let due = self.issuer.due(&state.grant).is_some_and(|due| due <= self.clock.now());
        due || state.grant.in_flight || self.tokens.is_refused()
    }

    /// Looks for a login that a human made in another process.
    async fn look(&self, state: &mut State) {
        match self.vault.read() {
            Ok(found) => {
                state.unreadable = false;
                if found.is_some_and(|found| is_news(state, &found)) {
                    // Read again under the lock, which makes it newer than the credentials of today.
                    let Ok(vault) = self.vault.lock(self.clock, VAULT).await else { return };
                    self.take_up(state, vault.read().ok().flatten());
                }
            }
            Err(why) if !state.unreadable => {
                state.unreadable = true;
                error!(account = self.account.name, %why, "the vault cannot be read: run `{}`", self.account.command);
            }
            Err(_) => {}
        }
    }

    /// Goes on with what was found in the vault, if another process wrote it.
    fn take_up(&self, state: &mut State, found: Option<Grant>) -> bool {
        let Some(found) = found.filter(|found| is_news(state, found)) else { return false };
        self.tokens.replace(found.access.clone());
        state.on_disk = Some(found.access.clone());
        state.grant = found;
        state.saved = true;
        state.alarmed = false;
        state.pause = PAUSE;
        state.renew_after = self.clock.now();
        state.prove_at = self.clock.now();
        info!(account = self.account.name, "a new login was taken up");
        true
    }

    /// Renews once, says how it went, and sets when it may be tried again.
    async fn renew(&self, state: &mut State) {
        let was_in_flight = state.grant.in_flight;
        let outcome = self.renew_locked(state).await;
        let (account, now) = (self.account.name, self.clock.now());
        match outcome {
            Ok(false) => {}
            Ok(true) => {
                let ends_at = state.grant.ends_at.map(|at| at.to_string());
                info!(account, ends_at, "the login was renewed");
                let due = self.issuer.due(&state.grant).map_or(LONGEST_PAUSE, |due| between(now, due));
                // A platform that refuses each new token too is not asked for one after the other.
                state.renew_after = after(now, due.clamp(PAUSE, LONGEST_PAUSE));
                state.pause = PAUSE;
                state.alarmed = false;
            }
            Err(Failure::Later { at, code }) => self.pause(state, at, &code),
            Err(Failure::Unknown { code }) => self.pause(state, None, &code),
            Err(failure) => {
                state.renew_after = after(now, DAY);
                if !std::mem::replace(&mut state.alarmed, true) {
                    self.alarm(&failure, &state.grant, was_in_flight);
                }
            }
        }
    }

    /// Renews under the lock of the vault; `false` when another process had done so already.
    async fn renew_locked(&self, state: &mut State) -> Result<bool, Failure> {
        let vault =
            self.vault.lock(self.clock, VAULT).await.map_err(|_| Failure::later("the vault cannot be locked"))?;
        let found = vault.read().map_err(|_| Failure::later("the vault cannot be read"))?;
        if self.take_up(state, found) {
            return Ok(false);
        }
        let works_once = state.grant.refresh.is_some();
        if works_once {
            // A disk that takes no mark would not take the answer either, and the login would end with this process.
            let marked = Grant { in_flight: true, ..state.grant.clone() };
            vault.write(&marked).map_err(|_| Failure::later("the vault cannot be written"))?;
            state.on_disk = Some(marked.access);
        }
        match self.issuer.renew(&state.grant).await {
            Ok(fresh) => {
                state.saved = vault.write(&fresh).is_ok();
                if state.saved {
                    state.on_disk = Some(fresh.access.clone());
                } else {
                    error!(account = self.account.name, "the renewed login cannot be written: a restart would lose it");
                }
                self.tokens.replace(fresh.access.clone());
                state.grant = fresh;
                Ok(true)
            }
            Err(failure) => {
                match failure {
                    Failure::Unknown { .. } => state.grant.in_flight = works_once,
                    Failure::LoginNeeded { .. } => {
                        state.grant.in_flight = false;
                        state.grant.refused_at = Some(self.clock.now());
                    }
                    _ => {}
                }
                if works_once {
                    // What cannot be written costs a try at the next start.
                    let _ = vault.write(&state.grant);
                }
                Err(failure)
            }
        }
    }

    fn pause(&self, state: &mut State, at: Option<Timestamp>, code: &str) {
        if state.pause == PAUSE {
            warn!(account = self.account.name, code, "the login cannot be renewed for now");
        }
        let now = self.clock.now();
        let pause = after(now, state.pause);
        state.renew_after = at.map_or(pause, |at| at.max(pause));
        let far = state.grant.ends_at.is_none_or(|ends_at| between(now, ends_at) > DAY);
        // A login that needs its refresh token may need it any moment.
        let calm = far && state.grant.refresh.is_none() && !self.tokens.is_refused();
        state.pause = (state.pause * 2).min(if calm { CALM_PAUSE } else { LONGEST_PAUSE });
    }

    /// Writes what could not be written when it was new.
    async fn save(&self, state: &mut State) {
        let Ok(vault) = self.vault.lock(self.clock, VAULT).await else { return };
        let Ok(found) = vault.read() else { return };
        if self.take_up(state, found) || vault.write(&state.grant).is_err() {
            return;
        }
        state.on_disk = Some(state.grant.access.clone());
        state.saved = true;
        info!(account = self.account.name, "the renewed login is written now");
    }

    /// Asks the platform whether the token is good, and reminds of its end.
    async fn prove(&self, state: &mut State) {
        let (account, used) = (self.account.name, self.tokens.current());
        let proof = self.issuer.prove(&self.tokens, &state.grant).await;
        let now = self.clock.now();
        state.prove_at = after(now, DAY);
        match proof {
            Ok(ends) => {
                if state.grant.refresh.is_none() {
                    self.tokens.accept();
                    if std::mem::take(&mut state.alarmed) {
                        state.renew_after = now;
                        info!(account, "the platform takes the token again");
                    }
                }
                state.ends = ends;
                self.remind(ends, now);
            }
            Err(Failure::LoginNeeded { .. }) => self.tokens.refuse(&used),
            Err(failure) => {
                debug!(account, %failure, "the token could not be proved");
                state.prove_at = after(now, NO_PROOF);
            }
        }
    }

    fn remind(&self, ends: Ends, now: Timestamp) {
        let (account, command) = (self.account.name, &self.account.command);
        let due = |kind, at: Option<Timestamp>| at.and_then(|at| Some((at, self.reminder.due(kind, at, now)?)));
        if let Some((ends_at, days_left)) = due("token", ends.token) {
            warn!(account, %ends_at, days_left, "the token ends soon: run `{command}` before");
        }
        if let Some((ends_at, days_left)) = due("data", ends.data) {
            warn!(account, %ends_at, days_left, "the platform will soon show no more data: run `{command}` before");
        }
    }

    /// Tells a human, in one sentence, what happened and what to do.
    fn alarm(&self, failure: &Failure, grant: &Grant, was_in_flight: bool) {
        let (account, command) = (self.account.name, &self.account.command);
        let ends_at = grant.ends_at.map(|at| at.to_string());
        match failure {
            Failure::LoginNeeded { .. } if was_in_flight => error!(
                account,
                ends_at,
                "the answer to a renewal was lost, and the platform no longer takes the old token: run `{command}`; \
                 until its end the present token is used"
            ),
            Failure::LoginNeeded { .. } if grant.refresh.is_some() => error!(
                account,
                ends_at,
                "the platform refuses to renew this login: run `{command}`; until its end the present token is used"
            ),
            Failure::LoginNeeded { .. } => error!(account, "the platform refuses the token: run `{command}`"),
            Failure::Stopped { .. } => error!(
                account,
                ends_at,
                "the platform refuses our application: look at its id and secret among the credentials, and restart"
            ),
            failure => error!(account, %failure, ends_at, "the login cannot be renewed: a human must look"),
        }
    }
}

/// Whether the vault holds what neither this process wrote nor the last look showed.
fn is_news(state: &State, found: &Grant) -> bool {
    let same = |token: &SecretString| token.expose_secret() == found.access.expose_secret();
    !same(&state.grant.access) && !state.on_disk.as_ref().is_some_and(same)
}
