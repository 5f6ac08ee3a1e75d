//! Hashes that others published, and the passwords that they are of.

/// For each family, from where the hashes are; then passwords and hashes.
pub const VECTORS: [(&str, &[(&str, &str)]); 16] = [
    (
        "bcrypt: jBCrypt 0.4, TestBCrypt.java",
        &[
            ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
            ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
            ("abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"),
            (
                "~!@#$%^&*()      ~!@#$%^&*()PNBFRD",
                "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO",
            ),
        ],
    ),
    (
        "bcrypt: crypt_blowfish 1.3, wrapper.c; the same under each version's name",
        &[
            ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
            ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            (
                "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
                "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
            ),
        ],
    ),
    (
        "bcrypt in Django's forms: passlib 1.7.4, test_handlers_django.py, and the same of crypt_blowfish",
        &[
            ("", "bcrypt_sha256$$2a$06$/3OeRpbOf8/l6nPPRdZPp.nRiyYqPobEZGdNRBWihQhiFDh1ws1tu"),
            ("U*U", "bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ],
    ),
    (
        "Argon2: phc-winner-argon2, src/test.c, version 1.3; and the same in Django's form",
        &[
            (
                "password",
                "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
            ),
            (
                "password",
                "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
            ),
            (
                "password",
                "argon2$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            ),
        ],
    ),
    (
        "scrypt: RFC 7914 §12, written as PHC strings and as Django does",
        &[
            (
                "password",
                "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
            ),
            (
                "pleaseletmein",
                "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw",
            ),
            (
                "pleaseletmein",
                "scrypt$16384$SodiumChloride$8$1$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw==",
            ),
        ],
    ),
    (
        "scrypt: passlib 1.7.4, docs/lib/passlib.hash.scrypt.rst",
        &[(
            "password",
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        )],
    ),
    (
        "Firebase: github.com/firebase/scrypt, README",
        &[(
            "user1password",
            "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
        )],
    ),
    (
        "PBKDF2 with SHA-1: RFC 6070, written as passlib, Django and PHC strings do",
        &[
            ("password", "$pbkdf2$1$c2FsdA$DGDID5YfDnHzqbUkr2ASBi/gN6Y"),
            ("password", "$pbkdf2$4096$c2FsdA$SwB5AbdlSJq.rUnZJvch0GWkKcE"),
            ("password", "pbkdf2_sha1$4096$salt$SwB5AbdlSJq+rUnZJvch0GWkKcE="),
            (
                "passwordPASSWORDpassword",
                "$pbkdf2-sha1$i=4096,l=25$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$PS7sT+QchJuAyNg2YsDkSospGpZM8vBwOA",
            ),
        ],
    ),
    (
        "PBKDF2 with SHA-256: RFC 7914 §11, as a PHC string",
        &[(
            "passwd",
            "$pbkdf2-sha256$i=1,l=64$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw",
        )],
    ),
    (
        "PBKDF2: passlib 1.7.4, test_handlers_pbkdf2.py and test_handlers_django.py",
        &[
            (
                "password",
                "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ",
            ),
            (
                "password",
                "$pbkdf2-sha512$1212$RHY0Fr3IDMSVO/RSZyb5ow$eNLfBK.eVozomMr.1gYa17k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww",
            ),
            (
                "not a password",
                "pbkdf2_sha256$10000$kjVJaVz6qsnJ$5yPHw3rwJGECpUf70daLGhOrQ5+AMxIJdz1c3bqK1Rs=",
            ),
        ],
    ),
    (
        "SHA-crypt: Ulrich Drepper, SHA-crypt.txt",
        &[
            ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
            ("Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"),
            (
                "Hello world!",
                "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
            ),
            (
                "Hello world!",
                "{CRYPT}$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
            ),
            (
                "a very much longer text to encrypt.  This one even stretches over morethan one line.",
                "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1",
            ),
            (
                "a very much longer text to encrypt.  This one even stretches over morethan one line.",
                "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
            ),
        ],
    ),
    ("phpass: phpass 0.5, test.php", &[("test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0")]),
    (
        "phpass: passlib 1.7.4, test_handlers.py, and John the Ripper's tests",
        &[
            ("test1", "$H$9aaaaaSXBjgypwqm.JsMssPLiS8YQ00"),
            ("123456", "$P$BVaXtDXwf/ceSVp8VpLKx8bS2Y4O5F/"),
            ("JohnRipper", "$P$612345678si5M0DDyPpmRCmcltU/YW/"),
        ],
    ),
    (
        "LDAP: passlib 1.7.4, test_handlers.py",
        &[
            ("testing1234", "{SMD5}UjFY34os/pnZQ3oQOzjqGu4yeXE="),
            ("testing123", "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr"),
            ("secret", "{ssha}0H+zTv8o4MR4H43n03eCsvw1luG8LdB7"),
            ("password", "{SSHA256}x1tymSTVjozxQ2PtT46ysrzhZxbcskK0o2f8hEFx7fAQQmhtDSEkJA=="),
            (
                "password",
                "{SSHA512}f/lFQskkl7PdMsTGJxHZq8LDt/l+UqRMm6/pj4pV7/xZkcOaKCgvQqp+KCeXc/Vd4RY6vEHWn4y0DnFcQ6wgyv9fyxk=",
            ),
            ("letm\u{e8}\u{ef}n", "{SSHA256}km7UjUTBZN8a+gf1ND2/qn15N7LsO/jmGYJXvyTfJKAbI0RoLWWslQ=="),
        ],
    ),
    (
        "Digests of 'abc': RFC 1321 §A.5 and FIPS 180-4's examples",
        &[
            ("abc", "{digest}md5:hex:none::900150983cd24fb0d6963f7d28e17f72"),
            ("abc", "{digest}sha1:hex:none::A9993E364706816ABA3E25717850C26C9CD0D89D"),
            (
                "abc",
                "{digest}sha256:hex:none::ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                "abc",
                "{digest}sha512:base64:none::3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==",
            ),
            ("abc", "{MD5}kAFQmDzST7DWlj99KOF/cg=="),
            ("abc", "{SHA}qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
            ("abc", "{SHA256}ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ],
    ),
    (
        "The same, a part of 'abc' taken for the salt",
        &[
            (
                "bc",
                "{digest}sha256:hex:prefix:61:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            ("ab", "{digest}sha1:base64:suffix:63:qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
            ("bc", "md5$a$900150983cd24fb0d6963f7d28e17f72"),
            ("c", "sha1$ab$a9993e364706816aba3e25717850c26c9cd0d89d"),
        ],
    ),
];

/// All of them.
pub fn vectors() -> impl Iterator<Item = (&'static str, &'static str)> {
    VECTORS.iter().flat_map(|(_, vectors)| vectors.iter().copied())
}
