//! E-mail addresses (RFC 5321 §4.1.2 and §4.5.3.1, RFC 5322 §3.4.1, RFC 6531, UTS 46): a table of what is expected,
//! and what holds for every address.

use proptest::prelude::*;
use provost::mapping::values::EmailAddress;
use provost::mapping::values::email::EmailError;

/// What is sent, and what it is kept as.
const GOOD: &[(&str, &str)] = &[
    // What people have.
    ("user@example.com", "user@example.com"),
    ("user+tag@domain.com", "user+tag@domain.com"),
    ("first.last@example.org", "first.last@example.org"),
    ("x@example.net", "x@example.net"),
    ("1234567890@example.com", "1234567890@example.com"),
    ("_@example.com", "_@example.com"),
    ("o'malley@example.com", "o'malley@example.com"),
    ("a-b_c.d+e=f@example.com", "a-b_c.d+e=f@example.com"),
    ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
    ("user@mail.sub.department.example.com", "user@mail.sub.department.example.com"),
    ("user@ex-ample.com", "user@ex-ample.com"),
    ("user@123.com", "user@123.com"),
    ("user@x.museum", "user@x.museum"),
    ("user@provost.dev", "user@provost.dev"),
    ("user@shop.co.uk", "user@shop.co.uk"),
    ("user@www.ck", "user@www.ck"),
    ("user@acme.onmicrosoft.com", "user@acme.onmicrosoft.com"),
    ("user@acme.github.io", "user@acme.github.io"),
    ("user@github.io", "user@github.io"),
    ("user@example.example.com", "user@example.example.com"),
    ("user@test.com", "user@test.com"),
    ("user@localhost.com", "user@localhost.com"),
    // The local part is kept as it is given, the domain in lower case.
    ("First.Last@Example.COM", "First.Last@example.com"),
    ("POSTMASTER@EXAMPLE.ORG", "POSTMASTER@example.org"),
    // White space around an address is not part of it.
    (" user@example.com\t", "user@example.com"),
    ("user@example.com\r\n", "user@example.com"),
    // Local parts in other scripts are NFC.
    ("jürgen@example.com", "jürgen@example.com"),
    ("ju\u{308}rgen@example.com", "jürgen@example.com"),
    ("用户@example.com", "用户@example.com"),
    ("उपयोगकर्ता@example.com", "उपयोगकर्ता@example.com"),
    ("\u{1112}\u{1161}\u{11ab}@example.com", "한@example.com"),
    // Domains in other scripts become A-labels.
    ("user@straße.de", "user@xn--strae-oqa.de"),
    ("user@STRASSE.de", "user@strasse.de"),
    ("user@bücher.example.com", "user@xn--bcher-kva.example.com"),
    ("user@Bu\u{308}cher.example.com", "user@xn--bcher-kva.example.com"),
    ("user@例え.jp", "user@xn--r8jz45g.jp"),
    ("user@例え。jp", "user@xn--r8jz45g.jp"),
    ("user@пример.рф", "user@xn--e1afmkfd.xn--p1ai"),
    ("user@xn--e1afmkfd.xn--p1ai", "user@xn--e1afmkfd.xn--p1ai"),
    ("user@ｅｘａｍｐｌｅ.com", "user@example.com"),
    ("jürgen@müller.de", "jürgen@xn--mller-kva.de"),
];

