//! Who sent a request: the peer, or whom trusted proxies name.

use std::net::IpAddr;

use poem::http::HeaderMap;

use super::forwarded::{self, Hop};
use crate::http::edge::settings::EdgeSettings;

/// The client as far as it is known: the nearest address that no trusted proxy vouches away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddr {
    /// Its address.
    pub ip: IpAddr,
    /// Whether it came by HTTPS, here or at the proxy.
    pub https: bool,
}

/// Resolves the client of a request whose peer is a trusted proxy.
///
/// A proxy writes one of the two headers and passes the other through as the client sent it. So where both are there
/// and name different clients, neither is believed.
pub(super) fn resolve(direct: ClientAddr, headers: &HeaderMap, settings: &EdgeSettings) -> ClientAddr {
    let standard = forwarded::standard(headers).map(|hops| walk(direct, hops, settings));
    let common = forwarded::x_forwarded(headers).map(|hops| walk(direct, hops, settings));
    match (standard, common) {
        (Some(one), Some(other)) if one.ip == other.ip => {
            ClientAddr { https: one.https && other.https, ..one }
        }
        (Some(_), Some(_)) | (None, None) => direct,
        (Some(one), None) | (None, Some(one)) => one,
    }
}

/// Goes from the nearest hop outwards as long as whoever spoke is trusted.
fn walk(direct: ClientAddr, hops: impl Iterator<Item = Hop>, settings: &EdgeSettings) -> ClientAddr {
    let mut client = direct;
    for hop in hops {
        if !settings.trusts(client.ip) {
            break;
        }
        client.https = hop.https.unwrap_or(client.https);
        let Some(ip) = hop.ip else { break };
        client.ip = ip;
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECT: &str = "10.0.0.1";

    fn client(headers: &[(&'static str, &'static str)]) -> (String, bool) {
        let settings = EdgeSettings {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()],
            ..EdgeSettings::default()
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let found = resolve(ClientAddr { ip: DIRECT.parse().unwrap(), https: false }, &map, &settings);
        (found.ip.to_string(), found.https)
    }

    fn is(ip: &str, https: bool) -> (String, bool) {
        (ip.to_owned(), https)
    }

    #[test]
    fn the_nearest_address_that_is_no_trusted_proxy_is_the_client() {
        assert_eq!(client(&[]), is(DIRECT, false));
        assert_eq!(client(&[("x-forwarded-for", "203.0.113.9")]), is("203.0.113.9", false));
        assert_eq!(
            client(&[("x-forwarded-for", "1.2.3.4, 203.0.113.9, 10.9.9.9")]),
            is("203.0.113.9", false)
        );
        let lines = [("x-forwarded-for", "1.2.3.4, 203.0.113.9"), ("x-forwarded-for", "10.9.9.9")];
        assert_eq!(client(&lines), is("203.0.113.9", false));
        assert_eq!(client(&[("x-forwarded-for", "10.1.1.1, 10.2.2.2")]), is("10.1.1.1", false));
        assert_eq!(client(&[("x-forwarded-for", "203.0.113.9:4711")]), is("203.0.113.9", false));
        assert_eq!(client(&[("x-forwarded-for", "::ffff:203.0.113.9")]), is("203.0.113.9", false));
    }

    #[test]
    fn the_scheme_is_the_clients() {
        let https = ("x-forwarded-proto", "https");
        assert_eq!(client(&[("x-forwarded-for", "203.0.113.9"), https]), is("203.0.113.9", true));
        assert_eq!(client(&[https]), is(DIRECT, true));
        let chain = [("x-forwarded-for", "203.0.113.9, 10.2.2.2"), ("x-forwarded-proto", "https, http")];
        assert_eq!(client(&chain), is("203.0.113.9", true));
    }

    #[test]
    fn rfc_7239_elements_are_read() {
        assert_eq!(
            client(&[("forwarded", "for=203.0.113.9;proto=https;by=10.0.0.1")]),
            is("203.0.113.9", true)
        );
        let v6 = r#"For="[2001:db8:cafe::17]:4711", for="[2001:db8:1::9]";proto=HTTPS"#;
        assert_eq!(client(&[("forwarded", v6)]), is("2001:db8:cafe::17", true));
        assert_eq!(client(&[("forwarded", "for=203.0.113.9, for=_hidden")]), is(DIRECT, false));
        assert_eq!(client(&[("forwarded", "for=unknown")]), is(DIRECT, false));
        assert_eq!(client(&[("forwarded", r#"for="broken, for=203.0.113.9"#)]), is("203.0.113.9", false));
    }

    #[test]
    fn two_headers_that_disagree_are_both_disbelieved() {
        let both = [("forwarded", "for=1.2.3.4;proto=https"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client(&both), is(DIRECT, false));
        let agree = [("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client(&agree), is("203.0.113.9", false));
    }
}
