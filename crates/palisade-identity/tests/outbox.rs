//! The box that messages wait in: what is tried again, what is not, and that it is bounded.

mod world;

use palisade_identity::{mail::MailError, proofs::Proofs};

use crate::world::{applicant, post::PostOffice, world};

fn unavailable() -> MailError {
    MailError::Unavailable("it answered 451".to_owned())
}

/// The time between is the paused clock's.
#[tokio::test(start_paused = true)]
async fn a_mail_server_that_is_away_for_a_while_gets_the_message_later() {
    let world = world();
    let (office, outbox) = PostOffice::open();
    let proofs = Proofs::new(world.accounts.clone(), "https://id.example.org", Some(outbox.clone()));
    office.refuse([unavailable(), unavailable(), unavailable(), unavailable()]);
    proofs.welcome(&world.accounts.sign_up(applicant("ada")).await.unwrap());
    assert_eq!(office.next().await.to().as_str(), "somebody@example.org");
    outbox.finish().await;
    assert_eq!(office.rest().len(), 0, "once");
}

#[tokio::test(start_paused = true)]
async fn it_is_given_up_after_five_times_or_when_it_is_refused_for_good() {
    let world = world();
    let account = world.accounts.sign_up(applicant("ada")).await.unwrap();
    for refusals in [vec![unavailable(); 5], vec![MailError::Refused("it answered 550".to_owned())]] {
        let (office, outbox) = PostOffice::open();
        let proofs = Proofs::new(world.accounts.clone(), "https://id.example.org", Some(outbox.clone()));
        office.refuse(refusals);
        proofs.welcome(&account);
        outbox.finish().await;
        assert_eq!(office.rest().len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn attack_more_requests_than_the_outbox_holds() {
    let world = world();
    let account = world.accounts.sign_up(applicant("ada")).await.unwrap();
    let (office, outbox) = PostOffice::open();
    let proofs = Proofs::new(world.accounts.clone(), "https://id.example.org", Some(outbox.clone()));
    // Nobody works it off while this does not wait.
    let taken = (0..5000).filter(|_| proofs.request_verification(account.id).is_ok()).count();
    assert_eq!(taken, 1024);
    assert_eq!(proofs.forgot_password("ada"), Ok(()), "nobody is told");
    outbox.finish().await;
    assert_eq!(office.rest().len(), 3, "and of what was taken, what one mailbox gets");
}