/// What is sent, and why it is refused.
const BAD: &[(&str, EmailError)] = &[
    ("", EmailError::Empty),
    ("  \t", EmailError::Empty),
    ("user", EmailError::NoAt),
    ("example.com", EmailError::NoAt),
    ("user＠example.com", EmailError::NoAt),
    ("@example.com", EmailError::NoLocalPart),
    ("user@", EmailError::NoDomain),
    ("a@b@example.com", EmailError::SeveralAt),
    ("a@@example.com", EmailError::SeveralAt),
    ("a@example.com,b@example.com", EmailError::SeveralAt),
    ("a@example.com; b@example.com", EmailError::SeveralAt),
    // Forms that only stand in a header.
    ("Babs <babs@example.com>", EmailError::DisplayText),
    ("<babs@example.com>", EmailError::DisplayText),
    ("babs@example.com <babs@example.com>", EmailError::DisplayText),
    ("babs(work)@example.com", EmailError::Comment),
    ("babs@(work)example.com", EmailError::Comment),
    ("babs@example.com (Babs)", EmailError::Comment),
    // Quoted local parts.
    ("\"babs\"@example.com", EmailError::QuotedLocalPart),
    ("\"b abs\"@example.com", EmailError::QuotedLocalPart),
    ("\"a@b\"@example.com", EmailError::QuotedLocalPart),
    ("\"\"@example.com", EmailError::QuotedLocalPart),
    // Dots.
    (".babs@example.com", EmailError::Dots),
    ("babs.@example.com", EmailError::Dots),
    ("b..abs@example.com", EmailError::Dots),
    // Characters.
    ("b abs@example.com", EmailError::LocalCharacter(' ')),
    ("b\tabs@example.com", EmailError::LocalCharacter('\t')),
    ("b\0abs@example.com", EmailError::LocalCharacter('\0')),
    ("b\\abs@example.com", EmailError::LocalCharacter('\\')),
    ("a,b@example.com", EmailError::LocalCharacter(',')),
    ("a;b@example.com", EmailError::LocalCharacter(';')),
    ("a\"b@example.com", EmailError::LocalCharacter('"')),
    ("mailto:babs@example.com", EmailError::LocalCharacter(':')),
    ("ba\u{200b}bs@example.com", EmailError::LocalCharacter('\u{200b}')),
    ("ba\u{202e}bs@example.com", EmailError::LocalCharacter('\u{202e}')),
    ("ba\u{a0}bs@example.com", EmailError::LocalCharacter('\u{a0}')),
    ("ba\u{e000}bs@example.com", EmailError::LocalCharacter('\u{e000}')),
    ("\u{301}babs@example.com", EmailError::LocalCharacter('\u{301}')),
    // Domains.
    ("user@exa mple.com", EmailError::Domain),
    ("user@exa_mple.com", EmailError::Domain),
    ("user@exam\u{0}ple.com", EmailError::Domain),
    ("user@-example.com", EmailError::Domain),
    ("user@example-.com", EmailError::Domain),
    ("user@ab--cd.com", EmailError::Domain),
    ("user@example.com/path", EmailError::Domain),
    ("user@example.com:25", EmailError::Domain),
    ("user@exam%70le.com", EmailError::Domain),
    ("user@xn--a.com", EmailError::Domain),
    ("user@☃\u{200d}.com", EmailError::Domain),
    ("user@.example.com", EmailError::EmptyLabel),
    ("user@example..com", EmailError::EmptyLabel),
    ("user@example.com.", EmailError::EmptyLabel),
    ("user@.", EmailError::EmptyLabel),
    // IP addresses.
    ("user@[192.0.2.1]", EmailError::IpAddress),
    ("user@[IPv6:2001:db8::1]", EmailError::IpAddress),
    ("user@[example.com]", EmailError::IpAddress),
    ("user@192.0.2.1", EmailError::IpAddress),
    ("user@2001:db8::1", EmailError::IpAddress),
    ("user@１９２.0.2.1", EmailError::IpAddress),
];

/// Under names that the public DNS does not have.
const RESERVED: &[(&str, &str)] = &[
    ("user@localhost", "localhost"),
    ("user@LOCALHOST", "localhost"),
    ("user@host.localhost", "localhost"),
    ("user@host.local", "local"),
    ("user@corp.internal", "internal"),
    ("user@acme.test", "test"),
    ("user@acme.example", "example"),
    ("user@acme.invalid", "invalid"),
    ("user@facebookcorewwwi.onion", "onion"),
    ("user@1.0.0.127.in-addr.arpa", "arpa"),
    ("user@home.arpa", "arpa"),
    ("user@acme.alt", "alt"),
];

/// Under names that are no public suffixes.
const UNKNOWN: &[(&str, &str)] = &[
    ("user@mailserver", "mailserver"),
    ("user@acme.corp", "corp"),
    ("user@acme.lan", "lan"),
    ("user@acme.zz", "zz"),
    ("user@example.con", "con"),
    ("user@example.c", "c"),
];

/// At public suffixes themselves.
const ALONE: &[(&str, &str)] = &[
    ("user@com", "com"),
    ("user@co.uk", "co.uk"),
    ("user@рф", "xn--p1ai"),
    ("user@anything.ck", "anything.ck"),
];

