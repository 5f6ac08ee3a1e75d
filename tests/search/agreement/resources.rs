//! Generated users and groups, and their search documents made from what the server shows of them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use provost::scim::schema::search::normalise;
use provost::scim::schema::{Attribute, AttributeType, ResourceSchema, SchemaSet};
use serde_json::{Map, Value, json};

use super::{Chance, Document};
use crate::support::Client;

const USERS: usize = 60;
const GROUPS: usize = 10;

/// Few, so that filters find something; and what has a meaning to SQL, to JSON, or to nobody.
pub const WORDS: [&str; 20] = [
    "a", "A", "ab", "aB c", "B", "work", "Home", "Straße", "STRASSE", "é", "É", "ÄÖ", "%", "a_b", "\\",
    "\"q\"", "it's", "🦀x", "ﬀ", "0",
];

/// A resource as it is served, and as filters see it.
pub struct Resource {
    pub id: String,
    pub shown: Map<String, Value>,
    pub search: Document,
}

/// Makes users and groups that are in one another.
pub async fn seed(client: &Client, chance: &mut Chance) {
    let set = SchemaSet::built_in();
    let body = user(set.user());
    let mut users: Vec<String> = Vec::new();
    for number in 0..USERS {
        let mut body = chance.draw(&body).current();
        body["userName"] = json!(format!("{}-{number}", chance.draw(&select(WORDS.to_vec())).current()));
        let manager = chance.draw(&option::of(any::<prop::sample::Index>())).current();
        if let (Some(manager), false) = (manager, users.is_empty()) {
            body[&set.user().extensions[0].id]["manager"]["value"] = json!(manager.get(&users));
        }
        let answer = client.post("/Users", &body).await;
        assert_eq!(answer.status, 201, "{body}\n{}", answer.body);
        users.push(answer.created());
    }
    let mut everybody = users;
    let mut groups = Vec::new();
    for _ in 0..GROUPS {
        let members = chance.draw(&vec(any::<prop::sample::Index>(), 0..8)).current();
        let members: Vec<Value> =
            members.iter().map(|index| json!({ "value": index.get(&everybody) })).collect();
        let name = chance.draw(&select(WORDS.to_vec())).current();
        let mut body = json!({ "displayName": name, "members": members });
        if let Some(external_id) = chance.draw(&option::of(select(WORDS.to_vec()))).current() {
            body["externalId"] = json!(external_id);
        }
        let id = client.post("/Groups", &body).await.created();
        // Members that come later are groups as often as not.
        everybody.splice(0..0, [id.clone(), id.clone(), id.clone()]);
        groups.push(id);
    }
    // A circle (RFC 7644 §3.7.1).
    let operation = json!({ "op": "add", "path": "members", "value": [{ "value": groups[GROUPS - 1] }] });
    client.patch(&format!("/Groups/{}", groups[0]), &json!({ "Operations": [operation] })).await.expect(204);
}

/// All resources at `path`.
pub async fn read(client: &Client, schema: &ResourceSchema, path: &str) -> Vec<Resource> {
    let list = client.get(&format!("{path}?count=1000")).await.expect(200);
    let resources = list["Resources"].as_array().unwrap().iter();
    resources
        .map(|resource| {
            let shown = resource.as_object().unwrap().clone();
            Resource {
                id: resource["id"].as_str().unwrap().to_owned(),
                search: search_document(schema, &shown),
                shown,
            }
        })
        .collect()
}

fn search_document(schema: &ResourceSchema, shown: &Map<String, Value>) -> Document {
    let member = |(name, value): (&String, &Value)| match (schema.extension(name), value) {
        (Some(extension), Value::Object(object)) => {
            let parts = object
                .iter()
                .map(|(name, value)| (name.clone(), normalise(extension.attribute(name).unwrap(), value)));
            (name.clone(), Value::Object(parts.collect()))
        }
        _ => (name.clone(), normalise(schema.attribute(None, name).unwrap().1, value)),
    };
    shown.iter().map(member).collect()
}

/// A user's body with some of all attributes that a client may set.
fn user(schema: &ResourceSchema) -> BoxedStrategy<Value> {
    let skipped = |attribute: &&Attribute| !["userName", "password", "groups"].contains(&&*attribute.name);
    let core = object(schema.core.attributes.iter().filter(skipped));
    let extension = object(schema.extensions[0].attributes.iter());
    let urn = schema.extensions[0].id.clone();
    (core, option::of(select(WORDS.to_vec())), extension)
        .prop_map(move |(mut body, external_id, extension)| {
            if let Some(id) = external_id {
                body.insert("externalId".to_owned(), json!(id));
            }
            body.insert(urn.clone(), Value::Object(extension));
            Value::Object(body)
        })
        .boxed()
}

fn object<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> BoxedStrategy<Map<String, Value>> {
    let members: Vec<_> = attributes
        .map(|attribute| {
            let name = attribute.name.clone();
            option::of(value(attribute)).prop_map(move |value| Some((name.clone(), value?))).boxed()
        })
        .collect();
    members.prop_map(|members| members.into_iter().flatten().collect()).boxed()
}

fn value(attribute: &Attribute) -> BoxedStrategy<Value> {
    if attribute.multi_valued {
        let single = Attribute { multi_valued: false, ..attribute.clone() };
        return vec(value(&single), 0..4).prop_map(one_primary).boxed();
    }
    match attribute.kind {
        AttributeType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        AttributeType::Complex => object(attribute.sub_attributes.iter()).prop_map(Value::Object).boxed(),
        AttributeType::Binary => select(vec!["TUlJ", "tulj", "AAAA", "AAAB"]).prop_map(Value::from).boxed(),
        _ => select(WORDS.to_vec()).prop_map(Value::from).boxed(),
    }
}

/// RFC 7643 §2.4: at most one is primary.
fn one_primary(mut elements: Vec<Value>) -> Value {
    let mut found = false;
    for element in &mut elements {
        if element["primary"] == true && std::mem::replace(&mut found, true) {
            element["primary"] = json!(false);
        } else if element["primary"].is_null() {
            element.as_object_mut().unwrap().shift_remove("primary");
        }
    }
    Value::from(elements)
}
