//! The codes of an authenticator app, by the letter of RFC 4226 and RFC 6238 and by nothing of the server's.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// A step of time, in milliseconds.
pub const STEP: i64 = 30_000;

/// The code of six digits that an app with this secret (base32) shows at this time, in milliseconds.
pub fn code(secret: &str, at: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&base32(secret)).expect("HMAC takes keys of any length");
    mac.update(&u64::try_from(at / STEP).expect("after 1970").to_be_bytes());
    let digest = mac.finalize().into_bytes();
    // RFC 4226 §5.3: dynamic truncation.
    let offset = usize::from(digest[19] & 0xf);
    let four: [u8; 4] = digest[offset..offset + 4].try_into().expect("four bytes");
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

/// RFC 4648 §6, without padding.
pub fn base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for symbol in text.bytes() {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'2'..=b'7' => symbol - b'2' + 26,
            other => panic!("{} is no symbol of base32", char::from(other)),
        };
        bits = (bits << 5) | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("a byte"));
        }
    }
    bytes
}
