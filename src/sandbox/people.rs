//! Everybody who has an account, found by name, handle or id without looking at all of them: thousands may write.

use std::collections::HashMap;

use super::world::Citizen;

/// The citizens, in the order in which they first wrote.
#[derive(Default)]
pub struct People {
    all: Vec<Citizen>,
    by_name: HashMap<String, usize>,
    by_handle: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
}

impl People {
    /// Everybody.
    pub fn all(&self) -> &[Citizen] {
        &self.all
    }

    /// The citizen who has this id on any platform.
    pub fn by_id(&self, id: &str) -> Option<&Citizen> {
        self.by_id.get(id).map(|&at| &self.all[at])
    }

    /// The citizen who has this id among those of one platform.
    pub fn has(&self, id: &str, of: impl Fn(&Citizen) -> &str) -> bool {
        self.by_id(id).is_some_and(|citizen| of(citizen) == id)
    }

    /// The citizen with this handle, in large letters or small.
    pub fn by_handle(&self, handle: &str) -> Option<&Citizen> {
        self.by_handle.get(&handle.to_lowercase()).map(|&at| &self.all[at])
    }

    /// The citizen of that name or handle, made on first use.
    pub fn named(&mut self, from: &str) -> Citizen {
        let name = from.trim().trim_start_matches('@').to_owned();
        let wanted = name.to_lowercase();
        let known = [&self.by_name, &self.by_handle].into_iter().filter_map(|index| index.get(&wanted)).min();
        if let Some(&at) = known {
            return self.all[at].clone();
        }
        let number = self.all.len() as u64 + 1;
        let mut handle: String = from.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(15).collect();
        if handle.is_empty() || self.by_handle(&handle).is_some() {
            // A handle has at most 15 characters.
            handle.truncate(15 - number.to_string().len());
            handle = format!("{handle}{number}");
        }
        let citizen = Citizen {
            name,
            handle,
            psid: (2_711_636_900_000_000 + number * 7_919).to_string(),
            facebook_id: (5_120_043_300_000_000 + number * 6_353).to_string(),
            igsid: (1_784_140_600_000_000 + number * 5_443).to_string(),
            x_id: (1_400_000_000_000_000_000 + number * 104_729).to_string(),
        };
        let at = self.all.len();
        self.by_name.entry(wanted).or_insert(at);
        self.by_handle.entry(citizen.handle.to_lowercase()).or_insert(at);
        for id in [&citizen.psid, &citizen.facebook_id, &citizen.igsid, &citizen.x_id] {
            self.by_id.entry(id.clone()).or_insert(at);
        }
        self.all.push(citizen.clone());
        citizen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_one_under_every_name_and_id() {
        let mut people = People::default();
        let jan = people.named("Jan Voorbeeld");
        assert_eq!(people.named("@jan voorbeeld"), jan);
        assert_eq!(people.named("JANVOORBEELD"), jan, "his handle");
        assert_ne!(people.named("Jan.Voorbeeld").handle.to_lowercase(), jan.handle.to_lowercase());
        assert_eq!(people.by_id(&jan.x_id), Some(&jan));
        assert!(people.has(&jan.psid, |citizen| &citizen.psid) && !people.has(&jan.psid, |citizen| &citizen.x_id));
        assert_eq!(people.by_handle("janvoorbeeld"), Some(&jan));
        assert_eq!(people.all().len(), 2);
    }
}
