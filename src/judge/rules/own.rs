//! Our own account is never answered.

use crate::{judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    case.message.author.as_ref().is_some_and(|author| author.is_self).then_some(Silence::Own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn our_own_post_is_not_answered_but_one_of_an_unknown_author_is() {
        Given::default().by_ourselves().expect(check, Some(Silence::Own));
        Given::default().by_nobody_known().expect(check, None);
        Given::default().expect(check, None);
    }
}
