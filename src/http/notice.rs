//! What policies want to be told with an answer: a `Provost-Notice` header for each notice.
//!
//! Headers are ASCII. A notice that is not, or that looks as if it were encoded, is sent as RFC 8187 §3.2.1 encodes
//! parameters: `UTF-8''` and the percent-encoded text. Every other one is sent as it is.

use poem::http::{HeaderName, HeaderValue};
use poem::{Request, Response};

use crate::provisioning::Notices;

/// The header's name.
pub const NOTICE: HeaderName = HeaderName::from_static("provost-notice");

/// The most octets of all notices of an answer together, beside the first: servers in between refuse long headers.
const MAX_OCTETS: usize = 4096;

const ENCODED: &str = "UTF-8''";

/// Gives a request the collection that its use cases add to.
pub fn collect(request: &mut Request) -> Notices {
    let notices = Notices::default();
    request.extensions_mut().insert(notices.clone());
    notices
}

/// The collection of a request.
pub fn of(request: &Request) -> Notices {
    request.extensions().get::<Notices>().cloned().unwrap_or_default()
}

/// Puts what was collected into the headers of an answer.
pub fn tell(notices: &Notices, response: &mut Response) {
    let mut octets = 0;
    for value in notices.take().iter().map(|notice| encoded(notice)) {
        octets += value.len();
        if octets > MAX_OCTETS && octets > value.len() {
            return;
        }
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(NOTICE, value);
        }
    }
}

fn encoded(notice: &str) -> String {
    let plain = notice.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && notice.trim() == notice;
    if plain && !notice.starts_with(ENCODED) {
        return notice.to_owned();
    }
    // RFC 8187 §3.2.1: attr-char stays.
    let stays = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(byte);
    notice.bytes().fold(ENCODED.to_owned(), |mut text, byte| {
        match stays(&byte) {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}
