//! Keys that stand for those of a client that is not there, or that has none of the kind: an assertion is verified with
//! them all the same, so that the answer takes as long. They are published examples, of which nobody signs assertions that
//! would be believed: what they verify is thrown away.

use std::sync::LazyLock;

use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};

/// RFC 8037, appendix A.2.
static ED25519: LazyLock<Option<DecodingKey>> =
    LazyLock::new(|| DecodingKey::from_ed_components("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").ok());
/// RFC 7515, appendix A.3.
static P256: LazyLock<Option<DecodingKey>> = LazyLock::new(|| {
    let (x, y) =
        ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    DecodingKey::from_ec_components(x, y).ok()
});
/// RFC 7515, appendix A.2.
static RSA: LazyLock<Option<DecodingKey>> = LazyLock::new(|| {
    let n = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCQrcJ2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ\
             S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2\
             R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD\
             TW9gb54h4FRWyuXpoQ";
    DecodingKey::from_rsa_components(n, "AQAB").ok()
});

/// The key that stands for one of this algorithm; nothing for one that no client's key has.
pub fn key(algorithm: Algorithm) -> Option<&'static DecodingKey> {
    match algorithm.family() {
        AlgorithmFamily::Ed => ED25519.as_ref(),
        AlgorithmFamily::Ec => P256.as_ref(),
        AlgorithmFamily::Rsa => RSA.as_ref(),
        _ => None,
    }
}
