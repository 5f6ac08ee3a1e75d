//! Hashing passwords, and comparing them with stored hashes.

use std::time::Duration;

use futures_util::future::join_all;
use provost::auth::SecretKey;
use provost::auth::password::{
    HashError, HashParameters, HasherSettings, OwnData, Password, PasswordHasher, Pepper, PepperError,
    Peppers, policy,
};
use provost::model::{PasswordHash, PasswordPolicy};

/// As little work as Argon2 can do.
const LIGHT: HashParameters = HashParameters { memory_kib: 8, passes: 1, lanes: 1 };

fn settings(parameters: HashParameters, peppers: Peppers) -> HasherSettings {
    HasherSettings { parameters, peppers, workers: 2, queue: 64 }
}

fn light() -> PasswordHasher {
    PasswordHasher::new(settings(LIGHT, Peppers::default())).unwrap()
}

fn pepper(id: &str, byte: u8) -> Pepper {
    Pepper::new(id, SecretKey::new([byte; 32])).unwrap()
}

fn peppered(current: Option<Pepper>, former: Vec<Pepper>) -> PasswordHasher {
    PasswordHasher::new(settings(LIGHT, Peppers::new(current, former).unwrap())).unwrap()
}

async fn verify(hasher: &PasswordHasher, password: &str, hash: &str) -> Result<bool, HashError> {
    hasher.verify(&Password::new(password), Some(&PasswordHash::new(hash))).await
}

#[tokio::test]
async fn a_password_is_known_by_its_hash() {
    let hasher = light();
    let hash = hasher.hash(&Password::new("correct horse")).await.unwrap();
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", hash.as_str());
    assert_eq!(hasher.verify(&Password::new("correct horse"), Some(&hash)).await, Ok(true));
    for wrong in ["correct hors", "Correct horse", "correct horse ", ""] {
        assert_eq!(hasher.verify(&Password::new(wrong), Some(&hash)).await, Ok(false), "{wrong:?}");
    }
    let again = hasher.hash(&Password::new("correct horse")).await.unwrap();
    assert_ne!(again, hash, "each hash has a salt of its own");
    assert!(!hasher.needs_rehash(&hash));
}

/// NIST SP 800-63B §3.1.1.2: the same characters are the same password, however a keyboard composes them.
#[tokio::test]
async fn forms_of_unicode_are_one_password() {
    let hasher = light();
    let hash = hasher.hash(&Password::new("Åsa ﬁnds Ⅷ cafés")).await.unwrap();
    let other = "A\u{30a}sa finds VIII cafe\u{301}s";
    assert_eq!(hasher.verify(&Password::new(other), Some(&hash)).await, Ok(true));
}

/// The PHC strings of the reference implementation's own tests (P-H-C/phc-winner-argon2, src/test.c), version 1.3.
#[tokio::test]
async fn published_hashes_are_verified() {
    let hasher = light();
    for hash in [
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
    ] {
        assert_eq!(verify(&hasher, "password", hash).await, Ok(true), "{hash}");
        assert_eq!(verify(&hasher, "differentpassword", hash).await, Ok(false), "{hash}");
        assert!(hasher.needs_rehash(&PasswordHash::new(hash)));
    }
}

#[tokio::test]
async fn what_is_no_hash_is_an_error_and_never_a_match() {
    let hasher = light();
    let good = hasher.hash(&Password::new("x")).await.unwrap();
    let cut = &good.as_str()[..good.as_str().rfind('$').unwrap()];
    for hash in [
        "",
        "x",
        "p:",
        "p:2026",
        "p:2026:x",
        "$argon2id$",
        "$scrypt$ln=15,r=8$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=8,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=8,t=1,p=1",
        "$argon2id$v=18$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        cut,
    ] {
        assert_eq!(verify(&hasher, "x", hash).await, Err(HashError::Malformed), "{hash}");
        assert!(hasher.needs_rehash(&PasswordHash::new(hash)));
    }
    let error = verify(&hasher, "x", "$2b$secret").await.unwrap_err();
    assert_eq!(error.to_string(), "the stored password hash cannot be read");
}

