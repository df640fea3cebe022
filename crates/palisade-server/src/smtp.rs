//! Sends mail by SMTP (RFC 5321, submission as of RFC 6409 and RFC 8314).
//!
//! The log learns the server's reply code and nothing else: its text often repeats the recipient.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message as Envelope, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{Error, authentication::Credentials},
};
use palisade::{
    clock::{Clock, SharedClock},
    random::SharedRandom,
};
use palisade_identity::{
    email::Email,
    mail::{MailError, MailSender, Message, Outbox, Sending},
};

use crate::config::{Mail, MailTls};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// A mail server that takes our messages.
struct Smtp {
    transport: Transport,
    from: Mailbox,
    clock: SharedClock,
    random: SharedRandom,
}

/// The box that messages wait in for the mail server of the configuration, if it names one. Runs in the tokio runtime it
/// is called in.
pub(crate) fn outbox(mail: &Mail, clock: &SharedClock, random: &SharedRandom) -> Result<Option<Outbox>> {
    let (Some(host), Some(from)) = (&mail.host, &mail.from) else { return Ok(None) };
    let smtp = Smtp {
        transport: transport(mail, host).context("[mail]")?,
        from: Mailbox::new(Some("Palisade".to_owned()), address(from).context("mail.from")?),
        clock: Arc::clone(clock),
        random: Arc::clone(random),
    };
    Ok(Some(Outbox::start(Arc::new(smtp))))
}

fn transport(mail: &Mail, host: &str) -> Result<Transport> {
    let builder = match mail.tls {
        MailTls::Required => Transport::relay(host)?,
        MailTls::Starttls => Transport::starttls_relay(host)?,
        MailTls::None => Transport::builder_dangerous(host),
    };
    let builder = builder.timeout(Some(Duration::from_secs(mail.timeout_seconds)));
    let builder = match mail.port {
        Some(port) => builder.port(port),
        None => builder,
    };
    Ok(match (&mail.username, mail.password()?) {
        (Some(username), Some(password)) => {
            builder.credentials(Credentials::new(username.clone(), password.expose().to_owned())).build()
        }
        _ => builder.build(),
    })
}

fn address(email: &Email) -> Result<Address, lettre::address::AddressError> {
    email.as_str().parse()
}

impl Smtp {
    fn envelope(&self, message: &Message) -> Result<Envelope, MailError> {
        let refused = |what: &str| MailError::Refused(what.to_owned());
        let to =
            address(message.to()).map_err(|_| refused("the address has a form that cannot be sent to"))?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Envelope::builder()
            .from(self.from.clone())
            .to(to.into())
            .subject(message.subject())
            .date(time_of_day(&*self.clock))
            .message_id(Some(self.message_id()?))
            .header(ContentType::TEXT_PLAIN)
            // So that nobody's holiday notice answers it (RFC 3834, section 5).
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .body(message.text().expose().to_owned())
            .map_err(|_| refused("it could not be written"))
    }

    /// Names the domain that mail comes from instead of this machine.
    fn message_id(&self) -> Result<String, MailError> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes).map_err(|error| MailError::Unavailable(error.to_string()))?;
        Ok(format!("<{:032x}@{}>", u128::from_be_bytes(bytes), self.from.email.domain()))
    }
}

fn time_of_day(clock: &dyn Clock) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(clock.now().as_unix().try_into().unwrap_or(0))
}

impl MailSender for Smtp {
    fn send(&self, message: Message) -> Sending<'_> {
        Box::pin(async move {
            let envelope = self.envelope(&message)?;
            self.transport.send(envelope).await.map(drop).map_err(|error| why(&error))
        })
    }
}

fn why(error: &Error) -> MailError {
    let what = match error.status() {
        Some(code) => format!("it answered {code}"),
        None if error.is_timeout() => "it did not answer in time".to_owned(),
        None if error.is_tls() => "no trusted TLS connection came to be".to_owned(),
        None if error.is_response() => "its answer could not be read".to_owned(),
        None => "the connection failed".to_owned(),
    };
    if error.is_permanent() { MailError::Refused(what) } else { MailError::Unavailable(what) }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").finish_non_exhaustive()
    }
}
