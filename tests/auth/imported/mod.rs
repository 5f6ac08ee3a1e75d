//! Hashes that other systems made: each form read, compared with, or refused with the reason.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use provost::auth::password::{HashError, HasherSettings, ImportError, Imported, Password, PasswordHasher};
use provost::model::PasswordHash;

use malformed::MALFORMED;
pub use vectors::{VECTORS, vectors};

mod malformed;
mod vectors;

fn matches(hash: &str, password: &str) -> bool {
    Imported::parse(hash).unwrap_or_else(|error| panic!("{hash} {error}")).matches(&Password::new(password))
}

fn refused(hash: &str) -> ImportError {
    Imported::parse(hash).expect_err(hash)
}

/// Why a hash that looks like one of a family is none.
fn malformed(hash: &str) -> (&'static str, &'static str) {
    match refused(hash) {
        ImportError::Malformed { family, problem } => (family, problem),
        error => panic!("{hash}: {error}"),
    }
}

#[test]
fn published_hashes_are_known_by_their_passwords() {
    for (source, vectors) in VECTORS {
        for (password, hash) in vectors {
            assert!(matches(hash, password), "{source}: {hash}");
            for wrong in [format!("{password}x"), format!("x{password}"), "wrong".to_owned()] {
                // More than 72 bytes make no difference to bcrypt.
                if password.len() < 72 || !wrong.starts_with(password) {
                    assert!(!matches(hash, &wrong), "{source}: {hash} {wrong}");
                }
            }
        }
    }
}

/// The bounds of bcrypt are those of everybody's bcrypt: 72 bytes count, and nobody has a password with a NUL.
/// Both hashes were made by bcrypt 5.0.0 from PyPI.
#[test]
fn bcrypt_hears_72_bytes_and_no_nul() {
    let hash = "$2b$04$......................SZFhVdUK5wGKY4lx/QrgUMHG0XsWjbi";
    assert!(matches(hash, &"x".repeat(72)) && matches(hash, &"x".repeat(100)));
    assert!(!matches(hash, &"x".repeat(71)));
    assert!(!matches(hash, &format!("{}\0", "x".repeat(72))));
    let hash = "$2b$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG";
    assert!(matches(hash, "p\u{e4}ssword"));
    assert!(!matches(hash, "p\u{e4}ssword\0") && !matches(hash, "p\u{e4}ssword\0x"));
    // crypt(3) stops there, too; a digest does not.
    assert!(!matches("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!\0"));
    assert!(matches("{digest}md5:hex:prefix:73616c74:06241bef73a30008fc7f743ffc2ece88", "\0password"));
}

/// Others hash what was typed. Where that is not in NFKC, it is tried as well as the normalised text is.
/// The digests are those of `printf 'cafe\u0301 \u2168' | sha256sum` and `printf 'caf\u00e9 IX' | sha256sum`.
#[tokio::test]
async fn passwords_are_compared_as_typed_and_normalised() {
    let typed = "{digest}sha256:hex:none::bdeccf8129dda2a83d289365a27d6c9b3d52312809e6e091bd8977c7a4397b69";
    let normalised =
        "{digest}sha256:hex:none::56e15d90e7da1febf1e39ec5a0498ad13098546c09511620f064fa30be3aa0d3";
    let password = "cafe\u{301} \u{2168}";
    assert!(matches(typed, password) && matches(normalised, password));
    // Who typed another text gave another password to the system that hashed it.
    assert!(!matches(typed, "caf\u{e9} IX") && matches(normalised, "caf\u{e9} IX"));
    let hasher = PasswordHasher::new(HasherSettings::default()).unwrap();
    for hash in [typed, normalised] {
        assert_eq!(hasher.verify(&Password::new(password), Some(&PasswordHash::new(hash))).await, Ok(true));
    }
    let argon2 = argon2_of(password);
    for (password, is_right) in [(password, true), ("caf\u{e9} IX", false)] {
        let known = hasher.verify(&Password::new(password), Some(&argon2)).await;
        assert_eq!(known, Ok(is_right), "{password}");
    }
}

/// What a system makes that does not normalise.
fn argon2_of(password: &str) -> PasswordHash {
    use argon2::PasswordHasher as _;
    let argon2 = argon2::Argon2::default();
    PasswordHash::new(
        argon2.hash_password_with_salt(password.as_bytes(), b"sixteen bytes of").unwrap().to_string(),
    )
}

