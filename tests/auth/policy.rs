//! Password policies: every broken rule is named, and none that holds.

use proptest::prelude::*;
use provost::auth::password::{OwnData, Password, Rule, Violations, policy};
use provost::model::{PasswordPolicy, PolicyError, PolicyPreset};
use serde_json::json;

fn nist() -> PasswordPolicy {
    PasswordPolicy::preset(PolicyPreset::Nist)
}

fn classic() -> PasswordPolicy {
    PasswordPolicy::preset(PolicyPreset::Classic)
}

fn minimal() -> PasswordPolicy {
    PasswordPolicy::preset(PolicyPreset::Minimal)
}

fn check(policy: &PasswordPolicy, text: &str) -> Result<(), Violations> {
    policy::check(policy, &Password::new(text), &OwnData::default())
}

fn broken(policy: &PasswordPolicy, text: &str) -> Vec<&'static str> {
    check(policy, text).map_or_else(|violations| names(&violations), |()| Vec::new())
}

fn names(violations: &Violations) -> Vec<&'static str> {
    violations.rules().into_iter().map(Rule::as_str).collect()
}

#[test]
fn the_presets_are_what_they_are_said_to_be() {
    let preset = |preset| serde_json::to_value(PasswordPolicy::preset(preset)).unwrap();
    let plain = json!({
        "min_length": 5,
        "max_length": null,
        "require_upper": false,
        "require_lower": false,
        "require_digit": false,
        "require_special": false,
        "forbid_whitespace": true,
        "forbid_own_data": false,
        "forbid_common": false,
        "denied_words": [],
        "min_strength": null,
        "history": 0,
        "max_age_days": null,
    });
    assert_eq!(preset(PolicyPreset::Minimal), plain);
    let mut expected = plain.clone();
    expected["min_length"] = json!(15);
    expected["forbid_whitespace"] = json!(false);
    expected["forbid_common"] = json!(true);
    assert_eq!(preset(PolicyPreset::Nist), expected);
    let mut expected = plain;
    expected["min_length"] = json!(12);
    expected["max_length"] = json!(50);
    for class in ["require_upper", "require_lower", "require_digit", "require_special"] {
        expected[class] = json!(true);
    }
    assert_eq!(preset(PolicyPreset::Classic), expected);
    assert_eq!(PasswordPolicy::default(), nist());
    assert_eq!(serde_json::from_value::<PasswordPolicy>(json!({})).unwrap(), nist());
}

#[test]
fn special_is_every_ascii_punctuation_character() {
    let punctuation = (0_u8..128).map(char::from).filter(char::is_ascii_punctuation);
    let mut special: Vec<char> = PasswordPolicy::SPECIAL.chars().collect();
    special.sort_unstable();
    assert_eq!(special, punctuation.collect::<Vec<_>>());
}

#[test]
fn minimal_asks_for_five_characters_without_whitespace() {
    assert_eq!(check(&minimal(), "foobarbaz"), Ok(()));
    assert_eq!(check(&minimal(), "12345"), Ok(()));
    assert_eq!(broken(&minimal(), "1234"), ["length"]);
    assert_eq!(broken(&minimal(), "a b"), ["length", "whitespace"]);
    assert_eq!(broken(&minimal(), "foo\u{3000}bar"), ["whitespace"]);
    assert_eq!(broken(&minimal(), "foo\tbar\u{2028}"), ["whitespace"]);
}

#[test]
fn classic_asks_for_one_of_each_class() {
    assert_eq!(check(&classic(), "Abcdefghij1!"), Ok(()));
    assert_eq!(broken(&classic(), "Abcdefghi1!"), ["length"]);
    assert_eq!(broken(&classic(), &format!("Aa1!{}", "x".repeat(46))), [""; 0]);
    assert_eq!(broken(&classic(), &format!("Aa1!{}", "x".repeat(47))), ["length"]);
    assert_eq!(broken(&classic(), ""), ["length", "upper", "lower", "digit", "special"]);
    // Letters and digits are those of ASCII.
    assert_eq!(broken(&classic(), "ÄÖÜäöüßéèêëïî٣"), ["upper", "lower", "digit", "special"]);
    assert_eq!(broken(&classic(), "Abcdef ghij1!"), ["whitespace"]);
    for special in PasswordPolicy::SPECIAL.chars() {
        assert_eq!(check(&classic(), &format!("Abcdefghij1{special}")), Ok(()), "{special}");
    }
}

