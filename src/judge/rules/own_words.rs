//! A text that is nearly one of our own comes from another machine, or from someone quoting us.

use crate::{judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    case.own_words.is_ours(case.message.text.expose()).then_some(Silence::OwnWords)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::rules::case::Given;

    #[test]
    fn a_sister_zones_automatic_reply_is_recognised_by_its_words() {
        Given::default()
            .text("@ZPExemple PAS d'appels urgents via ce canal, formez le 101. Zone de police Ailleurs")
            .expect(check, Some(Silence::OwnWords));
        Given::default().text("Bonjour, quelqu'un force la porte du voisin").expect(check, None);
        Given::default().text("").expect(check, None);
    }
}
