//! What the texts of hashes are made of.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padded or not, and whatever is in the bits that no byte fills: each system has its own habits.
const TOLERANT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, TOLERANT);
const BCRYPT: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::BCRYPT, TOLERANT);

/// The digits of crypt(3), in the order of their values.
pub const CRYPT_DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Base64, padded or not. passlib writes `.` for `+`.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('.', "+")).ok()
}

/// bcrypt's base64: another order of the digits.
pub fn bcrypt_base64(text: &str) -> Option<Vec<u8>> {
    BCRYPT.decode(text).ok()
}

/// Hexadecimal digits of either case.
pub fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(byte).collect()
}

/// A decimal number without a sign.
pub fn number(text: &str) -> Option<u32> {
    let is_decimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What has no room is more than any bound.
    is_decimal.then(|| text.parse().unwrap_or(u32::MAX))
}

/// What follows `name=` among parameters such as `i=1000,l=32`.
pub fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters.split(',').find_map(|said| said.strip_prefix(name)?.strip_prefix('='))
}

/// Whether all parameters have names out of these.
pub fn are_named(parameters: &str, names: &[&str]) -> bool {
    let is_known = |said: &str| said.split_once('=').is_some_and(|(name, _)| names.contains(&name));
    parameters.split(',').all(is_known)
}

/// What follows `{name}`, whatever its case.
pub fn after_scheme<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (scheme, rest) = text.strip_prefix('{')?.split_once('}')?;
    scheme.eq_ignore_ascii_case(name).then_some(rest)
}