#[test]
fn what_is_no_hash_is_refused_with_the_reason() {
    for text in [
        "",
        "x",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "password",
        "$1$abc$ZFGUQzYv3mTnAwIbRyEXg1",
        "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
        "$argon",
        "p:2026:$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "{CLEARTEXT}x",
        "{SSHA",
        "pässwort",
        "$2b$10$\0",
    ] {
        assert_eq!(refused(text), ImportError::Unknown, "{text}");
    }
    let long = format!("$2b${}", "1".repeat(1021));
    assert_eq!(refused(&long), ImportError::TooLong);
    assert_eq!(refused(&long).to_string(), "is longer than 1024 characters");
    assert_eq!(
        ImportError::Unknown.to_string(),
        "is of no known form; known are bcrypt, Argon2, scrypt, Firebase's scrypt, PBKDF2, SHA-crypt, phpass, LDAP's {SSHA} and its like, and {digest}"
    );
    let codes = [refused("x"), refused("$2x$"), refused("$P$V"), long_bcrypt()].map(|error| error.code());
    assert_eq!(codes, ["unknown_hash", "malformed_hash", "malformed_hash", "exhausting_hash"]);
}

fn long_bcrypt() -> ImportError {
    refused("$2b$15$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui")
}

#[test]
fn bcrypt_names_its_rules() {
    let bcrypt = "abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
    for text in ["$2$05$", "$2x$05$", "bcrypt$x", "bcrypt_sha256$"] {
        assert_eq!(malformed(&format!("{text}{bcrypt}")), ("bcrypt", "its version is not 2a, 2b or 2y"));
    }
    for cost in ["5", "005", "03", "32", "+5", "x5", ""] {
        let problem = "its cost is not a number of two digits from 04 to 31";
        assert_eq!(malformed(&format!("$2b${cost}${bcrypt}")), ("bcrypt", problem), "{cost}");
    }
    for rest in ["", "abc", &bcrypt[1..], &format!("{bcrypt}u"), &bcrypt.replace('.', "=")] {
        let problem = "its salt and hash are not 53 characters of bcrypt's base64";
        assert_eq!(malformed(&format!("$2b$05${rest}")), ("bcrypt", problem), "{rest}");
    }
    assert_eq!(refused("$2x$05$x").to_string(), "looks like bcrypt, but its version is not 2a, 2b or 2y");
}

#[test]
fn each_family_names_its_rules() {
    for (family, texts) in MALFORMED {
        for (problem, text) in texts {
            let text = text.replace("HASH", "nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E");
            assert_eq!(malformed(&text), (family, *problem), "{text}");
        }
    }
}

#[tokio::test]
async fn what_would_exhaust_the_machine_is_refused() {
    let hasher = PasswordHasher::new(HasherSettings::default()).unwrap();
    let hash = "nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
    let bcrypt = "abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
    for (text, bound) in [
        (format!("$2b$15${bcrypt}"), "bcrypt may have a cost of at most 14"),
        (format!("bcrypt_sha256$$2b$31${bcrypt}"), "bcrypt may have a cost of at most 14"),
        (format!("$scrypt$ln=19,r=8,p=1$c2FsdA${hash}"), "scrypt's N times r times p may be at most 2097152"),
        (format!("$scrypt$ln=64,r=8,p=1$c2FsdA${hash}"), "scrypt's N times r times p may be at most 2097152"),
        (
            format!("$scrypt$ln=1,r=4294967295,p=9$c2FsdA${hash}"),
            "scrypt's N times r times p may be at most 2097152",
        ),
        (format!("scrypt$2147483648$salt$8$1${hash}"), "scrypt's N times r times p may be at most 2097152"),
        (
            format!("$fbscrypt$n=19,r=8,sk={hash}$c2FsdA${hash}"),
            "scrypt's N times r times p may be at most 2097152",
        ),
        (
            format!("$pbkdf2-sha256$2000001$c2FsdA${hash}"),
            "PBKDF2's iterations times blocks of its hash may be at most 2000000",
        ),
        // 32 bytes are two blocks of SHA-1.
        (
            format!("$pbkdf2$1000001$c2FsdA${hash}"),
            "PBKDF2's iterations times blocks of its hash may be at most 2000000",
        ),
        (
            format!("pbkdf2_sha256$99999999999999999999$salt${hash}"),
            "PBKDF2's iterations times blocks of its hash may be at most 2000000",
        ),
        (
            "$5$rounds=1000001$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5".to_owned(),
            "SHA-crypt may have at most 1000000 rounds",
        ),
        (
            "$P$LIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0".to_owned(),
            "phpass may have at most two to the power of 20 rounds",
        ),
        (
            format!("$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ${hash}"),
            "Argon2 may have at most 262144 KiB, 32 passes, 16 lanes, and 1048576 KiB times passes",
        ),
    ] {
        assert_eq!(refused(&text), ImportError::Exhausting(bound.to_owned()), "{text}");
        let verified = hasher.verify(&Password::new("x"), Some(&PasswordHash::new(&*text))).await;
        assert_eq!(verified, Err(HashError::Exhausting), "{text}");
    }
    assert_eq!(
        long_bcrypt().to_string(),
        "would take too much to compare a password with: bcrypt may have a cost of at most 14"
    );
}

