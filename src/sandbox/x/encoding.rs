//! Base64, as headers and PKCE write it.

/// Undoes base64 in either alphabet, with or without padding; `None` when the text is not base64.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn both_alphabets_are_read() {
        assert_eq!(base64("Y2xpZW50OnNlY3JldA==").as_deref(), Some(b"client:secret".as_slice()));
        assert_eq!(base64("+/8="), base64("-_8"));
        assert_eq!(base64("not base64!"), None);
    }
}
