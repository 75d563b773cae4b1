//! What is asked, and what stands in the new file, in the zone's first language.

use crate::model::Language;

/// Questions, and comments of the file.
pub struct Words {
    /// Asks for the name in one language, whose code is put in the place of `{}`.
    pub name: &'static str,
    /// Asks for the account on a platform, in the place of `{}`.
    pub account: &'static str,
    /// What the file is, a line each.
    pub file: [&'static str; 4],
    /// What `mode` means.
    pub mode: &'static str,
    /// What the names are.
    pub names: &'static str,
    /// What the languages are.
    pub languages: &'static str,
    /// What a Facebook Page's number is.
    pub facebook: &'static str,
    /// What an Instagram account's number is.
    pub instagram: &'static str,
    /// What a handle is.
    pub handle: &'static str,
    /// What the texts are.
    pub reply: &'static str,
}

/// The words of a language.
pub const fn words(language: Language) -> &'static Words {
    match language {
        Language::Fr => &FRENCH,
        Language::Nl => &DUTCH,
        Language::De => &GERMAN,
        Language::En => &ENGLISH,
    }
}

const FRENCH: Words = Words {
    name: "Le nom de la zone en « {} »",
    account: "{} : le compte de la zone, vide s'il n'y en a pas",
    file: [
        "Ce fichier dit ce que le service répond, et où.",
        "Une ligne qui commence par « # » ne compte pas : enlevez le « # » pour l'activer.",
        "Après chaque changement : `formez101 check` montre les fautes (ligne et colonne) et tous les textes.",
        "Aucun mot de passe ni jeton d'accès dans ce fichier.",
    ],
    mode: "\"observe\" : décider et compter, ne rien publier. \"reply\" : répondre. \"pause\" : se taire pour le moment.",
    names: "Le nom de la zone dans chacune de ses langues.",
    languages: "Les langues de la zone, dans l'ordre légal ; le service ne répond dans aucune autre.",
    facebook: "Le numéro de la page (À propos, Transparence de la page).",
    instagram: "Le numéro du compte professionnel.",
    handle: "Le nom du compte.",
    reply: "Vos propres textes ; sans eux, un texte standard est utilisé. `formez101 preview` les montre tous.",
};

const DUTCH: Words = Words {
    name: "De naam van de zone in \"{}\"",
    account: "{}: het account van de zone, leeg als er geen is",
    file: [
        "Dit bestand zegt wat de dienst antwoordt, en waar.",
        "Een regel die met \"#\" begint, telt niet: haal de \"#\" weg om hem te gebruiken.",
        "Na elke wijziging: `formez101 check` toont de fouten (regel en kolom) en alle teksten.",
        "Geen wachtwoord of toegangstoken in dit bestand.",
    ],
    mode: "\"observe\": beslissen en tellen, niets plaatsen. \"reply\": antwoorden. \"pause\": voorlopig zwijgen.",
    names: "De naam van de zone in elk van haar talen.",
    languages: "De talen van de zone, in de wettelijke volgorde; de dienst antwoordt in geen andere.",
    facebook: "Het nummer van de pagina (Info, Paginatransparantie).",
    instagram: "Het nummer van het professionele account.",
    handle: "De naam van het account.",
    reply: "Uw eigen teksten; zonder deze geldt een standaardtekst. `formez101 preview` toont ze allemaal.",
};

const GERMAN: Words = Words {
    name: "Der Name der Zone in „{}“",
    account: "{}: das Konto der Zone, leer, wenn es keines gibt",
    file: [
        "Diese Datei sagt, was der Dienst antwortet, und wo.",
        "Eine Zeile, die mit „#“ beginnt, zählt nicht: Entfernen Sie das „#“, um sie zu benutzen.",
        "Nach jeder Änderung: `formez101 check` zeigt die Fehler (Zeile und Spalte) und alle Texte.",
        "Kein Passwort und kein Zugangstoken in dieser Datei.",
    ],
    mode: "\"observe\": entscheiden und zählen, nichts veröffentlichen. \"reply\": antworten. \"pause\": vorläufig schweigen.",
    names: "Der Name der Zone in jeder ihrer Sprachen.",
    languages: "Die Sprachen der Zone in der gesetzlichen Reihenfolge; der Dienst antwortet in keiner anderen.",
    facebook: "Die Nummer der Seite (Info, Seitentransparenz).",
    instagram: "Die Nummer des professionellen Kontos.",
    handle: "Der Name des Kontos.",
    reply: "Ihre eigenen Texte; ohne sie gilt ein Standardtext. `formez101 preview` zeigt sie alle.",
};

const ENGLISH: Words = Words {
    name: "The zone's name in \"{}\"",
    account: "{}: the zone's account, empty if there is none",
    file: [
        "This file says what the service answers, and where.",
        "A line that begins with \"#\" does not count: take the \"#\" away to use it.",
        "After each change: `formez101 check` shows the mistakes (line and column) and every text.",
        "No password and no access token in this file.",
    ],
    mode: "\"observe\": decide and count, post nothing. \"reply\": answer. \"pause\": be silent for now.",
    names: "The zone's name in each of its languages.",
    languages: "The zone's languages, in legal order; the service answers in no other.",
    facebook: "The Page's number (About, Page transparency).",
    instagram: "The number of the professional account.",
    handle: "The account's name.",
    reply: "Texts of your own; without them a standard text is used. `formez101 preview` shows them all.",
};
