//! The requests that scenarios send.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Method;

use crate::driver::{Request, Requests};
use crate::person;
use crate::seed::Tenant;

/// A number of this many digits stands in template bodies where each request puts its own.
const MARK: u64 = 999_999_999_999;
const FIRST: u64 = 100_000_000_000;

/// Makes requests with one tenant's token.
#[derive(Clone)]
struct Maker {
    authorization: http::HeaderValue,
}

impl Maker {
    fn of(tenant: &Tenant) -> Self {
        let text = format!("Bearer {}", tenant.token);
        Self { authorization: text.parse().expect("a token is visible ASCII") }
    }

    fn request(&self, method: Method, url: &str, body: Option<String>) -> hyper::Request<Full<Bytes>> {
        let mut request = hyper::Request::builder()
            .method(method)
            .uri(url)
            .header("host", "bench")
            .header("authorization", self.authorization.clone())
            .header("user-agent", "provost-bench/1")
            .header("accept", "application/scim+json");
        if body.is_some() {
            request = request.header("content-type", "application/scim+json");
        }
        let body = Full::new(Bytes::from(body.unwrap_or_default()));
        request.body(body).expect("a request of fixed parts is one")
    }
}

/// `GET` of a URL that follows from the number of a user below `users`; the answer holds that user.
pub fn get(tenant: &Tenant, users: u64, url: fn(u64) -> String) -> Requests {
    let maker = Maker::of(tenant);
    Rc::new(move |dice| {
        let number = dice.below(users);
        let url = url(number);
        let holds = match url.split_once("count=") {
            Some((_, count)) => format!("\"itemsPerPage\":{count},"),
            None => person::id(number).to_string(),
        };
        Request { http: maker.request(Method::GET, &url, None), holds: Some(holds) }
    })
}

/// The URL of a user.
pub fn by_id(number: u64) -> String {
    format!("/scim/v2/Users/{}", person::id(number))
}

/// `userName eq`.
pub fn by_user_name(number: u64) -> String {
    format!("/scim/v2/Users?filter=userName%20eq%20%22user{number}%40example.com%22")
}

/// `userName sw`, with a prefix that one user has.
pub fn by_prefix(number: u64) -> String {
    format!("/scim/v2/Users?filter=userName%20sw%20%22user{number}%40exam%22")
}

/// `externalId eq`.
pub fn by_external_id(number: u64) -> String {
    format!("/scim/v2/Users?filter=externalId%20eq%20%22ext-user{number}%22")
}

/// `emails.value eq`.
pub fn by_email(number: u64) -> String {
    format!("/scim/v2/Users?filter=emails.value%20eq%20%22user{number}%40home.example.org%22")
}

/// The first hundred users.
pub fn first_page(_number: u64) -> String {
    "/scim/v2/Users?startIndex=1&count=100".to_owned()
}

/// `POST /Users`, each time another user.
pub fn post(tenant: &Tenant) -> Requests {
    let chance = provost::model::random::uuid_v7().simple().to_string();
    let series = chance.get(20..).unwrap_or_default();
    let body = person::body(series, MARK).to_string();
    let (maker, mark, next) = (Maker::of(tenant), MARK.to_string(), Cell::new(FIRST));
    Rc::new(move |_dice| {
        let number = next.replace(next.get() + 1).to_string();
        let http = maker.request(Method::POST, "/scim/v2/Users", Some(body.replace(&mark, &number)));
        Request { http, holds: Some(number) }
    })
}

/// `PATCH` that turns `active` of one of the first users over, whatever it was.
pub fn patch_active(tenant: &Tenant, users: u64, inactive: &[u64]) -> Requests {
    let mut active = vec![true; users as usize];
    for number in inactive {
        if let Some(active) = active.get_mut(*number as usize) {
            *active = false;
        }
    }
    let (maker, active) = (Maker::of(tenant), RefCell::new(active));
    Rc::new(move |dice| {
        let number = dice.below(users);
        let mut active = active.borrow_mut();
        let now = active.get(number as usize).is_none_or(|active| !active);
        if let Some(active) = active.get_mut(number as usize) {
            *active = now;
        }
        let body = patch(&format!(r#"{{"op":"replace","path":"active","value":{now}}}"#));
        let http = maker.request(Method::PATCH, &by_id(number), Some(body));
        Request { http, holds: Some(format!(r#""active":{now}"#)) }
    })
}

/// `PATCH` that adds one user to a group: of the `spare` users from `first` on, one after another.
pub fn add_member(tenant: &Tenant, group: &str, first: u64, spare: u64) -> Requests {
    let (maker, next) = (Maker::of(tenant), Cell::new(0));
    let url = format!("/scim/v2/Groups/{group}");
    Rc::new(move |_dice| {
        let number = next.replace((next.get() + 1) % spare);
        let id = person::id(first + number);
        let body = patch(&format!(r#"{{"op":"add","path":"members","value":[{{"value":"{id}"}}]}}"#));
        Request { http: maker.request(Method::PATCH, &url, Some(body)), holds: None }
    })
}

fn patch(operation: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operation}]}}"#)
}

/// `POST /Groups`: an empty group.
pub fn post_group(tenant: &Tenant, name: &str) -> Request {
    let body =
        format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{name}"}}"#);
    let http = Maker::of(tenant).request(Method::POST, "/scim/v2/Groups", Some(body));
    Request { http, holds: Some(name.to_owned()) }
}

/// Reads of all kinds.
pub fn mixed_reads(tenant: &Tenant, users: u64) -> Requests {
    let urls = [by_id, by_user_name, by_email, by_external_id, by_prefix, first_page];
    let reads = urls.map(|url| get(tenant, users, url));
    Rc::new(move |dice| {
        let choice = dice.below(reads.len() as u64) as usize;
        reads.get(choice).unwrap_or(&reads[0])(dice)
    })
}