/// The hasher compares with imported hashes as with its own, and wants them hashed anew.
#[tokio::test]
async fn the_hasher_knows_imported_hashes() {
    let hasher = PasswordHasher::new(HasherSettings::default()).unwrap();
    for (password, hash) in vectors() {
        let stored = PasswordHash::new(hash);
        assert!(hasher.needs_rehash(&stored), "{hash}");
        assert_eq!(hasher.verify(&Password::new(password), Some(&stored)).await, Ok(true), "{hash}");
        assert_eq!(hasher.verify(&Password::new("wrong"), Some(&stored)).await, Ok(false), "{hash}");
    }
    // What is too long to be hashed again and again is nobody's password, not even where the rest would not count.
    let truncating = PasswordHash::new("$2b$04$......................SZFhVdUK5wGKY4lx/QrgUMHG0XsWjbi");
    assert_eq!(hasher.verify(&Password::new(&"x".repeat(256)), Some(&truncating)).await, Ok(true));
    assert_eq!(hasher.verify(&Password::new(&"x".repeat(257)), Some(&truncating)).await, Ok(false));
}

/// A hash that costs more than our own makes every wrong password wait as long.
#[tokio::test]
async fn a_dear_hash_does_not_tell_that_there_is_somebody() {
    let hasher = PasswordHasher::new(HasherSettings { workers: 1, ..HasherSettings::default() }).unwrap();
    assert_eq!(hasher.patience(), Duration::ZERO);
    // bcrypt with a cost of 11.
    let dear = PasswordHash::new("$2a$11$1JJmzTqT3dEhFY3pqGBcXe2Hv4vSL0AIk1X3ZlP1tE2b8Kq0b6P0K");
    assert_eq!(hasher.verify(&Password::new("wrong"), Some(&dear)).await, Ok(false));
    let patience = hasher.patience();
    assert!(patience > Duration::from_millis(20), "{patience:?}");
    let begun = Instant::now();
    assert_eq!(hasher.verify(&Password::new("wrong"), None).await, Ok(false));
    assert!(begun.elapsed() >= patience);
}

/// A hash that is had for nothing costs what our own cost: it does not tell that there is somebody.
#[tokio::test]
async fn a_cheap_hash_costs_what_an_unknown_user_costs() {
    let hasher = PasswordHasher::new(HasherSettings { workers: 1, ..HasherSettings::default() }).unwrap();
    let cheap = PasswordHash::new("{MD5}kAFQmDzST7DWlj99KOF/cg==");
    let mut best = [Duration::MAX; 2];
    for _ in 0..5 {
        for (best, stored) in best.iter_mut().zip([Some(&cheap), None]) {
            let begun = Instant::now();
            assert_eq!(hasher.verify(&Password::new("wrong"), stored).await, Ok(false));
            *best = (*best).min(begun.elapsed());
        }
    }
    let [cheap, unknown] = best;
    // Without the work it would be a thousandth.
    assert!(cheap * 20 > unknown && unknown * 20 > cheap, "{cheap:?} {unknown:?}");
}

#[test]
fn nothing_of_a_hash_is_shown() {
    for (_, hash) in vectors() {
        assert_eq!(format!("{:?}", Imported::parse(hash).unwrap()), "Imported(…)");
    }
}

/// Hashes that are compared with in no time.
fn cheap() -> Vec<(&'static str, &'static str)> {
    let names = ["{S", "{M", "{digest}", "md5$", "sha1$", "$P$6", "$pbkdf2$1$", "$pbkdf2-sha256$i=1,"];
    vectors().filter(|(_, hash)| names.iter().any(|name| hash.starts_with(name))).collect()
}

proptest! {
    /// Whatever is said to be a hash is read or refused.
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = Imported::parse(&text);
    }

    /// So is what looks like one: with a character changed, taken out or put in anywhere, or cut off.
    #[test]
    fn any_damaged_hash_is_read_or_refused(
        vector in select(vectors().collect::<Vec<_>>()),
        place in any::<Index>(),
        put in prop_oneof![Just(String::new()), "[$:,={}./0-9A-Za-z-]", ".", "[0-9]{1,20}"],
        kept in any::<bool>(),
        cut in any::<bool>(),
    ) {
        let characters: Vec<char> = vector.1.chars().collect();
        let at = place.index(characters.len());
        let before: String = characters[..at].iter().collect();
        let after: String = characters[at + usize::from(!kept)..].iter().collect();
        let text = format!("{before}{put}{}", if cut { "" } else { &after });
        if let Err(error) = Imported::parse(&text) {
            prop_assert!(text.len() < 16 || !error.to_string().contains(&text));
        }
    }

    /// Another password is not the password.
    #[test]
    fn another_password_never_matches(vector in select(cheap()), password in ".{0,40}") {
        let (right, hash) = vector;
        prop_assume!(password != right && Password::new(&password).expose() != right);
        prop_assert!(!matches(hash, &password));
    }
}
