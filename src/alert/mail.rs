//! Alerts by mail: SMTP over TLS.

use async_trait::async_trait;
use jiff::tz::TimeZone;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{authentication::Credentials, client::Tls, client::TlsParameters, extension::ClientId},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Channel, Notice, Undelivered};
use crate::{
    config::{AlertMail, MailSecurity},
    model::Language,
};

/// Longest wait for each answer of the mail server.
const ANSWER: std::time::Duration = std::time::Duration::from_secs(20);

/// A mail server, and to whom it brings what.
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
    zone: Said,
}

/// What a mail says of its zone.
pub struct Said {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// In which language the mail is written.
    pub language: Language,
    /// On which clock.
    pub timezone: TimeZone,
}

impl Mail {
    /// A way to a mail server; nothing is sent yet.
    ///
    /// # Errors
    /// When a setting cannot be used, in one sentence.
    pub fn new(settings: &AlertMail, password: Option<&SecretString>, zone: Said) -> Result<Self, String> {
        let mailbox = |address: &String| {
            address.parse::<Mailbox>().map_err(|error| format!("an address of [alerts.mail] is none: {error}"))
        };
        let tls = || {
            TlsParameters::new(settings.server.clone())
                .map_err(|_| "the certificates of this machine cannot be read".to_owned())
        };
        let security = match settings.security {
            MailSecurity::Tls => Tls::Wrapper(tls()?),
            MailSecurity::Starttls => Tls::Required(tls()?),
            MailSecurity::None => Tls::None,
        };
        let from = mailbox(&settings.from)?;
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.server)
            .port(settings.port)
            .tls(security)
            .timeout(Some(ANSWER))
            // The name of this machine is nobody's business.
            .hello_name(ClientId::Domain(from.email.domain().to_owned()));
        if let (Some(user), Some(password)) = (&settings.user, password) {
            transport = transport.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        let to = settings.to.iter().map(mailbox).collect::<Result<_, _>>()?;
        Ok(Self { transport: transport.build(), from, to, zone })
    }

    fn letter(&self, notice: &Notice) -> Result<Message, Undelivered> {
        let Said { id, name, language, timezone } = &self.zone;
        let mut letter = Message::builder()
            .from(self.from.clone())
            .subject(notice.subject(id, *language))
            .message_id(Some(format!("<{}@{}>", notice.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            letter = letter.to(to.clone());
        }
        letter
            .body(notice.text(name, *language, timezone))
            .map_err(|error| Undelivered::Never(format!("no mail can be made: {error}")))
    }
}

#[async_trait]
impl Channel for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    async fn bring(&self, notice: &Notice) -> Result<(), Undelivered> {
        match self.transport.send(self.letter(notice)?).await {
            Ok(_) => Ok(()),
            // What the server writes may name a person's address: only its code is told.
            Err(error) => {
                let code = error.status().map_or_else(|| "no answer".to_owned(), |code| format!("SMTP {code}"));
                let refused = error.is_permanent();
                Err(if refused { Undelivered::Never(code) } else { Undelivered::Later(code) })
            }
        }
    }
}
