//! The schema documents, names, the search document and date-times.

use std::sync::Arc;

use proptest::prelude::*;
use provost::scim::schema::datetime::{format_datetime, parse_datetime};
use provost::scim::schema::search::{normalise, search_document};
use provost::scim::schema::{
    Attribute, AttributeMap, AttributeType, Named, ResourceSchema, Returned, Schema, SchemaSet, Uniqueness,
};
use serde_json::{Map, Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What RFC 7643 §8.7.1 says of the User schema, with errata 8471 (`groups.$ref`) and 6000, 6001 (binary and references
/// are caseExact). A line has what differs from an optional, single, readWrite string that is returned by default, is
/// not caseExact and not unique.
const USER: &str = "
userName: required server
name: complex
name.formatted:
name.familyName:
name.givenName:
name.middleName:
name.honorificPrefix:
name.honorificSuffix:
displayName:
nickName:
profileUrl: reference caseExact ->external
title:
userType:
preferredLanguage:
locale:
timezone:
active: boolean
password: writeOnly never
emails: complex multiValued
emails.value:
emails.display:
emails.type: [work,home,other]
emails.primary: boolean
phoneNumbers: complex multiValued
phoneNumbers.value:
phoneNumbers.display:
phoneNumbers.type: [work,home,mobile,fax,pager,other]
phoneNumbers.primary: boolean
ims: complex multiValued
ims.value:
ims.display:
ims.type: [aim,gtalk,icq,xmpp,msn,skype,qq,yahoo]
ims.primary: boolean
photos: complex multiValued
photos.value: reference caseExact ->external
photos.display:
photos.type: [photo,thumbnail]
photos.primary: boolean
addresses: complex multiValued
addresses.formatted:
addresses.streetAddress:
addresses.locality:
addresses.region:
addresses.postalCode:
addresses.country:
addresses.type: [work,home,other]
addresses.primary: boolean
groups: complex multiValued readOnly
groups.value: readOnly
groups.$ref: reference caseExact readOnly ->Group
groups.display: readOnly
groups.type: readOnly [direct,indirect]
entitlements: complex multiValued
entitlements.value:
entitlements.display:
entitlements.type:
entitlements.primary: boolean
roles: complex multiValued
roles.value:
roles.display:
roles.type:
roles.primary: boolean
x509Certificates: complex multiValued
x509Certificates.value: binary caseExact
x509Certificates.display:
x509Certificates.type:
x509Certificates.primary: boolean
";

/// RFC 7643 §8.7.1 with erratum 5368 (`displayName` is required), and `display`, which §4.2 lets servers add.
const GROUP: &str = "
displayName: required
members: complex multiValued
members.value: immutable
members.$ref: reference caseExact immutable ->User,Group
members.type: immutable [User,Group]
members.display: readOnly
";

/// RFC 7643 §8.7.1 with erratum 8472 (`manager.value` is caseExact).
const ENTERPRISE_USER: &str = "
employeeNumber:
costCenter:
organization:
division:
department:
manager: complex
manager.value: caseExact
manager.$ref: reference caseExact ->User
manager.displayName: readOnly
";

/// RFC 7643 §8.7.2, with `authenticationSchemes.type`, which §5 requires (erratum 8011), and `primary` as in §8.5.
const SERVICE_PROVIDER_CONFIG: &str = "
documentationUri: reference caseExact readOnly ->external
patch: complex required readOnly
patch.supported: boolean required readOnly
bulk: complex required readOnly
bulk.supported: boolean required readOnly
bulk.maxOperations: integer required readOnly
bulk.maxPayloadSize: integer required readOnly
filter: complex required readOnly
filter.supported: boolean required readOnly
filter.maxResults: integer required readOnly
changePassword: complex required readOnly
changePassword.supported: boolean required readOnly
sort: complex required readOnly
sort.supported: boolean required readOnly
etag: complex required readOnly
etag.supported: boolean required readOnly
authenticationSchemes: complex multiValued required readOnly
authenticationSchemes.type: required readOnly [oauth,oauth2,oauthbearertoken,httpbasic,httpdigest]
authenticationSchemes.name: required readOnly
authenticationSchemes.description: required readOnly
authenticationSchemes.specUri: reference caseExact readOnly ->external
authenticationSchemes.documentationUri: reference caseExact readOnly ->external
authenticationSchemes.primary: boolean readOnly
";

/// RFC 7643 §8.7.2 with erratum 7522 (`schemaExtensions` is multi-valued); by §6 it is optional.
const RESOURCE_TYPE: &str = "
id: readOnly
name: required readOnly
description: readOnly
endpoint: reference required caseExact readOnly ->uri
schema: reference required caseExact readOnly ->uri
schemaExtensions: complex multiValued readOnly
schemaExtensions.schema: reference required caseExact readOnly ->uri
schemaExtensions.required: boolean required readOnly
";

/// RFC 7643 §8.7.2; `subAttributes` repeats these with the types of erratum 8415.
const SCHEMA: &str = "
id: required readOnly
name: required readOnly
description: readOnly
attributes: complex multiValued required readOnly
attributes.name: required caseExact readOnly
attributes.type: required readOnly [string,complex,boolean,decimal,integer,dateTime,reference,binary]
attributes.multiValued: boolean required readOnly
attributes.description: caseExact readOnly
attributes.required: boolean readOnly
attributes.canonicalValues: multiValued caseExact readOnly
attributes.caseExact: boolean readOnly
attributes.mutability: caseExact readOnly [readOnly,readWrite,immutable,writeOnly]
attributes.returned: caseExact readOnly [always,never,default,request]
attributes.uniqueness: caseExact readOnly [none,server,global]
attributes.referenceTypes: multiValued caseExact readOnly
attributes.subAttributes: complex multiValued readOnly
attributes.subAttributes.name: required caseExact readOnly
attributes.subAttributes.type: required readOnly [string,boolean,decimal,integer,dateTime,reference,binary]
attributes.subAttributes.multiValued: boolean required readOnly
attributes.subAttributes.description: caseExact readOnly
attributes.subAttributes.required: boolean readOnly
attributes.subAttributes.canonicalValues: multiValued caseExact readOnly
attributes.subAttributes.caseExact: boolean readOnly
attributes.subAttributes.mutability: caseExact readOnly [readOnly,readWrite,immutable,writeOnly]
attributes.subAttributes.returned: caseExact readOnly [always,never,default,request]
attributes.subAttributes.uniqueness: caseExact readOnly [none,server,global]
attributes.subAttributes.referenceTypes: multiValued caseExact readOnly
";

/// RFC 7643 §3 and §3.1.
const COMMON: &str = "
schemas: multiValued required caseExact always
id: required caseExact readOnly always server
externalId: caseExact
meta: complex readOnly
meta.resourceType: caseExact readOnly
meta.created: dateTime readOnly
meta.lastModified: dateTime readOnly
meta.location: reference caseExact readOnly ->uri
meta.version: caseExact readOnly
";

/// RFC 7643 §8.7: every attribute of every schema, with all its characteristics.
#[test]
fn documents_have_every_characteristic_of_the_rfc() {
    let set = SchemaSet::built_in();
    let core = "urn:ietf:params:scim:schemas:core:2.0";
    let expected = [
        (format!("{core}:User"), USER),
        (format!("{core}:Group"), GROUP),
        (ENTERPRISE.to_owned(), ENTERPRISE_USER),
        (format!("{core}:ServiceProviderConfig"), SERVICE_PROVIDER_CONFIG),
        (format!("{core}:ResourceType"), RESOURCE_TYPE),
        (format!("{core}:Schema"), SCHEMA),
    ];
    let served: Vec<&str> = set.schemas.iter().map(|schema| schema.id.as_str()).collect();
    assert_eq!(served, expected.each_ref().map(|(urn, _)| urn.as_str()));
    for (schema, (urn, table)) in set.schemas.iter().zip(&expected) {
        assert_eq!(table_of(schema), *table, "{urn}");
        assert_eq!(schema.schemas, [format!("{core}:Schema")], "erratum 8417: {urn}");
    }
    assert_eq!(table_of(&set.user().common), COMMON);
}

/// RFC 7643 §7: a document is served as it is written, and every attribute is described.
#[test]
fn documents_are_served_as_they_are_written() {
    for schema in &SchemaSet::built_in().schemas {
        let file = match schema.name.as_str() {
            "EnterpriseUser" => "enterprise-user",
            "Service Provider Configuration" => "service-provider-config",
            "ResourceType" => "resource-type",
            name => &name.to_lowercase(),
        };
        let path = format!("{}/schemas/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let written = std::fs::read_to_string(path).unwrap();
        assert_eq!(serde_json::to_string_pretty(schema).unwrap() + "\n", written);
        every_attribute(schema, |attribute| assert!(attribute.description.ends_with('.'), "{attribute:?}"));
    }
}

/// RFC 7643 §6.
#[test]
fn resource_types_name_their_schemas() {
    let set = SchemaSet::built_in();
    let served: Vec<_> = set.resource_types.iter().map(|schema| &schema.resource_type).collect();
    assert_eq!(
        serde_json::to_value(served).unwrap(),
        json!([
            {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
                "id": "User",
                "name": "User",
                "description": "Accounts of people.",
                "endpoint": "/Users",
                "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
                "schemaExtensions": [{ "schema": ENTERPRISE, "required": false }],
            },
            {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
                "id": "Group",
                "name": "Group",
                "description": "Groups of users and of other groups.",
                "endpoint": "/Groups",
                "schema": "urn:ietf:params:scim:schemas:core:2.0:Group",
            },
        ])
    );
    assert_eq!(set.user().core.name, "User");
    assert_eq!(set.user().extensions.len(), 1);
    assert_eq!(set.group().core.name, "Group");
    assert!(Arc::ptr_eq(set.resource_type("gROUP").unwrap(), set.group()));
    assert!(set.resource_type("Device").is_none());
    assert_eq!(set.schema(&ENTERPRISE.to_uppercase()).unwrap().name, "EnterpriseUser");
    assert!(set.schema("urn:example").is_none());
}

/// RFC 7643 §2.1 and RFC 7644 §3.10: names without regard to case, plain or behind a URN.
#[test]
fn names_resolve_plain_and_qualified() {
    let set = SchemaSet::built_in();
    let leaf = |name: &str| match set.user().named(name) {
        Some(Named::Attribute(resolved)) => {
            let urn = resolved.extension.map(|urn| format!("{urn}:")).unwrap_or_default();
            format!("{urn}{}|{}", resolved.attribute.name, resolved.leaf().name)
        }
        Some(Named::Extension(extension)) => extension.id.clone(),
        None => "nothing".to_owned(),
    };
    assert_eq!(leaf("USERNAME"), "userName|userName");
    assert_eq!(leaf("Name.GivenName"), "name|givenName");
    assert_eq!(leaf("externalid"), "externalId|externalId");
    assert_eq!(leaf("urn:ietf:params:scim:schemas:core:2.0:User:emails.value"), "emails|value");
    assert_eq!(leaf("urn:ietf:params:scim:schemas:core:2.0:user:META.created"), "meta|created");
    assert_eq!(leaf(&ENTERPRISE.to_uppercase()), ENTERPRISE);
    assert_eq!(leaf(&format!("{ENTERPRISE}:manager.VALUE")), format!("{ENTERPRISE}:manager|value"));
    assert_eq!(leaf(&format!("{ENTERPRISE}:userName")), "nothing");
    assert_eq!(leaf("department"), "nothing");
    assert_eq!(leaf("name.nickName"), "nothing");
    assert_eq!(leaf("urn:example:User:userName"), "nothing");
    assert_eq!(leaf(""), "nothing");
}

/// RFC 7643 §2.2 (caseExact), RFC 7644 §3.4.2.2 (date-times compare as instants): what filters read.
#[test]
fn search_document_holds_values_as_they_compare() {
    let set = SchemaSet::built_in();
    let attributes = stored(json!({
        "userName": "Bäbs@Example.COM",
        "externalId": "Ext-1",
        "name": { "familyName": "STRASSE" },
        "active": true,
        "profileUrl": "https://example.com/Babs",
        "password": "Never-Here",
        "emails": [{ "value": "Babs@Example.com", "type": "Work", "primary": true }],
        "x509Certificates": [{ "value": "MIIB+/==", "display": "Cert" }],
        ENTERPRISE: { "department": "R&D", "manager": { "value": "User-A" } },
    }));
    assert_eq!(
        Value::Object(search_document(set.user(), &attributes)),
        json!({
            "userName": "bäbs@example.com",
            "externalId": "Ext-1",
            "name": { "familyName": "strasse" },
            "active": true,
            "profileUrl": "https://example.com/Babs",
            "emails": [{ "value": "babs@example.com", "type": "work", "primary": true }],
            "x509Certificates": [{ "value": "MIIB+/==", "display": "cert" }],
            ENTERPRISE: { "department": "r&d", "manager": { "value": "User-A" } },
        })
    );
    let created = set.user().common.attribute("meta").unwrap().sub_attribute("created").unwrap();
    assert_eq!(normalise(created, &json!("1970-01-01T01:00:01.5+01:00")), json!(1500));
}

/// RFC 7643 §3: `schemas` names what the resource consists of.
#[test]
fn attributes_tell_their_schemas() {
    let set = SchemaSet::built_in();
    let plain = stored(json!({ "userName": "a" }));
    assert_eq!(plain.schemas(set.user()), ["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let enterprise = stored(json!({ ENTERPRISE: { "department": "x" }, "userName": "a" }));
    assert_eq!(enterprise.schemas(set.user()), ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]);
    assert_eq!(enterprise.get("userName"), Some(&json!("a")));
}

/// RFC 7643 §2.3.5, RFC 3339 §5.6.
#[test]
fn date_times_are_instants() {
    for (text, ms) in [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("1970-01-01T00:00:00.0019999999999999999Z", 1),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1969-12-31T23:00:00-01:00", 0),
        ("1969-12-31T23:59:59.5Z", -500),
        ("2024-02-29T12:00:00.5Z", 1_709_208_000_500),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] {
        assert_eq!(parse_datetime(text), Some(ms), "{text}");
    }
    for text in [
        "",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "2026-01-02T03:04Z",
        "2026-1-02T03:04:05Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05,5Z",
        "2026-01-02T03:04:05+0100",
        "2026-01-02T03:04:05+01",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:60Z",
        "2026-01-02T24:00:00Z",
        "2025-02-29T00:00:00Z",
        "+026-01-02T03:04:05Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "12026-01-02T03:04:05Z",
        "2026-01-02T03:04:05Zz",
        "2026-01-0éT03:04:05Z",
    ] {
        assert_eq!(parse_datetime(text), None, "{text}");
    }
    assert_eq!(format_datetime(1_767_323_045_678), "2026-01-02T03:04:05.678Z");
    assert_eq!(format_datetime(0), "1970-01-01T00:00:00.000Z");
}

proptest! {
    /// RFC 7643 §2.3.5: what was written is read back.
    #[test]
    fn date_times_round_trip(ms in -62_135_596_800_000_i64..=253_402_300_799_999) {
        prop_assert_eq!(parse_datetime(&format_datetime(ms)), Some(ms));
    }

    /// RFC 3339 §5.6: the clock of another offset shows the same instant.
    #[test]
    fn offsets_shift_the_clock(ms in 0_i64..4_000_000_000_000, hours in 0_i64..24, minutes in 0_i64..60) {
        let local = format_datetime(ms + (hours * 60 + minutes) * 60_000);
        let text = local.replace('Z', &format!("+{hours:02}:{minutes:02}"));
        prop_assert_eq!(parse_datetime(&text), Some(ms));
    }

    /// No text makes the reader fail in another way than by `None`.
    #[test]
    fn any_text_is_read_or_not(text in "\\PC{0,40}|[0-9TZ:.+-]{0,40}") {
        let _ = parse_datetime(&text);
    }

    /// RFC 7643 §2.2: what is normalised stays as it is, so filters and documents meet.
    #[test]
    fn normalise_is_idempotent(text in "[ -~ÄÖÜäöüßſÅÞǅΣσςИиİıﬁ]{0,12}", case_exact: bool, index in 0_usize..8) {
        let kind = [
            AttributeType::String, AttributeType::Boolean, AttributeType::Decimal, AttributeType::Integer,
            AttributeType::DateTime, AttributeType::Binary, AttributeType::Reference, AttributeType::String,
        ][index];
        let attribute = Attribute { kind, case_exact, ..user_name() };
        for value in [json!(text), json!([text, 1, null, true]), json!("2026-01-02T03:04:05+01:00")] {
            let once = normalise(&attribute, &value);
            prop_assert_eq!(normalise(&attribute, &once), once);
        }
    }
}

fn user_name() -> Attribute {
    SchemaSet::built_in().user().core.attribute("userName").unwrap().clone()
}

fn stored(document: Value) -> AttributeMap {
    match document {
        Value::Object(map) => AttributeMap::from_stored(map),
        _ => AttributeMap::from_stored(Map::new()),
    }
}

fn every_attribute(schema: &Schema, check: impl Fn(&Attribute)) {
    for attribute in &schema.attributes {
        check(attribute);
        attribute.sub_attributes.iter().for_each(&check);
    }
}

fn table_of(schema: &Schema) -> String {
    let mut table = String::from("\n");
    write_lines(&mut table, "", &schema.attributes);
    table
}

fn write_lines(table: &mut String, prefix: &str, attributes: &[Attribute]) {
    for attribute in attributes {
        let path = format!("{prefix}{}", attribute.name);
        let words = [vec![format!("{path}:")], characteristics(attribute)].concat();
        table.push_str(&(words.join(" ") + "\n"));
        write_lines(table, &format!("{path}."), &attribute.sub_attributes);
    }
}

/// What differs from the defaults of RFC 7643 §2.2.
fn characteristics(attribute: &Attribute) -> Vec<String> {
    let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let mut words = Vec::new();
    if attribute.kind != AttributeType::String {
        words.push(word(json!(attribute.kind)));
    }
    words.extend(attribute.multi_valued.then(|| "multiValued".to_owned()));
    words.extend(attribute.required.then(|| "required".to_owned()));
    words.extend(attribute.case_exact.then(|| "caseExact".to_owned()));
    words.extend(Some(word(json!(attribute.mutability))).filter(|mutability| mutability != "readWrite"));
    words.extend((attribute.returned != Returned::Default).then(|| word(json!(attribute.returned))));
    words.extend((attribute.uniqueness != Uniqueness::None).then(|| word(json!(attribute.uniqueness))));
    if !attribute.canonical_values.is_empty() {
        words.push(format!("[{}]", attribute.canonical_values.join(",")));
    }
    if !attribute.reference_types.is_empty() {
        words.push(format!("->{}", attribute.reference_types.join(",")));
    }
    words
}

/// Both resource types are usable from several threads.
#[test]
fn schemas_are_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Arc<ResourceSchema>>();
    shared::<SchemaSet>();
}
