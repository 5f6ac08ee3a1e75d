//! Standard Webhooks' signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use provost::delivery::webhook::{Secret, Signed, sign};
use provost::model::clock::Timestamp;
use sha2::{Digest as _, Sha256};

/// HMAC-SHA-256 by the letter of RFC 2104, for keys of at most a block.
pub fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let padded = |pad: u8| -> Vec<u8> {
        (0..64).map(|place| key.get(place).copied().unwrap_or_default() ^ pad).collect()
    };
    let inner = Sha256::digest([padded(0x36), message.to_vec()].concat());
    Sha256::digest([padded(0x5c), inner.to_vec()].concat()).to_vec()
}

/// The vector that the reference libraries of Standard Webhooks test with.
#[test]
fn the_published_vector_is_met() {
    let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let signed = Signed {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        at: Timestamp(1_614_265_330_000),
        body: r#"{"test": 2432232314}"#,
    };
    assert_eq!(sign(&[secret], signed), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_secret_is_24_to_64_bytes_behind_its_prefix_and_is_not_shown() {
    let made = Secret::generate().unwrap();
    assert_eq!(Secret::parse(&made.text()).unwrap(), made);
    assert_ne!(Secret::generate().unwrap(), made);
    assert_eq!(format!("{made:?}"), "Secret(…)");
    let text = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![1; bytes]));
    for good in [24, 32, 64] {
        assert!(Secret::parse(&text(good)).is_ok());
    }
    let bad = [text(23), text(65), STANDARD.encode([1; 32]), "whsec_".to_owned(), "whsec_ä".to_owned()];
    for bad in bad {
        let error = Secret::parse(&bad).unwrap_err().to_string();
        assert_eq!(error, "A webhook's secret is 'whsec_' and 24 to 64 bytes in base64.");
    }
}

proptest! {
    /// Each secret signs id, whole seconds and body, in the order of the secrets.
    #[test]
    fn signatures_are_hmacs(
        keys in prop::collection::vec(prop::collection::vec(any::<u8>(), 24..=64), 1..3),
        id in "[a-z0-9-]{1,40}",
        milliseconds in 0..4_000_000_000_000_i64,
        body in ".{0,200}",
    ) {
        let text = |key: &Vec<u8>| format!("whsec_{}", STANDARD.encode(key));
        let secrets: Vec<Secret> = keys.iter().map(|key| Secret::parse(&text(key)).unwrap()).collect();
        let message = format!("{id}.{}.{body}", milliseconds / 1000);
        let expected: Vec<String> =
            keys.iter().map(|key| format!("v1,{}", STANDARD.encode(hmac(key, message.as_bytes())))).collect();
        let signed = Signed { id: &id, at: Timestamp(milliseconds), body: &body };
        prop_assert_eq!(sign(&secrets, signed), expected.join(" "));
    }
}
