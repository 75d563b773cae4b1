//! Whose id is whose: the zone's accounts and the citizens, on every platform.

use super::world::{Citizen, Feed, World};

impl World {
    /// True for the id of one of the zone's accounts.
    pub fn is_us(&self, id: &str) -> bool {
        [&self.setup.page_id, &self.setup.x_user_id, &self.setup.instagram_id].iter().any(|own| *own == id)
    }

    /// The zone's own id in a feed.
    pub fn own_id(&self, feed: Feed) -> &str {
        match feed {
            Feed::FacebookInbox | Feed::FacebookMentions | Feed::FacebookComments => &self.setup.page_id,
            Feed::InstagramInbox | Feed::InstagramComments | Feed::InstagramMentions => &self.setup.instagram_id,
            Feed::XMentions | Feed::XInbox => &self.setup.x_user_id,
        }
    }

    /// The name shown for an id of any platform; on Instagram the user name.
    pub fn name_of(&self, id: &str) -> String {
        for (own, name) in [
            (&self.setup.page_id, &self.setup.page_name),
            (&self.setup.x_user_id, &self.setup.x_username),
            (&self.setup.instagram_id, &self.setup.instagram_username),
        ] {
            if own == id {
                return name.clone();
            }
        }
        let found = self.known_as(id);
        found
            .map(|citizen| if citizen.igsid == id { &citizen.handle } else { &citizen.name })
            .cloned()
            .unwrap_or_default()
    }

    /// The citizen who has this id on any platform.
    pub fn known_as(&self, id: &str) -> Option<&Citizen> {
        self.people.by_id(id)
    }

    /// The id under which a citizen's posts and comments show him on Facebook.
    pub fn facebook_author(&self, citizen: &Citizen) -> String {
        if self.settings.meta.graph_comment_author_is_psid { citizen.psid.clone() } else { citizen.facebook_id.clone() }
    }
}
