//! Someone who watches the service decide, such as the demo's timeline. Sees messages in memory, keeps nothing.

use crate::model::{Decision, Message, Outcome, Target};

/// Is told what happens, at the moment it has become durable.
pub trait Observer: Send + Sync {
    /// A message was judged and recorded.
    fn decided(&self, _message: &Message, _decision: &Decision) {}

    /// A reply has ended.
    fn ended(&self, _target: &Target, _outcome: Outcome) {}
}

/// Nobody watches.
pub struct Nobody;

impl Observer for Nobody {}
