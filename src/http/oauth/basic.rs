//! `client_secret_basic` (RFC 6749 §2.3.1): HTTP Basic, whose two parts are encoded as a form's values are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The client's id and its secret in what follows `Basic `; nothing for a text that is none of that.
pub(super) fn read(text: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((unescaped(id)?, unescaped(secret)?))
}

/// Takes back what encoding a form's value did: `+` is a space, `%XX` a byte of UTF-8.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next()?)? * 16 + digit(rest.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(text: &str) -> Option<(String, String)> {
        read(&STANDARD.encode(text))
    }

    /// RFC 6749 §2.3.1, and the examples of appendix B and of RFC 7617 §2.
    #[test]
    fn both_parts_are_decoded() {
        let pair = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(
            read("czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"),
            pair("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw")
        );
        assert_eq!(basic("+%25%26%2B%C2%A3%E2%82%AC:a%3Ab:c"), pair(" %&+£€", "a:b:c"));
        assert_eq!(basic("a:"), pair("a", ""));
        for wrong in ["a", "a:%", "a:%4", "a:%zz", "a:%ff"] {
            assert_eq!(basic(wrong), None, "{wrong}");
        }
        assert_eq!(read("not base64"), None);
    }
}
