//! Bodies of POST and PUT, and the values of a PATCH, on their way to attributes.

mod body;
mod update;
mod values;

use proptest::prelude::*;
use provost::scim::error::ScimError;
use provost::scim::schema::validate::{self, Strictness, Validated};
use provost::scim::schema::{ResourceSchema, SchemaSet};
use serde_json::{Map, Value};

use super::generate;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

proptest! {
    /// RFC 7644 §3.3: nothing that a client sent is lost or changed on the way in.
    #[test]
    fn nothing_is_lost(body in generate::user()) {
        let validated = create(SchemaSet::built_in().user(), body.clone());
        prop_assert_eq!(validated.attributes.as_map(), &body);
        prop_assert!(validated.ignored.is_empty());
    }

    /// RFC 7643 §2.1: the case of names means nothing.
    #[test]
    fn names_are_read_in_any_case(body in generate::user(), flips in prop::collection::vec(any::<bool>(), 1..40)) {
        let recased = generate::recased(&Value::Object(body.clone()), &mut flips.iter().copied().cycle());
        let validated = create(SchemaSet::built_in().user(), object(recased));
        prop_assert_eq!(validated.attributes.as_map(), &body);
    }

    /// What passed once passes again, and stays as it is: any JSON at all under the names of a user.
    #[test]
    fn create_is_idempotent(body in generate::anything_under_user_names()) {
        for strictness in [Strictness::Lenient, Strictness::Strict] {
            let Ok(once) = validate::create(SchemaSet::built_in().user(), body.clone(), strictness) else {
                continue;
            };
            let twice = create(SchemaSet::built_in().user(), once.attributes.as_map().clone());
            prop_assert_eq!(twice.attributes, once.attributes);
        }
    }

    /// RFC 7644 §3.5.1: a PUT of what a POST would make is the same as that POST.
    #[test]
    fn replace_reads_like_create(old in generate::user(), new in generate::user()) {
        let set = SchemaSet::built_in();
        let current = create(set.user(), old).attributes;
        let replaced = validate::replace(set.user(), &current, new.clone(), Strictness::Lenient).unwrap();
        prop_assert_eq!(replaced, create(set.user(), new));
    }
}

fn create_user(body: Value) -> Result<Validated, ScimError> {
    validate::create(SchemaSet::built_in().user(), object(body), Strictness::Lenient)
}

fn create(schema: &ResourceSchema, body: Map<String, Value>) -> Validated {
    validate::create(schema, body, Strictness::Lenient).unwrap()
}

fn object(body: Value) -> Map<String, Value> {
    match body {
        Value::Object(body) => body,
        other => panic!("a body is an object: {other}"),
    }
}
