//! Reads `Forwarded` (RFC 7239) and `X-Forwarded-For`/`-Proto` into hops, the nearest first.
//!
//! Reading goes from the right, where trusted proxies wrote, and splits at every comma: what a client put further left
//! (an unclosed quote, say) must not change how a proxy's element is read.

use std::net::IpAddr;

use poem::http::HeaderMap;
use poem::http::header::FORWARDED;

/// What one proxy says of whom it heard from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hop {
    /// `None` for `unknown`, an obfuscated name or anything else that is no address.
    pub ip: Option<IpAddr>,
    /// Whether it came by HTTPS, if the proxy says so.
    pub https: Option<bool>,
}

/// The hops of `Forwarded`, if that header is there.
pub(super) fn standard(headers: &HeaderMap) -> Option<impl Iterator<Item = Hop>> {
    headers.contains_key(FORWARDED).then(|| elements(headers, FORWARDED.as_str()).map(element))
}

/// The hops of `X-Forwarded-For`, with `X-Forwarded-Proto` beside them as far as it goes, if one of them is there.
pub(super) fn x_forwarded(headers: &HeaderMap) -> Option<impl Iterator<Item = Hop>> {
    const FOR: &str = "x-forwarded-for";
    const PROTO: &str = "x-forwarded-proto";
    if !headers.contains_key(FOR) && !headers.contains_key(PROTO) {
        return None;
    }
    let mut addresses = elements(headers, FOR);
    let mut schemes = elements(headers, PROTO);
    Some(std::iter::from_fn(move || match (addresses.next(), schemes.next()) {
        (None, None) => None,
        (address, scheme) => Some(Hop { ip: address.and_then(address_of), https: scheme.map(is_https) }),
    }))
}

/// All elements of all lines of a header, from the right.
fn elements<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter().rev();
    lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',').map(str::trim))
}

fn element(text: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in text.split(';') {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("for") {
            hop.ip = address_of(value);
        } else if name.trim().eq_ignore_ascii_case("proto") {
            hop.https = Some(is_https(value));
        }
    }
    hop
}

fn is_https(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https")
}

/// An address with or without a port; IPv6 in brackets, or bare as `X-Forwarded-For` often has it.
fn address_of(text: &str) -> Option<IpAddr> {
    let ip = if let Some(bracketed) = text.strip_prefix('[') {
        bracketed.split(']').next()?.parse::<IpAddr>().ok()?
    } else if let Ok(ip) = text.parse::<IpAddr>() {
        ip
    } else {
        text.rsplit_once(':')?.0.parse::<IpAddr>().ok()?
    };
    Some(ip.to_canonical())
}
