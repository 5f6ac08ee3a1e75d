//! The secret that is kept outside the database.

use provost::auth::{SecretKey, SecretKeyError};

#[test]
fn the_key_file_is_made_once_and_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("provost.key");
    let made = SecretKey::load_or_create(&path).unwrap();
    let read = SecretKey::load_or_create(&path).unwrap();
    assert_eq!(made.derive("a use"), read.derive("a use"));
    assert_ne!(made.derive("a use"), made.derive("another"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(SecretKey::load_or_create(&path), Err(SecretKeyError::Open(_))));
    }
}

#[test]
fn a_key_is_32_bytes_in_base64() {
    assert!(SecretKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").is_ok());
    for text in ["", "short", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", "ä"] {
        let error = SecretKey::parse(text).unwrap_err().to_string();
        assert_eq!(
            error,
            "The secret key has to be 32 bytes in base64; `openssl rand -base64 32` makes one."
        );
    }
}

#[test]
fn what_is_encrypted_is_read_with_the_same_key_use_and_context_alone() {
    let key = SecretKey::new([7; 32]);
    let sealed = key.encrypt("use", b"row 1", b"plain").unwrap();
    assert_eq!(key.decrypt("use", b"row 1", &sealed).unwrap(), b"plain");
    assert_ne!(key.encrypt("use", b"row 1", b"plain").unwrap(), sealed);
    assert!(key.decrypt("use", b"row 2", &sealed).is_err());
    assert!(key.decrypt("other", b"row 1", &sealed).is_err());
    assert!(SecretKey::new([8; 32]).decrypt("use", b"row 1", &sealed).is_err());
    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert!(key.decrypt("use", b"row 1", &changed).is_err());
    assert!(key.decrypt("use", b"row 1", b"short").is_err());
    assert_eq!(format!("{key:?}"), "SecretKey(…)");
}