/// NIST SP 800-63B: any characters, spaces too, but not what everybody uses.
#[test]
fn nist_asks_for_fifteen_characters_that_are_not_common() {
    assert_eq!(check(&nist(), "a long walk in the rain"), Ok(()));
    assert_eq!(check(&nist(), "длинный путь домой"), Ok(()));
    assert_eq!(broken(&nist(), "a long walk in"), ["length"]);
    assert_eq!(broken(&nist(), "Correct Horse Battery Staple"), ["common"]);
    for common in [
        "password",
        "PassWord",
        "ｐａｓｓｗｏｒｄ",
        "passwordpassword",
        "qwerty qwerty qwerty",
        "dragondragondra",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "12345678901234567890",
        "98765432109876543210",
        "abcdefghijklmnopqrs",
        "1qaz2wsx3edc4rfv",
        "MayTheForceBeWithYou",
        "йцукен",
    ] {
        assert!(broken(&nist(), common).contains(&"common"), "{common}");
    }
    for fine in
        ["dragons fly over the sea", "qwerty and then some", "1000 ways to say no", "abcabcabcabcabcabd"]
    {
        assert_eq!(check(&nist(), fine), Ok(()), "{fine}");
    }
}

/// Characters are Unicode scalar values after NFKC: composed and decomposed forms are the same password.
#[test]
fn characters_are_counted_after_normalisation() {
    let five = PasswordPolicy { max_length: Some(5), ..minimal() };
    assert_eq!(check(&five, "e\u{301}a\u{308}o\u{308}ii"), Ok(()));
    assert_eq!(broken(&five, "e\u{301}a\u{308}o\u{308}i"), ["length"]);
    assert_eq!(check(&five, "😀😀😀😀😀"), Ok(()));
    // One ligature, three letters.
    assert_eq!(check(&five, "ﬃab"), Ok(()));
    assert_eq!(Password::new("e\u{301}").expose(), Password::new("é").expose());
}

#[test]
fn no_policy_lets_a_password_of_more_than_1024_bytes_through() {
    assert_eq!(check(&minimal(), &"x".repeat(1024)), Ok(()));
    assert_eq!(broken(&minimal(), &"x".repeat(1025)), ["length"]);
    assert_eq!(broken(&minimal(), &"€".repeat(342)), ["length"]);
    // 4 bytes that NFKC makes 33 of.
    assert_eq!(broken(&minimal(), &"\u{fdfa}".repeat(300)), ["length", "whitespace"]);
    assert_eq!(broken(&minimal(), &"\u{fdfa}".repeat(100_000)), ["length"]);
    // Nor does it take long to say so.
    let strict = PasswordPolicy { min_strength: Some(4), ..nist() };
    assert_eq!(broken(&strict, &format!("{}b", "a".repeat(1_000_000))), ["length", "strength"]);
}

#[test]
fn own_data_is_found_in_whatever_case() {
    let policy = PasswordPolicy { forbid_own_data: true, ..minimal() };
    let own = OwnData::new([
        "ALovelace",
        "ada.b@analytical-engine.example.com.br",
        "Ada",
        "Lovelace",
        "Ed",
        "Ødegård",
    ]);
    let broken = |text: &str| {
        policy::check(&policy, &Password::new(text), &own)
            .map_or_else(|violations| names(&violations), |()| Vec::new())
    };
    for text in ["xxADAxx", "lovelace99", "MyEngine!", "ANALYTICAL1", "1øDEGÅRD1", "example-1", "ada.b@x"] {
        assert_eq!(broken(text), ["own_data"], "{text}");
    }
    // What is short, or everybody's, counts for nothing.
    for text in ["education", "company", "abcdef", "lovela-ce"] {
        assert_eq!(broken(text), [""; 0], "{text}");
    }
}

