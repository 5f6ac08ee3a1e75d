//! Texts that look like hashes, and what is wrong with them.

/// For each family: what is said to be wrong, and the text. `HASH` stands for 32 bytes in base64.
pub const MALFORMED: [(&str, &[(&str, &str)]); 8] = [
    (
        "Argon2",
        &[(
            "it is not a PHC string with version, m, t, p, a salt of 8 bytes or more, and a hash",
            "$argon2id$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        )],
    ),
    (
        "scrypt",
        &[
            ("its parameters are not ln (or N, a power of two), r and p", "$scrypt$ln=4,r=8$c2FsdA$HASH"),
            ("its parameters are not ln (or N, a power of two), r and p", "scrypt$1000$salt$8$1$HASH"),
            ("its parameters are outside what RFC 7914 allows", "$scrypt$ln=0,r=8,p=1$c2FsdA$HASH"),
            ("it does not have the parts parameters, salt and hash", "$scrypt$ln=4,r=8,p=1$HASH"),
            ("its hash is not 16 to 128 bytes in base64", "$scrypt$ln=4,r=8,p=1$c2FsdA$c2hvcnQ"),
        ],
    ),
    (
        "Firebase's scrypt",
        &[
            ("its parameters are not v=1, n, r, p, ss and sk", "$fbscrypt$v=2,n=14,r=8,sk=HASH$c2FsdA$HASH"),
            ("its sk is not 16 to 128 bytes in base64", "$fbscrypt$n=14,r=8$c2FsdA$HASH"),
            ("its hash is not as many bytes in base64 as sk", "$fbscrypt$n=14,r=8,sk=HASH$c2FsdA$c2hvcnQ"),
        ],
    ),
    (
        "PBKDF2",
        &[
            ("its digest is not sha1, sha256 or sha512", "$pbkdf2-md5$1$c2FsdA$HASH"),
            (
                "its parameters are not a number of iterations, or i with the hash's length as l",
                "$pbkdf2-sha256$i=1,l=20$c2FsdA$HASH",
            ),
            (
                "its parameters are not a number of iterations, or i with the hash's length as l",
                "pbkdf2_sha256$0$salt$HASH",
            ),
        ],
    ),
    (
        "SHA-crypt",
        &[
            ("it does not have the parts salt and hash", "$5$saltstring"),
            (
                "its rounds are not a number from 1000 to 999999999",
                "$5$rounds=999$salt$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
            ),
            (
                "its salt is not 1 to 16 characters of ./0-9A-Za-z",
                "$5$saltstringsaltstri$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
            ),
            (
                "its hash is not 43 ($5$) or 86 ($6$) characters of ./0-9A-Za-z",
                "$6$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
            ),
        ],
    ),
    (
        "phpass",
        &[
            ("after its name it is not 31 characters of ./0-9A-Za-z", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L"),
            ("its rounds are not two to the power of 7 to 30", "$P$4IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"),
        ],
    ),
    (
        "a password of LDAP",
        &[
            (
                "its salt is not 1 to 64 bytes, or none for a name without S in front",
                "{SSHA}qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
            ),
            ("it is shorter than its digest", "{SHA256}qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
            ("after its name it is not base64", "{SSHA}!"),
        ],
    ),
    (
        "a digest",
        &[
            (
                "it is not {digest}ALGORITHM:ENCODING:PLACE:SALT:HASH",
                "{digest}md5:hex:none:900150983cd24fb0d6963f7d28e17f72",
            ),
            (
                "its algorithm is not md5, sha1, sha256 or sha512",
                "{digest}crc:hex:none::900150983cd24fb0d6963f7d28e17f72",
            ),
            ("its encoding is not hex or base64", "{digest}md5:utf8:none::900150983cd24fb0d6963f7d28e17f72"),
            (
                "it has a salt without a place, or a place without a salt",
                "{digest}md5:hex:none:61:900150983cd24fb0d6963f7d28e17f72",
            ),
            (
                "the place of its salt is not prefix, suffix or none",
                "{digest}md5:hex:between:61:900150983cd24fb0d6963f7d28e17f72",
            ),
            (
                "its salt is not in hexadecimal digits",
                "{digest}md5:hex:prefix:6:900150983cd24fb0d6963f7d28e17f72",
            ),
            (
                "its hash is not as long as the algorithm's, or not in its encoding",
                "{digest}md5:hex:none::900150983cd24fb0d6963f7d28e17f7",
            ),
        ],
    ),
];
