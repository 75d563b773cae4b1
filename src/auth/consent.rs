//! A human is sent to the platform's page and comes back with a code: the address there, and what is read on return.

use oauth2::url::Url;
use secrecy::{ExposeSecret as _, SecretString};

/// Where a platform shows a code for copying instead of sending the human back (`platforms/mastodon.md` 2).
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// A human on the way to the platform's page. One attempt: another one has another state.
#[derive(Clone)]
pub struct Consent {
    /// The address of the page, with nothing secret in it.
    pub address: String,
    /// Where the human is sent back to.
    pub redirect: String,
    pub(super) state: SecretString,
    /// Proves that it is we who redeem the code.
    pub(super) verifier: Option<SecretString>,
}

/// The human came back without a code.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// It is no address, or not the one that the platform was told.
    #[error("this is not the address that you were sent back to: it begins with {0}")]
    Foreign(String),
    /// The state is missing or another one: an older attempt, or somebody else's.
    #[error("this address belongs to another attempt: use the page whose address is shown here")]
    OtherAttempt,
    /// Neither a code nor an error.
    #[error("this address holds no code: copy it whole")]
    Incomplete,
    /// The human or the platform said no; the platform's word for it.
    #[error("the platform says no: {0}")]
    Refused(String),
}

impl Consent {
    /// The code in the address to which the human was sent back, or in the line that was copied.
    ///
    /// # Errors
    /// [`NoCode`]; only [`NoCode::Refused`] ends the attempt.
    pub fn code(&self, returned: &str) -> Result<SecretString, NoCode> {
        let returned = returned.trim();
        if self.redirect == OUT_OF_BAND && !returned.is_empty() && !returned.contains([':', ' ', '=']) {
            return Ok(returned.into());
        }
        let foreign = || NoCode::Foreign(self.redirect.clone());
        let (Ok(url), Ok(redirect)) = (Url::parse(returned), Url::parse(&self.redirect)) else { return Err(foreign()) };
        if url.origin() != redirect.origin() || url.path() != redirect.path() {
            return Err(foreign());
        }
        let field = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        if field("state").as_deref() != Some(self.state.expose_secret()) {
            return Err(NoCode::OtherAttempt);
        }
        if let Some(error) = field("error") {
            return Err(NoCode::Refused(word(&error)));
        }
        field("code").filter(|code| !code.is_empty()).map(SecretString::from).ok_or(NoCode::Incomplete)
    }
}

/// An error code of the standard, or nothing that could be something else.
fn word(error: &str) -> String {
    let plain = error.len() <= 40 && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if plain { error.to_owned() } else { "no reason that can be shown".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consent(redirect: &str) -> Consent {
        Consent { address: String::new(), redirect: redirect.into(), state: "s1".into(), verifier: None }
    }

    fn read(redirect: &str, returned: &str) -> Result<String, NoCode> {
        consent(redirect).code(returned).map(|code| code.expose_secret().to_owned())
    }

    #[test]
    fn a_code_comes_from_the_right_address_and_the_right_attempt_alone() {
        const BACK: &str = "http://127.0.0.1:8910/callback";
        assert_eq!(read(BACK, " http://127.0.0.1:8910/callback?code=a%2Fb&state=s1#_=_\n"), Ok("a/b".into()));
        assert_eq!(read(BACK, "http://127.0.0.1:8910/callback?code=a&state=s2"), Err(NoCode::OtherAttempt));
        assert_eq!(read(BACK, "http://127.0.0.1:8910/callback?code=a"), Err(NoCode::OtherAttempt));
        assert_eq!(read(BACK, "http://127.0.0.1:8910/callback?state=s1"), Err(NoCode::Incomplete));
        for foreign in
            ["a", "", "http://127.0.0.1:8911/callback?code=a&state=s1", "http://127.0.0.1:8910/?code=a&state=s1"]
        {
            assert_eq!(read(BACK, foreign), Err(NoCode::Foreign(BACK.into())), "{foreign}");
        }
        let denied = "http://127.0.0.1:8910/callback?error=access_denied&error_description=x&state=s1";
        assert_eq!(read(BACK, denied), Err(NoCode::Refused("access_denied".into())));
        let odd = "http://127.0.0.1:8910/callback?error=%1b[31mHallo&state=s1";
        assert_eq!(read(BACK, odd), Err(NoCode::Refused("no reason that can be shown".into())));
    }

    #[test]
    fn a_bare_code_is_taken_where_the_platform_shows_one() {
        assert_eq!(read(OUT_OF_BAND, "abc-123\n"), Ok("abc-123".into()));
        assert!(read(OUT_OF_BAND, "").is_err());
        assert!(read("http://127.0.0.1:8910/callback", "abc-123").is_err());
    }
}
