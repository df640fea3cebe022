//! The box that letters wait in, so that nobody who asked for one waits for it, and nobody can tell by the time whether
//! one is sent at all.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::{JoinHandle, JoinSet},
};

use super::{MailError, MailSender, Message};
use crate::accounts::AccountsError;

/// How many letters may wait; the next one is dropped.
const WAITING: usize = 1024;

/// How many are written and sent at the same time.
const AT_ONCE: usize = 4;

/// How long to wait before each further attempt. A link is good for half an hour at least, so trying for longer than
/// some minutes would deliver what is void.
const AGAIN_AFTER: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(15), Duration::from_secs(60), Duration::from_secs(240)];

/// A letter that is still to be written; it may turn out that there is none to be sent.
type Letter = Pin<Box<dyn Future<Output = Result<Option<Message>, AccountsError>> + Send>>;

enum Item {
    Letter(Letter),
    End,
}

/// Letters on their way out, in memory: whatever has not been sent when the process ends is lost, and asked for again.
/// Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    queue: Sender<Item>,
    work: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// Too many letters are waiting; this one was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many letters are waiting")]
pub struct Full;

impl Outbox {
    /// Starts sending what is put in by `sender`, in a task of its own; needs a tokio runtime with time.
    pub fn start(sender: Arc<dyn MailSender>) -> Self {
        let (queue, waiting) = channel(WAITING);
        let work = tokio::spawn(work_off(waiting, sender));
        Self { queue, work: Arc::new(Mutex::new(Some(work))) }
    }

    /// Puts a letter in, to be written and sent later.
    ///
    /// # Errors
    ///
    /// [`Full`], which is logged.
    pub(crate) fn put(
        &self,
        letter: impl Future<Output = Result<Option<Message>, AccountsError>> + Send + 'static,
    ) -> Result<(), Full> {
        self.queue.try_send(Item::Letter(Box::pin(letter))).map_err(|_| {
            tracing::warn!(waiting = WAITING, "a message was dropped: too many are waiting to be sent");
            Full
        })
    }

    /// Sends what has been put in until now, and nothing after it; ends when that is done or given up, which can take
    /// minutes while the mail server does not answer.
    pub async fn finish(&self) {
        let work = self.work.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(work) = work else { return };
        if self.queue.send(Item::End).await.is_ok() {
            // If it panicked, there is nothing left to wait for.
            let _ended = work.await;
        }
    }
}

async fn work_off(mut waiting: Receiver<Item>, sender: Arc<dyn MailSender>) {
    let mut under_way = JoinSet::new();
    while let Some(Item::Letter(letter)) = waiting.recv().await {
        while under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        under_way.spawn(deliver(letter, Arc::clone(&sender)));
    }
    waiting.close();
    while under_way.join_next().await.is_some() {}
}

async fn deliver(letter: Letter, sender: Arc<dyn MailSender>) {
    let message = match letter.await {
        Ok(Some(message)) => message,
        Ok(None) => return,
        Err(error) => return tracing::error!(%error, "a message was not written"),
    };
    let mut again_after = AGAIN_AFTER.iter();
    loop {
        let error = match sender.send(message.clone()).await {
            Ok(()) => return tracing::debug!(subject = message.subject(), "a message was sent"),
            Err(error) => error,
        };
        match again_after.next() {
            // Most often an address that does not exist: anybody can cause it, and no operator can do anything about it.
            _ if matches!(error, MailError::Refused(_)) => {
                return tracing::warn!(%error, subject = message.subject(), "a message was not sent");
            }
            Some(pause) => {
                tracing::warn!(%error, again_in = ?pause, "a message was not sent yet");
                tokio::time::sleep(*pause).await;
            }
            None => return tracing::error!(%error, subject = message.subject(), "a message was not sent"),
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("room", &self.queue.capacity()).finish_non_exhaustive()
    }
}
