//! Where webhooks may lead.

use provost::delivery::webhook::{Endpoint, EndpointError, Secret, Sender, Signed, WebhookError, is_public};
use tokio::net::TcpListener;

use super::at;

/// Hosts in every spelling that leads to an address which is not public.
const NOT_PUBLIC: [&str; 58] = [
    "0.0.0.0",
    "0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.0x1",
    "%31%32%37.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "3232235777",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::1]",
    "[100::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[3fff::1]",
    "[fc00::1]",
    "[fe80::1]",
    "[ff02::1]",
];

/// Also at the edges of what is not public.
const PUBLIC: [&str; 20] = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "[2606:4700:4700::1111]",
    "[2001:4860:4860::8888]",
    "[::ffff:1.1.1.1]",
    "[64:ff9b::1.1.1.1]",
];

#[test]
fn addresses_that_are_not_public_are_refused_in_every_spelling() {
    for host in NOT_PUBLIC {
        for url in [format!("https://{host}/hook"), format!("https://{host}:8443/hook?a=b")] {
            assert_eq!(Endpoint::parse(&url, false), Err(EndpointError::NotPublic), "{url}");
            assert!(Endpoint::parse(&url, true).is_ok(), "{url}");
        }
    }
    for host in PUBLIC {
        let url = format!("https://{host}/hook");
        assert_eq!(
            Endpoint::parse(&url, false).map(|endpoint| endpoint.to_string().contains("/hook")),
            Ok(true),
            "{url}"
        );
        let address = host.trim_matches(['[', ']']).parse().unwrap();
        assert!(is_public(address), "{host}");
    }
}

#[test]
fn urls_that_will_not_do_are_refused_with_the_reason() {
    let long = format!("https://example.com/{}", "x".repeat(2048));
    for (url, error) in [
        ("", EndpointError::Malformed),
        ("example.com/hook", EndpointError::Malformed),
        ("https://", EndpointError::Malformed),
        ("https://256.256.256.256/", EndpointError::Malformed),
        (&*long, EndpointError::Malformed),
        ("http://example.com/", EndpointError::NotHttps),
        ("ftp://example.com/", EndpointError::NotHttps),
        ("file:///etc/passwd", EndpointError::NotHttps),
        ("https://user@example.com/", EndpointError::Credentials),
        ("https://user:secret@example.com/", EndpointError::Credentials),
    ] {
        assert_eq!(Endpoint::parse(url, false), Err(error), "{url}");
    }
    assert_eq!(Endpoint::parse("gopher://example.com/", true), Err(EndpointError::NotHttp));
    let kept = Endpoint::parse("https://EXAMPLE.com/hook?x=1#part", false).unwrap();
    assert_eq!(kept.to_string(), "https://example.com/hook?x=1");
}

/// What the saved URL, and what its name stands for when it is connected to, are both looked at: nothing is connected
/// to that may not be.
#[tokio::test]
async fn names_are_judged_by_what_they_stand_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sender = Sender::new(false);
    let secret = [Secret::generate().unwrap()];
    let signed = Signed { id: "1", at: at(0), body: "{}" };
    let judged = |url: String| {
        let (sender, secret) = (&sender, &secret);
        async move { sender.post(&url, secret, signed).await.result.unwrap_err() }
    };
    assert_eq!(judged(format!("https://localhost:{port}/")).await, WebhookError::NotPublic);
    assert_eq!(judged(format!("https://LOCALHOST:{port}/")).await, WebhookError::NotPublic);
    for url in [format!("https://127.0.0.1:{port}/"), format!("https://[::ffff:127.0.0.1]:{port}/")] {
        assert_eq!(judged(url).await, WebhookError::Endpoint(EndpointError::NotPublic));
    }
    assert_eq!(
        judged(format!("http://localhost:{port}/")).await,
        WebhookError::Endpoint(EndpointError::NotHttps)
    );
    let nobody_came = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
    assert!(nobody_came.is_err());
}
