//! The key under which a reply is written: made of the message that it answers, so that a second write finds the first.
//!
//! A post's key must be a TID: 64 bits in 13 letters, of which 53 count the microseconds since 1970 and 10 tell writers
//! apart (`platforms/bluesky.md` 4). Ours has the second of the message, so that it stands near its time in the list of
//! our records, and in all lower bits a hash of the message's address and our own.

use std::time::Duration;

use aws_lc_rs::digest;
use jiff::Timestamp;

/// The letters of a TID, in the order of their values.
const LETTERS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
/// How many letters a TID has.
const LENGTH: usize = 13;
/// The bits that tell writers apart.
const WRITER: u32 = 10;
/// The lowest bits of the microseconds, a second or so, are hash too.
const HASHED: u32 = WRITER + 20;

/// The key of our reply to a message, both named by their address and account.
pub fn of_reply(us: &str, message: &str, message_key: &str) -> String {
    let hash = digest::digest(&digest::SHA256, format!("{us} {message}").as_bytes());
    let hash = hash.as_ref().iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let low = (1 << HASHED) - 1;
    // A key that is none has no time; then the hash alone must do.
    let time = number(message_key).unwrap_or(hash >> 1);
    write((time & !low) | (hash & low))
}

/// When a record of that key was written, if its writer had the right time.
pub fn time(key: &str) -> Option<Timestamp> {
    Timestamp::UNIX_EPOCH.checked_add(Duration::from_micros(number(key)? >> WRITER)).ok()
}

fn number(key: &str) -> Option<u64> {
    if key.len() != LENGTH {
        return None;
    }
    key.bytes().try_fold(0_u64, |number, letter| {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        number.checked_mul(32)?.checked_add(value as u64)
    })
}

fn write(number: u64) -> String {
    // The highest bit is always 0.
    let number = number & (u64::MAX >> 1);
    (0..LENGTH).rev().map(|place| char::from(LETTERS[(number >> (5 * place) & 31) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "at://did:plc:citizen/app.bsky.feed.post/3n2z2aqwd7k22";

    #[test]
    fn a_key_is_read_and_written() {
        assert_eq!(write(number("3n2z2aqwd7k22").unwrap()), "3n2z2aqwd7k22");
        for text in ["", "3n2z2aqwd7k2", "3n2z2aqwd7k21", "zzzzzzzzzzzzzz", "zzzzzzzzzzzzz"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(time("3n2z2aqwd7k22").unwrap().to_string()[..7].to_owned(), "2026-11");
    }

    #[test]
    fn a_reply_has_the_same_key_for_ever_and_no_other_has_it() {
        let key = of_reply("did:plc:zone", MESSAGE, "3n2z2aqwd7k22");
        assert_eq!(key, of_reply("did:plc:zone", MESSAGE, "3n2z2aqwd7k22"));
        assert_ne!(key, of_reply("did:plc:sister", MESSAGE, "3n2z2aqwd7k22"));
        assert_ne!(key, of_reply("did:plc:zone", &MESSAGE.replace("citizen", "other"), "3n2z2aqwd7k22"));
        let apart = time(&key).unwrap().duration_since(time("3n2z2aqwd7k22").unwrap());
        assert!(apart.abs() < jiff::SignedDuration::from_secs(2), "{apart:?}");
    }

    #[test]
    fn a_message_with_a_strange_key_is_answered_under_a_good_one() {
        let key = of_reply("did:plc:zone", "at://did:plc:citizen/app.bsky.feed.post/self", "self");
        assert!(number(&key).is_some_and(|number| number <= u64::MAX >> 1), "{key}");
    }
}
