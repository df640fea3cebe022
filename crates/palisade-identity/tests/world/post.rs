//! Where messages go in a test.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use palisade_identity::mail::{MailError, MailSender, Message, Outbox, Sending};
use tokio::sync::Notify;

/// Keeps messages, or refuses them.
#[derive(Debug, Default)]
pub(crate) struct PostOffice {
    arrived: Mutex<VecDeque<Message>>,
    arrival: Notify,
    refusals: Mutex<VecDeque<MailError>>,
}

impl PostOffice {
    pub(crate) fn open() -> (Arc<Self>, Outbox) {
        let office = Arc::new(Self::default());
        (Arc::clone(&office), Outbox::start(office.clone()))
    }

    /// Refuses the next messages with these.
    pub(crate) fn refuse(&self, refusals: impl IntoIterator<Item = MailError>) {
        self.refusals.lock().unwrap().extend(refusals);
    }

    /// The next message, once it is here.
    pub(crate) async fn next(&self) -> Message {
        loop {
            let arrival = self.arrival.notified();
            if let Some(message) = self.arrived.lock().unwrap().pop_front() {
                return message;
            }
            arrival.await;
        }
    }

    /// What is here and was not asked for yet.
    pub(crate) fn rest(&self) -> Vec<Message> {
        self.arrived.lock().unwrap().drain(..).collect()
    }
}

impl MailSender for PostOffice {
    fn send(&self, message: Message) -> Sending<'_> {
        Box::pin(async move {
            if let Some(refusal) = self.refusals.lock().unwrap().pop_front() {
                return Err(refusal);
            }
            self.arrived.lock().unwrap().push_back(message);
            self.arrival.notify_waiters();
            Ok(())
        })
    }
}

/// The token in a message's link.
pub(crate) fn token_of(message: &Message) -> String {
    let text = message.text().expose();
    let (_, rest) = text.split_once("?token=").expect("a link");
    rest.split('\n').next().unwrap().to_owned()
}
