//! Tokens and codes that were given out: to whom, for what, until when.

use std::collections::HashMap;

use super::super::time::{DAY, SECOND};
use super::super::world::World;
use super::token::Caller;

/// What the Page's first token may do: all that the fact sheet names for the Page and its Instagram account.
pub const PAGE_SCOPES: [&str; 9] = [
    "pages_show_list",
    "pages_messaging",
    "pages_manage_metadata",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_engagement",
    "instagram_basic",
    "instagram_manage_messages",
    "instagram_manage_comments",
];

/// What the first token of Instagram Login may do.
pub const INSTAGRAM_SCOPES: [&str; 3] =
    ["instagram_business_basic", "instagram_business_manage_messages", "instagram_business_manage_comments"];

/// One token that was given out.
#[derive(Clone, Debug)]
pub struct Grant {
    pub caller: Caller,
    pub scopes: Vec<String>,
    /// Asked for and declined by the person.
    pub declined: Vec<String>,
    pub issued: i64,
    /// Unix milliseconds; never when absent.
    pub ends: Option<i64>,
    /// End of the data access of the permissions that lapse, unix milliseconds.
    pub data_access_ends: Option<i64>,
    pub long_lived: bool,
    /// It was ended before its time; the subcode says why, 0 for none.
    pub ended: Option<i64>,
    /// The tokens of the Pages that came with a person's token, in the order of the Pages.
    pub pages: Vec<String>,
}

impl Grant {
    /// The subcode with which error 190 refuses it, once its time is over.
    pub fn refusal(&self, now: i64) -> Option<i64> {
        self.ended.or_else(|| self.ends.filter(|&end| end <= now).map(|_| 463))
    }

    /// True while a permission is given and its data access has not lapsed.
    pub fn may(&self, scope: &str, now: i64) -> bool {
        // Those of Pages never lapse; those of Instagram do.
        let lapsed = scope.starts_with("instagram_") && self.data_access_ends.is_some_and(|end| end <= now);
        !lapsed && self.scopes.iter().any(|given| given == scope)
    }
}

/// A code on its way from the login dialog to the token endpoint.
#[derive(Clone, Debug)]
pub struct Code {
    pub instagram: bool,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub declined: Vec<String>,
    pub issued: i64,
    pub used: bool,
    /// The `code_challenge` of PKCE.
    pub challenge: Option<String>,
}

/// All tokens and codes.
#[derive(Default)]
pub struct Grants {
    pub tokens: HashMap<String, Grant>,
    pub codes: HashMap<String, Code>,
}

impl World {
    /// What is known of a token, whether or not its time is over.
    pub fn grant(&self, token: &str) -> Option<Grant> {
        if let Some(known) = self.grants.tokens.get(token) {
            return Some(known.clone());
        }
        let app = format!("{}|{}", self.setup.facebook_app_id, self.setup.facebook_app_secret);
        let long_term = |caller, scopes: &[&str]| Grant {
            caller,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            declined: Vec::new(),
            issued: self.opened - 2 * DAY,
            ends: None,
            data_access_ends: None,
            long_lived: true,
            ended: None,
            pages: Vec::new(),
        };
        if token == self.setup.facebook_token {
            Some(long_term(Caller::Page, &PAGE_SCOPES))
        } else if token == self.setup.instagram_token {
            let life = i64::from(self.settings.meta.instagram_long_token_seconds) * SECOND;
            let grant = long_term(Caller::Instagram, &INSTAGRAM_SCOPES);
            Some(Grant { ends: Some(grant.issued + life), ..grant })
        } else if token == app {
            Some(long_term(Caller::App, &[]))
        } else {
            None
        }
    }

    /// Gives out a token; one of a person comes with a token for each Page that he looks after.
    pub fn give(&mut self, prefix: &str, mut grant: Grant) -> String {
        if grant.caller == Caller::User {
            for index in 0..=self.settings.meta.graph_other_pages.len() {
                let caller = if index == 0 { Caller::Page } else { Caller::OtherPage(index - 1) };
                let ends = if grant.long_lived { None } else { grant.ends };
                let of_page = Grant { caller, ends, pages: Vec::new(), ..grant.clone() };
                let token = self.give("EAAPage", of_page);
                grant.pages.push(token);
            }
        }
        let serial = self.serial();
        let token = format!("{prefix}{:013x}{serial}ZD", serial.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 12);
        self.grants.tokens.insert(token.clone(), grant);
        token
    }
}
