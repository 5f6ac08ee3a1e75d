//! Second factors: the codes of apps, how their secrets are kept, and recovery codes.

use provost::auth::SecretKey;
use provost::auth::mfa::{RecoveryCode, TotpSecret};
use provost::model::{FactorId, TenantId, Timestamp, TotpFactor, UserId};

use crate::support::totp;

const KEY: [u8; 32] = [7; 32];

fn factor(secret: &TotpSecret, tenant: TenantId) -> TotpFactor {
    let (user_id, id) = (UserId::generate(), FactorId::generate());
    TotpFactor {
        id,
        user_id,
        name: "phone".to_owned(),
        secret: secret.seal(&SecretKey::new(KEY), tenant, user_id, id).unwrap(),
        created_at: Timestamp(0),
        confirmed_at: None,
        last_step: 0,
        last_used_at: None,
    }
}

/// RFC 6238, Appendix B: the last six of its eight digits.
#[test]
fn codes_are_those_of_the_rfc() {
    let secret = TotpSecret::new(*b"12345678901234567890");
    for (seconds, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(secret.step_of(code, Timestamp(seconds * 1000)), Some(seconds / 30), "at {seconds}");
        assert_eq!(totp::code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", seconds * 1000), code, "at {seconds}");
    }
}

/// The present step and the one on either side.
#[test]
fn a_clock_may_be_wrong_by_one_step() {
    let secret = TotpSecret::new(*b"12345678901234567890");
    let now = 2_000_000_010_000;
    for steps in -3..=3 {
        let code = totp::code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", now + steps * totp::STEP);
        let expected = (steps.abs() <= 1).then_some(now / totp::STEP + steps);
        assert_eq!(secret.step_of(&code, Timestamp(now)), expected, "{steps} steps away");
    }
    for code in ["", "12345", "1234567", "12345x", "+12345", "٣٤٥٦٧٨"] {
        assert_eq!(secret.step_of(code, Timestamp(now)), None, "{code}");
    }
}

/// Tenants and people may be called anything; what separates the two names in a URI is in neither.
#[test]
fn an_app_is_told_everything_it_needs() {
    let secret = TotpSecret::new(*b"12345678901234567890");
    let told = secret.enrolling("Acme & Sons: west", "urn:ada@example.com").unwrap();
    assert_eq!(told.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_eq!(
        told.uri,
        "otpauth://totp/Acme%20%26%20Sons-%20west:urn-ada%40example.com\
         ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%26%20Sons-%20west"
    );
    for (tenant, user) in [(" ", "x"), ("𝔸".repeat(200).as_str(), "𝔸".repeat(255).as_str()), (":", ":")]
    {
        secret.enrolling(tenant, user).unwrap_or_else(|error| panic!("{tenant} {user}: {error}"));
    }
    assert_eq!(format!("{secret:?} {told:?}"), "TotpSecret(…) Enrolling(…)");
}

/// A QR code: a light border of four modules, and the three finders in its corners (ISO/IEC 18004 §5.3).
#[test]
fn the_qr_code_is_an_svg() {
    let svg = TotpSecret::new(*b"12345678901234567890").enrolling("Acme", "ada").unwrap().qr_svg;
    let (head, rest) = svg.split_once(" viewBox=\"0 0 ").unwrap();
    assert_eq!(head, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    let side: usize = rest.split(' ').next().unwrap().parse().unwrap();
    assert!(side > 29 && (side - 8 - 17).is_multiple_of(4), "{side} is no QR code's side with its border");
    let path = svg.rsplit_once(" d=\"").unwrap().1.strip_suffix("\"/></svg>").unwrap();
    let mut dark = vec![vec![false; side]; side];
    for run in path.split('M').skip(1) {
        let (x, rest) = run.split_once(' ').unwrap();
        let (y, rest) = rest.split_once('h').unwrap();
        let (length, back) = rest.split_once("v1h-").unwrap();
        assert_eq!(back, format!("{length}z"));
        let (x, y, length): (usize, usize, usize) =
            (x.parse().unwrap(), y.parse().unwrap(), length.parse().unwrap());
        dark[y][x..x + length].fill(true);
    }
    let finder = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"];
    for (left, top) in [(4, 4), (side - 11, 4), (4, side - 11)] {
        for (y, row) in finder.iter().enumerate() {
            let found: String =
                dark[top + y][left..left + 7].iter().map(|dark| if *dark { '#' } else { '.' }).collect();
            assert_eq!(found, *row, "row {y} of the finder at {left}, {top}");
        }
    }
    let border = (0..side).flat_map(|a| (0..4).map(move |b| (a, b)));
    for (a, b) in border {
        let far = side - 1 - b;
        assert!(!dark[a][b] && !dark[b][a] && !dark[a][far] && !dark[far][a], "the border is light");
    }
}

/// What is stored is of use to nobody without the key, and to no other factor, user or tenant.
#[test]
fn secrets_are_sealed_for_one_factor() {
    let (secret, tenant) = (TotpSecret::generate().unwrap(), TenantId::generate());
    let (stored, key) = (factor(&secret, tenant), SecretKey::new(KEY));
    let base32 = secret.enrolling("Acme", "ada").unwrap().secret;
    let opened = TotpSecret::open(&key, tenant, &stored).unwrap();
    assert_eq!(opened.enrolling("Acme", "ada").unwrap().secret, base32);
    assert_eq!((base32.len(), totp::base32(&base32).len()), (32, 20));
    assert!(!stored.secret.0.contains(&base32));
    let moved = [
        TotpFactor { id: FactorId::generate(), ..stored.clone() },
        TotpFactor { user_id: UserId::generate(), ..stored.clone() },
    ];
    for moved in moved {
        assert!(TotpSecret::open(&key, tenant, &moved).is_err());
    }
    assert!(TotpSecret::open(&key, TenantId::generate(), &stored).is_err());
    assert!(TotpSecret::open(&SecretKey::new([8; 32]), tenant, &stored).is_err());
}

/// Four groups of five, read back however they are typed.
#[test]
fn recovery_codes_can_be_typed() {
    let code = RecoveryCode::generate().unwrap();
    let text = code.text();
    let groups: Vec<&str> = text.split('-').collect();
    assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [5; 4]);
    assert!(text.chars().all(|c| "0123456789ABCDEFGHJKMNPQRSTVWXYZ-".contains(c)), "{text}");
    for typed in [
        text.clone(),
        text.to_lowercase(),
        text.replace('-', ""),
        format!(" {} ", text.replace('-', " ")),
        text.replace('0', "o").replace('1', "l"),
        text.replace('1', "I"),
    ] {
        assert_eq!(RecoveryCode::parse(&typed).map(|code| code.hash()), Some(code.hash()), "{typed}");
    }
    for wrong in
        ["", "123456", &text[1..], &format!("{text}0"), &text.replace('-', "U"), &format!("Ü{}", &text[1..])]
    {
        assert!(RecoveryCode::parse(wrong).is_none(), "{wrong}");
    }
    assert_ne!(RecoveryCode::generate().unwrap().hash(), code.hash());
    assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
}