#[test]
fn strength_is_zxcvbns_and_knows_the_user() {
    let policy = PasswordPolicy { min_strength: Some(3), ..minimal() };
    assert_eq!(broken(&policy, "passw0rd1"), ["strength"]);
    assert_eq!(check(&policy, "rhubarb-tonsil-quarrel"), Ok(()));
    let own = OwnData::new(["rhubarbtonsil@example.org"]);
    let known = policy::check(&policy, &Password::new("rhubarbtonsil1"), &own).unwrap_err();
    assert_eq!(names(&known), ["strength"]);
    assert_eq!(check(&policy, "rhubarbtonsil1"), Ok(()));
}

#[test]
fn violations_are_told_to_machines_and_people_without_the_password() {
    let violations = check(&classic(), "hunter").unwrap_err();
    let message = |rule: &str, message: &str| json!({ "rule": rule, "message": message });
    assert_eq!(
        serde_json::to_value(&violations).unwrap(),
        json!([
            message("length", "The password has to have 12 to 50 characters, and at most 1024 bytes."),
            message("upper", "The password has to have an upper-case letter, A to Z."),
            message("digit", "The password has to have a digit, 0 to 9."),
            message(
                "special",
                "The password has to have one of these characters: `!@#$%^&*()_+-=[]{};':\"\\|,.<>/?~"
            ),
        ])
    );
    assert!(violations.to_string().starts_with("The password has to have 12 to 50 characters, and"));
    let nist = check(&nist(), "password").unwrap_err();
    assert_eq!(
        nist.to_string(),
        "The password has to have at least 15 characters, and at most 1024 bytes. \
         The password is one that many people use; choose another."
    );
    assert_eq!(format!("{:?}", Password::new("hunter")), "Password(…)");
}

#[test]
fn a_policy_that_nobody_could_obey_is_refused() {
    for preset in [PolicyPreset::Nist, PolicyPreset::Classic, PolicyPreset::Minimal] {
        assert_eq!(PasswordPolicy::preset(preset).validate(), Ok(()));
    }
    let policy = PasswordPolicy {
        min_length: 0,
        max_length: Some(2000),
        min_strength: Some(5),
        history: 25,
        max_age_days: Some(0),
        ..minimal()
    };
    assert_eq!(
        policy.validate(),
        Err(vec![
            PolicyError::MinLength(0),
            PolicyError::MaxLength { min: 0, max: 2000 },
            PolicyError::Strength(5),
            PolicyError::History(25),
            PolicyError::MaxAge(0),
        ])
    );
    let narrow = PasswordPolicy { min_length: 20, max_length: Some(19), ..minimal() };
    assert_eq!(narrow.validate(), Err(vec![PolicyError::MaxLength { min: 20, max: 19 }]));
    assert_eq!(
        PolicyError::MaxLength { min: 20, max: 19 }.to_string(),
        "'max_length' is 19; it has to be at least 'min_length', which is 20, and at most 1024."
    );
}

/// The deny list has to be what it says: folded, without whitespace, long enough for the policy that it serves.
#[test]
fn the_deny_list_is_in_the_form_that_is_compared() {
    let text = include_str!("../../src/auth/password/common_passwords.txt");
    let entries: Vec<&str> = text.lines().filter(|line| !line.starts_with("# ")).collect();
    for entry in &entries {
        assert_eq!(provost::scim::fold::fold(Password::new(entry).expose()), *entry);
        assert!(!entry.contains(char::is_whitespace) && !entry.is_empty(), "{entry:?}");
        assert!(broken(&nist(), &entry.to_uppercase()).contains(&"common"), "{entry}");
    }
    let unique: std::collections::HashSet<&&str> = entries.iter().collect();
    assert_eq!(unique.len(), entries.len());
    assert!(entries.len() >= 1000);
    assert!(entries.iter().filter(|entry| entry.chars().count() >= 15).count() >= 300);
}