#[tokio::test]
async fn parameters_that_exhaust_the_machine_are_refused() {
    let hasher = light();
    for parameters in [
        "m=4194304,t=1,p=1",
        "m=262144,t=5,p=1",
        "m=64,t=33,p=1",
        "m=1024,t=1,p=17",
        "m=4294967295,t=4294967295,p=1",
    ] {
        let hash =
            format!("$argon2id$v=19${parameters}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
        assert_eq!(verify(&hasher, "x", &hash).await, Err(HashError::Exhausting), "{parameters}");
    }
    for (memory_kib, passes, lanes) in
        [(7, 1, 1), (8, 0, 1), (8, 1, 0), (8, 1, 2), (512 * 1024, 1, 1), (8, 1, u32::MAX)]
    {
        let parameters = HashParameters { memory_kib, passes, lanes };
        let refused = PasswordHasher::new(settings(parameters, Peppers::default())).unwrap_err();
        assert_eq!(refused, HashError::Parameters(parameters));
    }
    assert_eq!(
        HashError::Parameters(HashParameters { memory_kib: 7, ..LIGHT }).to_string(),
        "Argon2 cannot run with m=7 KiB, t=1 and p=1; at most 262144 KiB, 32 passes, 16 lanes and 1048576 KiB times \
         passes are allowed, and at least 8 KiB a lane"
    );
}

#[tokio::test]
async fn a_password_that_is_too_long_is_nobodys() {
    let hasher = light();
    let long = Password::new(&"x".repeat(1025));
    assert_eq!(hasher.hash(&long).await, Err(HashError::TooLong));
    let empty = hasher.hash(&Password::new("")).await.unwrap();
    assert_eq!(hasher.verify(&long, Some(&empty)).await, Ok(false));
    assert_eq!(hasher.verify(&long, None).await, Ok(false));
    let longest = Password::new(&"x".repeat(1024));
    let hash = hasher.hash(&longest).await.unwrap();
    assert_eq!(hasher.verify(&longest, Some(&hash)).await, Ok(true));
}

/// The defaults are OWASP's: m=19 MiB, t=2, p=1. Nobody's password takes as long to refuse as somebody's.
#[tokio::test]
async fn who_is_unknown_costs_what_the_known_cost() {
    let hasher = PasswordHasher::new(HasherSettings { workers: 1, ..HasherSettings::default() }).unwrap();
    let known = hasher.hash(&Password::new("right")).await.unwrap();
    assert!(known.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", known.as_str());
    let unreadable = PasswordHash::new("$unreadable");
    let mut best = [Duration::MAX; 3];
    for _ in 0..5 {
        for (best, stored) in best.iter_mut().zip([Some(&known), None, Some(&unreadable)]) {
            let begun = std::time::Instant::now();
            assert_ne!(hasher.verify(&Password::new("wrong"), stored).await, Ok(true));
            *best = (*best).min(begun.elapsed());
        }
    }
    let [known, unknown, unreadable] = best;
    // Without the work it would be a thousandth; what else the machine does makes it a few times longer.
    assert!(unknown * 20 > known && unknown < known * 20, "{known:?} {unknown:?}");
    assert!(unreadable * 20 > known && unreadable < known * 20, "{known:?} {unreadable:?}");
}

#[tokio::test]
async fn other_parameters_make_hashes_old() {
    let hash = light().hash(&Password::new("x")).await.unwrap();
    for parameters in [
        HashParameters { memory_kib: 16, ..LIGHT },
        HashParameters { passes: 2, ..LIGHT },
        HashParameters { memory_kib: 16, lanes: 2, ..LIGHT },
    ] {
        let hasher = PasswordHasher::new(settings(parameters, Peppers::default())).unwrap();
        assert!(hasher.needs_rehash(&hash), "{parameters:?}");
        assert_eq!(hasher.verify(&Password::new("x"), Some(&hash)).await, Ok(true));
        let anew = hasher.hash(&Password::new("x")).await.unwrap();
        assert!(!hasher.needs_rehash(&anew), "{parameters:?}");
    }
}

#[tokio::test]
async fn peppers_rotate() {
    let password = Password::new("x");
    let plain = light().hash(&password).await.unwrap();
    let first = peppered(Some(pepper("2025", 1)), Vec::new());
    assert!(first.needs_rehash(&plain));
    assert_eq!(first.verify(&password, Some(&plain)).await, Ok(true));

    let old = first.hash(&password).await.unwrap();
    assert!(old.as_str().starts_with("p:2025:$argon2id$v=19$m=8,t=1,p=1$"), "{}", old.as_str());
    assert!(!first.needs_rehash(&old));
    assert_eq!(first.verify(&password, Some(&old)).await, Ok(true));
    assert_eq!(first.verify(&Password::new("y"), Some(&old)).await, Ok(false));

    let second = peppered(Some(pepper("2026", 2)), vec![pepper("2025", 1)]);
    assert_eq!(second.verify(&password, Some(&old)).await, Ok(true));
    assert!(second.needs_rehash(&old));
    assert!(second.hash(&password).await.unwrap().as_str().starts_with("p:2026:$argon2id$"));

    let none = peppered(None, vec![pepper("2025", 1)]);
    assert_eq!(none.verify(&password, Some(&old)).await, Ok(true));
    assert!(none.needs_rehash(&old));

    // Without the pepper the hash is of no use, and so it is with another key under its id.
    let unknown = Err(HashError::UnknownPepper("2025".to_owned()));
    assert_eq!(light().verify(&password, Some(&old)).await, unknown);
    let other = peppered(Some(pepper("2025", 3)), Vec::new());
    assert_eq!(other.verify(&password, Some(&old)).await, Ok(false));
    let bare = PasswordHash::new(old.as_str().strip_prefix("p:2025:").unwrap());
    assert_eq!(light().verify(&password, Some(&bare)).await, Ok(false));
}

#[test]
fn a_pepper_has_an_id_of_its_own() {
    for id in ["", "a:b", "a b", "ä", &"x".repeat(33)] {
        let refused = Pepper::new(id, SecretKey::new([1; 32])).unwrap_err();
        assert_eq!(refused, PepperError::Id(id.to_owned()));
    }
    let twice = Peppers::new(Some(pepper("a", 1)), vec![pepper("b", 2), pepper("a", 3)]).unwrap_err();
    assert_eq!(twice, PepperError::Twice("a".to_owned()));
}

/// As settings hold them: the first is the current one, or the word that there is none.
#[tokio::test]
async fn peppers_are_read_from_settings() {
    let (first, second) =
        ("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=");
    let (old, new) = (format!("2025:{first}"), format!(" 2026:{second} "));
    let password = Password::new("x");
    let hasher =
        |texts: &[&str]| PasswordHasher::new(settings(LIGHT, Peppers::parse(texts).unwrap())).unwrap();
    let hash = peppered(Some(pepper("2025", 1)), Vec::new()).hash(&password).await.unwrap();
    for (texts, begins) in [
        (vec![&*new, &*old], "p:2026:$argon2id$"),
        (vec![&*old], "p:2025:$argon2id$"),
        (vec!["none", &*old], "$argon2id$"),
    ] {
        let hasher = hasher(&texts);
        assert_eq!(hasher.verify(&password, Some(&hash)).await, Ok(true));
        assert!(hasher.hash(&password).await.unwrap().as_str().starts_with(begins), "{begins}");
    }
    assert_eq!(Peppers::parse(&[&new, &old]).unwrap().current_id(), Some("2026"));
    assert_eq!(Peppers::parse::<&str>(&[]).unwrap().current_id(), None);
    let refused = |texts: &[&str]| Peppers::parse(texts).unwrap_err();
    assert_eq!(refused(&[first]), PepperError::Form(1));
    assert_eq!(refused(&["none", &format!("{second}:2026")]), PepperError::Secret(2));
    assert_eq!(refused(&[&old, "none"]), PepperError::Form(2));
    assert_eq!(refused(&[&old, "2026:c2hvcnQ="]), PepperError::Secret(2));
    assert_eq!(refused(&[&format!("a b:{first}")]), PepperError::Form(1));
    assert_eq!(refused(&[&old, &old]), PepperError::Twice("2025".to_owned()));
    assert_eq!(
        PepperError::Form(1).to_string(),
        "The pepper in place 1 is not of the form ID:SECRET, with 1 to 32 letters, digits, hyphens and underscores before the colon."
    );
}

/// What comes when all places are taken is sent away at once; those that have a place are all answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_sends_away() {
    let parameters = HashParameters { memory_kib: 16 * 1024, passes: 3, lanes: 1 };
    let settings = HasherSettings { parameters, peppers: Peppers::default(), workers: 1, queue: 3 };
    let hasher = PasswordHasher::new(settings).unwrap();
    let password = Password::new("x");
    let outcomes = join_all((0..20).map(|_| hasher.hash(&password))).await;
    let busy = HashError::Busy { retry_after: Duration::from_secs(1) };
    let (hashed, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    // One more may have come in if the first was done before the last had asked.
    assert!(hashed.len() >= 4 && !refused.is_empty(), "{} {}", hashed.len(), refused.len());
    assert!(refused.iter().all(|outcome| outcome.as_ref() == Err(&busy)), "{refused:?}");
    assert_eq!(busy.to_string(), "too many passwords are being checked; try again in 1 seconds");
    // Places come free again.
    assert!(hasher.hash(&password).await.is_ok());
}

/// Strength takes a while to tell, and so it is told where passwords are hashed; all else is told at once.
#[tokio::test]
async fn policies_are_checked_by_the_workers_where_that_takes_long() {
    let hasher = light();
    let own = OwnData::new(["ada"]);
    let strict = PasswordPolicy { min_strength: Some(4), ..PasswordPolicy::default() };
    for policy in [PasswordPolicy::default(), strict] {
        for text in ["password", "a long walk in the rain", "marzipan ferry clockwork 81"] {
            let password = Password::new(text);
            let checked = hasher.check(&policy, &password, &own).await;
            assert_eq!(checked, Ok(policy::check(&policy, &password, &own)));
        }
    }
}

/// Requests go on while passwords are hashed.
#[tokio::test]
async fn hashing_leaves_the_threads_of_requests_alone() {
    let parameters = HashParameters { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
    let hasher = PasswordHasher::new(settings(parameters, Peppers::default())).unwrap();
    let password = Password::new("x");
    let mut turns = 0_u32;
    let hash = hasher.hash(&password);
    tokio::pin!(hash);
    // On the one thread of this test.
    let hashed = loop {
        tokio::select! {
            hashed = &mut hash => break hashed,
            () = tokio::task::yield_now() => turns += 1,
        }
    };
    assert!(hashed.is_ok());
    assert!(turns > 100, "{turns}");
}

#[tokio::test]
async fn no_secret_is_shown() {
    let hasher = peppered(Some(pepper("2025", 1)), Vec::new());
    let hash = hasher.hash(&Password::new("hunter2")).await.unwrap();
    let shown = format!("{:?} {hash:?} {hasher:?}", Password::new("hunter2"));
    assert!(!shown.contains("hunter2") && !shown.contains(hash.as_str()), "{shown}");
    assert!(shown.starts_with("Password(…) PasswordHash(…) "), "{shown}");
}