/// Too long, in octets and after conversion.
fn too_long() -> Vec<(String, EmailError)> {
    let (l64, l63) = ("l".repeat(64), "d".repeat(63));
    vec![
        (format!("{l64}l@example.com"), EmailError::LocalTooLong(65)),
        (format!("{}@example.com", "ü".repeat(33)), EmailError::LocalTooLong(66)),
        (format!("user@{l63}d.com"), EmailError::LabelTooLong(64)),
        (format!("user@{}.com", "ü".repeat(60)), EmailError::LabelTooLong(66)),
        (format!("{l64}@{l63}.{l63}.{}.com", "d".repeat(58)), EmailError::TooLong(255)),
        (format!("user@{}.com", ["x"; 2000].join(".")), EmailError::TooLong(4008)),
    ]
}

/// All that is refused.
fn bad() -> Vec<(String, EmailError)> {
    let named = |table: &[(&str, &str)], error: fn(String) -> EmailError| -> Vec<(String, EmailError)> {
        table.iter().map(|(text, name)| ((*text).to_owned(), error((*name).to_owned()))).collect()
    };
    let bad = BAD.iter().map(|(text, error)| ((*text).to_owned(), error.clone()));
    bad.chain(named(RESERVED, EmailError::ReservedDomain))
        .chain(named(UNKNOWN, EmailError::UnknownSuffix))
        .chain(named(ALONE, EmailError::SuffixAlone))
        .chain(too_long())
        .collect()
}

#[test]
fn good_addresses() {
    for (text, kept) in GOOD {
        let address = EmailAddress::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(address.as_str(), *kept, "{text}");
        let (local, domain) = kept.rsplit_once('@').unwrap();
        assert_eq!((address.local_part(), address.domain()), (local, domain));
    }
}

#[test]
fn bad_addresses() {
    for (text, error) in bad() {
        assert_eq!(EmailAddress::parse(&text), Err(error), "{text}");
    }
}

#[test]
fn the_table_is_as_long_as_promised() {
    assert!(GOOD.len() + bad().len() >= 80, "{}", GOOD.len() + bad().len());
}

/// RFC 5321 §4.5.3.1: what is just as long as it may be.
#[test]
fn the_longest_addresses() {
    let (l64, l63) = ("l".repeat(64), "d".repeat(63));
    for text in [
        format!("{l64}@example.com"),
        format!("{}@example.com", "ü".repeat(32)),
        format!("user@{l63}.com"),
        format!("{l64}@{l63}.{l63}.{}.com", "d".repeat(57)),
    ] {
        assert_eq!(EmailAddress::parse(&text).map(String::from), Ok(text));
    }
}

/// A refusal says what is wrong and what would be accepted, and does not repeat the whole address.
#[test]
fn a_refusal_is_a_sentence() {
    for (text, sentence) in [
        (
            "user@localhost",
            "The domain ends in 'localhost', which no public mail domain does; give an address under a public suffix, such as user@example.com.",
        ),
        ("user@[192.0.2.1]", "The domain is an IP address; give a domain name, such as user@example.com."),
        (
            "\"babs\"@example.com",
            "The part before the '@' is quoted; give it without quotation marks, such as user@example.com.",
        ),
        (
            "b abs@example.com",
            "The part before the '@' holds the character U+0020; it takes letters, digits, dots and !#$%&'*+-/=?^_`{|}~.",
        ),
    ] {
        assert_eq!(EmailAddress::parse(text).unwrap_err().to_string(), sentence);
    }
}

proptest! {
    /// No text makes it panic, and what is kept is kept the same when it is read again.
    #[test]
    fn parsing_is_idempotent(text in "(\\PC{0,12}|[a-zA-ZüÜß.+-]{1,12})@([a-zA-Zü例-]{1,10}\\.){1,3}(com|co\\.uk|рф|\\PC{1,4})") {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
            prop_assert!(address.domain().is_ascii() && address.as_str().len() <= 254);
        }
    }

    /// An independent reading of RFC 5322 takes every address that ours takes.
    #[test]
    fn nothing_is_accepted_that_is_no_address(text in "[!-~ü]{1,20}@[a-zü.-]{1,12}\\.com") {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert!(email_address::EmailAddress::is_valid(address.as_str()), "{}", address.as_str());
        }
    }
}
