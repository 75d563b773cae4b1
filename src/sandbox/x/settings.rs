//! Further switches of the X side: its login, what it costs, and accounts in trouble.

use serde::{Deserialize, Serialize};

/// The switches that [`super::super::Settings`] takes in; their names begin with `x_`.
/// The defaults are the stricter reading.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches, each named where it is set")]
pub struct XSettings {
    /// How long an access token lives, seconds. The one with which the world opens does not end by itself.
    pub x_access_life_seconds: u32,
    /// How long a refresh token still works after it was spent, seconds.
    pub x_refresh_grace_seconds: u32,
    /// An access token goes on until its end after a refresh gave another.
    pub x_old_access_token_works: bool,
    /// The application is a public client: it has no secret and sends its id in the body.
    pub x_public_client: bool,
    /// The registered redirect addresses; none named means that any address of this machine is registered.
    pub x_redirect_uris: Vec<String>,
    /// The person at the consent page says no.
    pub x_consent_denied: bool,
    /// HTTP status of a call for which a scope is missing, 401 or 403.
    pub x_missing_scope_status: u16,
    /// As whose quota the 24-hour limit on sends is shown.
    pub x_day_limits: DayLimits,
    /// What is wrong with the account or the application; every call meets it.
    pub x_trouble: Trouble,
    /// Money left before this world opened, USD; when it is used up, calls meet `CreditsDepleted`.
    pub x_credit_usd: Option<f64>,
    /// The account owns the application, so that reading its own posts and mentions is cheap.
    pub x_owned_reads: bool,
    /// Users that come along by an expansion are billed.
    pub x_included_users_billed: bool,
}

/// In which headers the 24-hour limit on sends is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayLimits {
    /// In none: it shows itself only when it is met.
    Hidden,
    /// `x-user-limit-24hour-*`.
    User,
    /// `x-app-limit-24hour-*`.
    App,
}

/// What may be wrong with an account or an application, as it was seen live (`platforms/x.md` 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Nothing.
    None,
    /// 402: no money left.
    CreditsDepleted,
    /// 429: the monthly cap on reads is met.
    UsageCapExceeded,
    /// 403: the limit on spending is met (status unverified).
    SpendCap,
    /// 403: the application is in no project or package.
    ClientNotEnrolled,
    /// 403: a passing lock of the account (unverified).
    FeatureNotPermitted,
    /// 403: the account is suspended.
    Suspended,
}

impl Default for XSettings {
    fn default() -> Self {
        Self {
            x_access_life_seconds: 7_200,
            x_refresh_grace_seconds: 0,
            x_old_access_token_works: false,
            x_public_client: false,
            x_redirect_uris: Vec::new(),
            x_consent_denied: false,
            x_missing_scope_status: 403,
            x_day_limits: DayLimits::User,
            x_trouble: Trouble::None,
            x_credit_usd: None,
            x_owned_reads: false,
            x_included_users_billed: true,
        }
    }
}
