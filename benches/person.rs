//! The people of the benchmark: all that they are follows from a number, so that requests and statements can name any
//! of them without a list.

use provost::model::UserId;
use serde_json::{Value, json};
use uuid::Uuid;

/// The first half of every seeded id: a UUIDv7 of the past, so that what is created meanwhile comes behind it.
pub const ID_PREFIX: &str = "01890000-0000-7000-8000-";

/// The id of the user with this number.
pub fn id(number: u64) -> UserId {
    UserId(Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0000 | u128::from(number)))
}

/// A user as Okta or Entra would send it: about 900 bytes.
pub fn body(series: &str, number: u64) -> Value {
    let name = format!("{series}{number}");
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        ],
        "externalId": format!("ext-{name}"),
        "userName": format!("{name}@example.com"),
        "name": { "givenName": "Barbara", "familyName": format!("Jensen-{number}"), "formatted": format!("Barbara Jensen-{number}") },
        "displayName": format!("Barbara Jensen-{number}"),
        "title": "Senior Tour Guide",
        "preferredLanguage": "en-US",
        "locale": "en-US",
        "timezone": "America/Los_Angeles",
        "active": true,
        "emails": [
            { "value": format!("{name}@example.com"), "type": "work", "primary": true },
            { "value": format!("{name}@home.example.org"), "type": "home" }
        ],
        "phoneNumbers": [{ "value": "+1 555 0100 42", "type": "work" }],
        "addresses": [{
            "type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood",
            "region": "CA", "postalCode": "91608", "country": "US"
        }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": number.to_string(), "costCenter": "4130", "department": "Tour Operations"
        }
    })
}
