//! What cannot be answered by its nature, as the adapter found it.

use crate::{
    judge::Case,
    model::{Barrier, Silence},
};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    case.message.barrier.map(|barrier| match barrier {
        Barrier::NotAddressed => Silence::NotAddressed,
        Barrier::RepliesClosed => Silence::RepliesClosed,
        Barrier::Group => Silence::Group,
        Barrier::Unreadable => Silence::Unreadable,
        Barrier::NotAMessage => Silence::NotAMessage,
        Barrier::NoWay => Silence::NoWay,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn a_mention_hidden_deep_in_a_thread_does_not_address_us() {
        Given::default().barrier(Barrier::NotAddressed).expect(check, Some(Silence::NotAddressed));
        Given::default().barrier(Barrier::Group).expect(check, Some(Silence::Group));
        Given::default().expect(check, None);
    }
}
