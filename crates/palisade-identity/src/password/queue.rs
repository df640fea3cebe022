//! Two queues, served in turn, from which a place can be given back.

use std::collections::BTreeMap;

/// Whose turn a password waits for. A flood in one queue takes at most every second turn from the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Verifying the password of somebody who signs in or confirms a change.
    SignIn,
    /// Hashing a password that is new.
    SignUp,
}

impl Queue {
    const fn other(self) -> Self {
        match self {
            Self::SignIn => Self::SignUp,
            Self::SignUp => Self::SignIn,
        }
    }
}

/// A place in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    queue: Queue,
    number: u64,
}

/// Those who wait, first come first served within each queue.
#[derive(Debug)]
pub(super) struct Queues<T> {
    sign_in: BTreeMap<u64, T>,
    sign_up: BTreeMap<u64, T>,
    next: u64,
    turn: Queue,
}

impl<T> Queues<T> {
    pub(super) const fn new() -> Self {
        Self { sign_in: BTreeMap::new(), sign_up: BTreeMap::new(), next: 0, turn: Queue::SignIn }
    }

    /// How many wait in `queue`.
    pub(super) fn len(&self, queue: Queue) -> usize {
        match queue {
            Queue::SignIn => self.sign_in.len(),
            Queue::SignUp => self.sign_up.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sign_in.is_empty() && self.sign_up.is_empty()
    }

    /// How many will be served before somebody who joins `queue` now.
    pub(super) fn ahead(&self, queue: Queue) -> usize {
        let own = self.len(queue);
        own + self.len(queue.other()).min(own + 1)
    }

    pub(super) fn join(&mut self, queue: Queue, waiting: T) -> Ticket {
        let number = self.next;
        self.next += 1;
        self.of(queue).insert(number, waiting);
        Ticket { queue, number }
    }

    /// Gives a place back; `None` if its turn has already come.
    pub(super) fn leave(&mut self, ticket: Ticket) -> Option<T> {
        self.of(ticket.queue).remove(&ticket.number)
    }

    /// The next: from each queue in turn, while both have somebody.
    pub(super) fn next(&mut self) -> Option<T> {
        let queue = if self.len(self.turn) > 0 { self.turn } else { self.turn.other() };
        let (_, next) = self.of(queue).pop_first()?;
        self.turn = queue.other();
        Some(next)
    }

    fn of(&mut self, queue: Queue) -> &mut BTreeMap<u64, T> {
        match queue {
            Queue::SignIn => &mut self.sign_in,
            Queue::SignUp => &mut self.sign_up,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_sign_ups_does_not_starve_sign_ins() {
        let mut queues = Queues::new();
        for n in 0..1000 {
            queues.join(Queue::SignUp, ("up", n));
        }
        assert_eq!(queues.ahead(Queue::SignIn), 1);
        queues.join(Queue::SignIn, ("in", 0));
        queues.join(Queue::SignIn, ("in", 1));
        let served: Vec<_> = std::iter::from_fn(|| queues.next()).take(5).collect();
        assert_eq!(served, [("in", 0), ("up", 0), ("in", 1), ("up", 1), ("up", 2)]);
    }

    #[test]
    fn whoever_leaves_is_not_served_and_nobody_else_loses_a_place() {
        let mut queues = Queues::new();
        queues.join(Queue::SignIn, 1);
        let second = queues.join(Queue::SignIn, 2);
        queues.join(Queue::SignIn, 3);
        assert_eq!(queues.leave(second), Some(2));
        assert_eq!(queues.leave(second), None);
        assert_eq!(std::iter::from_fn(|| queues.next()).collect::<Vec<_>>(), [1, 3]);
    }
}