fn policies() -> impl Strategy<Value = PasswordPolicy> {
    let classes = proptest::array::uniform6(any::<bool>());
    (1_u32..20, proptest::option::of(0_u32..20), classes, any::<bool>()).prop_map(
        |(min_length, more, [upper, lower, digit, special, whitespace, own], common)| PasswordPolicy {
            min_length,
            max_length: more.map(|more| min_length + more),
            require_upper: upper,
            require_lower: lower,
            require_digit: digit,
            require_special: special,
            forbid_whitespace: whitespace,
            forbid_own_data: own,
            forbid_common: common,
            ..minimal()
        },
    )
}

/// Passwords of every kind, in which the rules' edges are not rare.
fn passwords() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-C a-c0-2!~]{0,24}",
        "\\PC{0,40}",
        "(ada|password|aaa| |Z|7|#){0,6}",
        "(ﬁ|é|e\u{301}|Å|٣| ){0,20}"
    ]
}

/// What each rule means, said once more and differently.
fn expected(policy: &PasswordPolicy, text: &str) -> Vec<&'static str> {
    use unicode_normalization::UnicodeNormalization as _;
    let text: Vec<char> = text.nfkc().collect();
    let any = |from: char, to: char| text.iter().any(|c| (from..=to).contains(c));
    let length = u32::try_from(text.len()).unwrap();
    let whole: String = text.iter().collect();
    let squeezed: String = whole.to_lowercase().split_whitespace().collect();
    let common = ["password", "aaa", "passwordpassword"].contains(&&*squeezed)
        || squeezed.chars().count() > 3 && squeezed.chars().all(|c| squeezed.starts_with(c));
    let rules = [
        ("length", length < policy.min_length || policy.max_length.is_some_and(|most| length > most)),
        ("upper", policy.require_upper && !any('A', 'Z')),
        ("lower", policy.require_lower && !any('a', 'z')),
        ("digit", policy.require_digit && !any('0', '9')),
        (
            "special",
            policy.require_special && !(any('!', '/') || any(':', '@') || any('[', '`') || any('{', '~')),
        ),
        ("whitespace", policy.forbid_whitespace && text.iter().any(|c| c.is_whitespace())),
        ("own_data", policy.forbid_own_data && whole.to_lowercase().contains("ada")),
        ("common", policy.forbid_common && common),
    ];
    rules.into_iter().filter(|(_, is_broken)| *is_broken).map(|(rule, _)| rule).collect()
}

proptest! {
    /// Every rule but `common` is named exactly when it is broken; `common` whenever it is plainly so.
    #[test]
    fn every_broken_rule_is_named_and_no_other(policy in policies(), text in passwords()) {
        let checked = policy::check(&policy, &Password::new(&text), &OwnData::new(["Ada"]));
        let named = checked.map_or_else(|violations| names(&violations), |()| Vec::new());
        let expected = expected(&policy, &text);
        let but_common = |rules: &[&'static str]| -> Vec<&'static str> {
            rules.iter().copied().filter(|rule| *rule != "common").collect()
        };
        prop_assert_eq!(but_common(&named), but_common(&expected));
        prop_assert!(named.contains(&"common") || !expected.contains(&"common"));
        prop_assert!(policy.forbid_common || !named.contains(&"common"));
    }
}

proptest! {
    // zxcvbn takes its time.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A password is the same one in every form of Unicode, and whatever it is, checking it ends in an answer.
    #[test]
    fn forms_of_unicode_make_no_difference(text in "\\PC{0,30}") {
        use unicode_normalization::UnicodeNormalization as _;
        let strict = PasswordPolicy { min_strength: Some(4), forbid_common: true, forbid_own_data: true, ..classic() };
        let decomposed: String = text.nfd().collect();
        prop_assert_eq!(check(&strict, &text), check(&strict, &decomposed));
    }
}
