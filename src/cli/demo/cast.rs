//! Who writes what in the demo, and what is due to each. Nobody here exists.

use crate::{
    model::{Language, Silence},
    sandbox::{Colleague, Feed, Sandbox, Say},
};

/// One message, and what is due to it.
#[derive(Debug, Clone)]
pub struct Scene {
    pub feed: Feed,
    pub who: String,
    pub text: String,
    pub due: Due,
    /// Written only when everything before it has ended.
    pub after_all_others: bool,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// One reply in this language.
    Reply(Language),
    /// Silence for this reason.
    Silence(Silence),
    /// Whatever the service decides: typed by hand.
    Anything,
}

/// Whose handle the demo zone lists as a bot.
pub const BOT: &str = "verkeersbot";
/// Who is in conversation with a colleague when the curtain rises.
const IN_GOOD_HANDS: &str = "Odette Lambin";

impl Scene {
    fn new(feed: Feed, who: &str, text: &str, due: Due) -> Self {
        Self { feed, who: who.to_owned(), text: text.to_owned(), due, after_all_others: false }
    }

    /// `FEED NAME: TEXT`.
    pub fn typed(line: &str) -> Option<Self> {
        let (head, text) = line.split_once(':')?;
        let (feed, who) = head.trim().split_once(' ')?;
        let feed = serde_json::from_value(serde_json::Value::from(feed)).ok()?;
        (!text.trim().is_empty()).then(|| Self::new(feed, who.trim(), text.trim(), Due::Anything))
    }

    /// The scene as the sandbox plays it.
    pub fn say(&self) -> Say {
        Say::new(self.feed, &self.who, &self.text)
    }
}

/// What stands on the platforms before the service starts for the first time: never to be answered.
pub fn before_the_curtain(sandbox: &Sandbox) -> anyhow::Result<()> {
    let said = |say: Say| sandbox.say(say).map_err(anyhow::Error::msg);
    said(Say::new(Feed::FacebookInbox, "Gaston Oubli", "Bonjour, quelles sont vos heures d'ouverture ?").at("-26h"))?;
    said(Say::new(Feed::XInbox, "Oude Bekende", "Dank u voor de snelle hulp gisteren").at("-5h"))?;
    let open = said(
        Say::new(Feed::FacebookInbox, IN_GOOD_HANDS, "On a forcé ma cave cette nuit, que dois-je faire ?").at("-6m"),
    )?;
    let mut answer = Colleague::to(
        Feed::FacebookInbox,
        &open.message_id,
        "Bonjour Madame, pouvez-vous m'envoyer l'adresse ? Je reste en ligne.",
    );
    answer.at = Some("-4m".to_owned());
    sandbox.colleague(&answer).map_err(anyhow::Error::msg)?;
    Ok(())
}

/// The play: citizens in four languages on every feed, a colleague's conversation, a bot, a photo that cannot be
/// answered, and one who writes again.
pub fn scenes() -> Vec<Scene> {
    use Due::{Reply, Silence as Quiet};
    use Feed::{
        FacebookComments, FacebookInbox, FacebookMentions, InstagramComments, InstagramInbox, InstagramMentions,
        XInbox, XMentions,
    };
    use Language::{De, En, Fr, Nl};
    let mut scenes = vec![
        Scene::new(
            FacebookInbox,
            "Amélie Dubuisson",
            "Bonsoir, il y a une bagarre devant le café, ils sont au moins cinq",
            Reply(Fr),
        ),
        Scene::new(
            FacebookInbox,
            "Jef Verdonck",
            "Er probeert iemand binnen te breken bij de buren, kom snel",
            Reply(Nl),
        ),
        Scene::new(XMentions, "pendelaar_bxl", "ongeval op de kleine ring, er ligt iemand op de grond", Reply(Nl)),
        Scene::new(
            XInbox,
            "nadia_be",
            "Bonjour, mon voisin frappe sa femme, on entend des cris depuis dix minutes",
            Reply(Fr),
        ),
        Scene::new(
            FacebookMentions,
            "Rachid Benali",
            "Une voiture roule à contresens sur le boulevard, faites quelque chose",
            Reply(Fr),
        ),
        Scene::new(
            FacebookInbox,
            "Greta Schmitz",
            "Guten Abend, vor unserem Haus liegt ein verletzter Mann und niemand hilft ihm",
            Reply(De),
        ),
        Scene::new(
            XMentions,
            BOT,
            "Wegeninfo 23:00: file op de ring, rekening houden met 15 minuten vertraging",
            Quiet(Silence::Bot),
        ),
        Scene::new(
            FacebookInbox,
            "Tom Whitaker",
            "Hello, someone is following me near the station and I am scared",
            Reply(En),
        ),
        Scene::new(
            FacebookComments,
            "Brigitte Noël",
            "Et chez nous alors ? On vient de me voler mon sac à l'instant",
            Reply(Fr),
        ),
        Scene::new(InstagramInbox, "sofie.vdb", "Er zit iemand in onze tuin, kunnen jullie meteen komen", Reply(Nl)),
        Scene::new(
            InstagramComments,
            "mehdi_bxl",
            "Il y a un accident grave devant la gare, envoyez quelqu'un",
            Reply(Fr),
        ),
        Scene::new(InstagramMentions, "straatfotograaf", "Vechtpartij op de markt, kijk maar", Quiet(Silence::NoWay)),
        Scene::new(XInbox, "wout1000", "Er staat een man met een mes aan de metro", Reply(Nl)),
        Scene::new(
            FacebookInbox,
            IN_GOOD_HANDS,
            "Oui, c'est rue du Moulin 14, la porte est cassée",
            Quiet(Silence::Colleague),
        ),
        Scene::new(FacebookMentions, "Lieve Claes", "Er is brand in het appartement tegenover de school", Reply(Nl)),
        Scene::new(XMentions, "lucie_1030", "des jeunes jettent des pierres sur les bus place Liedts", Reply(Fr)),
        Scene::new(
            XInbox,
            "hans_in_bruessel",
            "Man hat mir gerade das Handy gestohlen und der Dieb ist noch hier",
            Reply(De),
        ),
        Scene::new(XMentions, "kate_visits", "there is a child alone at the bus stop and it is freezing", Reply(En)),
    ];
    let again = Scene::new(
        FacebookInbox,
        "Amélie Dubuisson",
        "Vous avez vu mon message ? Ils se battent toujours",
        Quiet(Silence::Cooldown),
    );
    scenes.push(Scene { after_all_others: true, ..again });
    scenes
}
