//! The attribute mapper, without HTTP or a database.

mod custom;
mod email;
mod names;
mod origins;
mod round_trip;
mod values;

use provost::mapping::user::{Occasion, to_model};
use provost::model::tenant::NameOrder;
use provost::model::{Timestamp, User, UserId};
use provost::scim::schema::validate::{self, Strictness};
use provost::scim::schema::{AttributeMap, SchemaSet};
use serde_json::{Map, Value};
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

/// A body as validation hands it on.
fn attributes(body: &Value) -> AttributeMap {
    let body: Map<String, Value> = body.as_object().expect("a body is an object").clone();
    validate::create(SchemaSet::built_in().user(), body, Strictness::Lenient).unwrap().attributes
}

/// The user that a POST of the body makes.
fn created(body: &Value) -> User {
    to_model(attributes(body), UserId(Uuid::from_u128(7)), NOW, Occasion::Create, NameOrder::GivenFirst)
        .unwrap()
}

/// The user after a PUT of the body.
fn replaced(user: &User, body: &Value) -> User {
    to_model(attributes(body), user.id, NOW, Occasion::Replace(user), NameOrder::GivenFirst).unwrap()
}

/// The user after a PATCH that leads to these attributes.
fn patched(user: &User, body: &Value) -> User {
    to_model(attributes(body), user.id, NOW, Occasion::Patch(user), NameOrder::GivenFirst).unwrap()
}
