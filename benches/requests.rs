//! The requests that scenarios send.

use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::rc::Rc;

use crate::driver::Requests;
use crate::person;
use crate::seed::Tenant;

const LAST: &str = "\r\n\r\n";
/// A number of this many digits stands in template bodies where each request puts its own.
const MARK: u64 = 999_999_999_999;
const FIRST: u64 = 100_000_000_000;

fn headers(tenant: &Tenant) -> String {
    format!(
        " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nUser-Agent: provost-bench/1\r\nAccept: application/scim+json",
        tenant.token
    )
}

fn body_headers(tenant: &Tenant, length: usize) -> String {
    format!("{}\r\nContent-Type: application/scim+json\r\nContent-Length: {length}{LAST}", headers(tenant))
}

// Writing to a vector cannot fail.
fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// `GET` of a URL that follows from the number of a user below `users`.
pub fn get(tenant: &Tenant, users: u64, url: fn(u64) -> String) -> Requests {
    let headers = headers(tenant);
    Rc::new(move |dice, out| put(out, format_args!("GET {}{headers}{LAST}", url(dice.below(users)))))
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
    let head = format!("POST /scim/v2/Users{}", body_headers(tenant, body.len()));
    let mark = MARK.to_string();
    let pieces: Vec<String> = body.split(&mark).map(str::to_owned).collect();
    let next = Cell::new(FIRST);
    Rc::new(move |_dice, out| {
        let number = next.replace(next.get() + 1);
        put(out, format_args!("{head}"));
        for (place, piece) in pieces.iter().enumerate() {
            if place > 0 {
                put(out, format_args!("{number}"));
            }
            out.extend_from_slice(piece.as_bytes());
        }
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
    let active = RefCell::new(active);
    let [on, off] = [true, false].map(|active| {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","path":"active","value":{active}}}]}}"#
        );
        format!("{}{body}", body_headers(tenant, body.len()))
    });
    Rc::new(move |dice, out| {
        let number = dice.below(users);
        if let Some(active) = active.borrow_mut().get_mut(number as usize) {
            *active = !*active;
            let rest = if *active { &on } else { &off };
            put(out, format_args!("PATCH {}{rest}", by_id(number)));
        }
    })
}

/// `PATCH` that adds one user to a group: of the `spare` users from `first` on, one after another.
pub fn add_member(tenant: &Tenant, group: &str, first: u64, spare: u64) -> Requests {
    let next = Cell::new(0);
    let headers = headers(tenant);
    let group = group.to_owned();
    Rc::new(move |_dice, out| {
        let number = next.replace((next.get() + 1) % spare);
        let id = person::id(first + number);
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"add","path":"members","value":[{{"value":"{id}"}}]}}]}}"#
        );
        put(
            out,
            format_args!(
                "PATCH /scim/v2/Groups/{group}{headers}\r\nContent-Type: application/scim+json\r\nContent-Length: {}{LAST}{body}",
                body.len()
            ),
        );
    })
}

/// `POST /Groups`: an empty group.
pub fn post_group(tenant: &Tenant, name: &str) -> Vec<u8> {
    let body =
        format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{name}"}}"#);
    format!("POST /scim/v2/Groups{}{body}", body_headers(tenant, body.len())).into_bytes()
}

/// Reads of all kinds.
pub fn mixed_reads(tenant: &Tenant, users: u64) -> Requests {
    let urls = [by_id, by_user_name, by_email, by_external_id, by_prefix, first_page];
    let reads: Vec<Requests> = urls.map(|url| get(tenant, users, url)).into();
    Rc::new(move |dice, out| {
        if let Some(read) = reads.get(dice.below(reads.len() as u64) as usize) {
            read(dice, out);
        }
    })
}
