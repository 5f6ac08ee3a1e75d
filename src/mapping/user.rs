//! SCIM users and the model's users.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::names::{self, Hint};
use super::values::EmailAddress;
use super::{ENTERPRISE_USER, MappingError};
use crate::model::query::StoredUser;
use crate::model::tenant::NameOrder;
use crate::model::{Account, AuthProvider, NameOrigin, NamePart, PersonName, Timestamp, User, UserId};
use crate::scim::schema::AttributeMap;

/// What the attributes are about to do, and to which user.
#[derive(Clone, Copy, Debug)]
pub enum Occasion<'u> {
    /// Make a user.
    Create,
    /// Take the place of everything that this user has (PUT).
    Replace(&'u User),
    /// Be what this user has, changed here and there (PATCH).
    Patch(&'u User),
}

impl<'u> Occasion<'u> {
    fn previous(self) -> Option<&'u User> {
        match self {
            Self::Create => None,
            Self::Replace(user) | Self::Patch(user) => Some(user),
        }
    }
}

/// Reads a user out of its attributes: the fields of the model, and the rest as the profile. Values of the tenant's own
/// attributes stay what they were: they are not among `attributes`. `order` is the tenant's, of names whose language says
/// nothing. An address that changes is not known to reach anybody yet.
///
/// # Errors
/// [`MappingError::Missing`] when there is no userName.
pub fn to_model(
    attributes: AttributeMap,
    id: UserId,
    now: Timestamp,
    occasion: Occasion<'_>,
    order: NameOrder,
) -> Result<User, MappingError> {
    let mut profile = attributes.into_map();
    let user_name = text(profile.shift_remove("userName")).ok_or(MappingError::Missing("userName"))?;
    let display_name = text(profile.shift_remove("displayName"));
    let given = read_name(profile.shift_remove("name"));
    let external_id = text(profile.shift_remove("externalId"));
    let active = match (truth(profile.shift_remove("active")), occasion) {
        // Only PATCH can take the attribute away: a body that leaves it out leaves it to the default.
        (None, Occasion::Create | Occasion::Replace(_)) => Some(true),
        (active, _) => active,
    };
    let previous = occasion.previous();
    let email = email(&profile, previous);
    let mut account = previous.map_or_else(|| Account::new(AuthProvider::Scim), |user| user.account.clone());
    account.email_verified &= previous.is_some_and(|user| user.email == email);
    Ok(User {
        id,
        name: settle_name(given, display_name.as_deref(), hint(&profile, order), occasion),
        email,
        phone: primary(&profile, "phoneNumbers").map(str::to_owned),
        manager: manager(&profile),
        account,
        custom: previous.map_or_else(Map::new, |user| user.custom.clone()),
        user_name,
        display_name,
        active,
        external_id,
        profile,
        created_at: previous.map_or(now, |user| user.created_at),
        updated_at: now,
        version: previous.map_or(1, |user| user.version + 1),
    })
}

/// The attributes of a user, as SCIM knows them.
pub fn to_scim(user: &User) -> AttributeMap {
    let mut attributes = Map::new();
    attributes.insert("userName".to_owned(), Value::from(&*user.user_name));
    if let Some(external_id) = &user.external_id {
        attributes.insert("externalId".to_owned(), Value::from(&**external_id));
    }
    let name = write_name(&user.name);
    if !name.is_empty() {
        attributes.insert("name".to_owned(), Value::Object(name));
    }
    if let Some(display_name) = &user.display_name {
        attributes.insert("displayName".to_owned(), Value::from(&**display_name));
    }
    if let Some(active) = user.active {
        attributes.insert("active".to_owned(), Value::Bool(active));
    }
    attributes.extend(user.profile.iter().map(|(name, value)| (name.clone(), value.clone())));
    AttributeMap::from_stored(attributes)
}

/// A user as it was before it was stored.
///
/// # Errors
/// A stored document that is not JSON, or has no userName: the database was changed by other hands.
pub fn restore(stored: &StoredUser) -> Result<User, serde_json::Error> {
    let mut document: Map<String, Value> = serde_json::from_str(&stored.document)?;
    document.shift_remove("schemas");
    let mut name = read_name(document.shift_remove("name"));
    name.set_origins(&stored.name_origins);
    let custom = stored.custom.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    Ok(User {
        id: UserId(stored.id),
        user_name: text(document.shift_remove("userName")).unwrap_or_default(),
        display_name: text(document.shift_remove("displayName")),
        active: truth(document.shift_remove("active")),
        name,
        email: stored.email.clone(),
        phone: primary(&document, "phoneNumbers").map(str::to_owned),
        manager: manager(&document),
        account: stored.account.clone(),
        custom,
        external_id: stored.external_id.clone(),
        profile: document,
        created_at: Timestamp(stored.created_at),
        updated_at: Timestamp(stored.updated_at),
        version: stored.version,
    })
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn truth(value: Option<Value>) -> Option<bool> {
    value.as_ref().and_then(Value::as_bool)
}

/// What the attributes say of the name; nothing is guessed here.
fn read_name(value: Option<Value>) -> PersonName {
    let Some(Value::Object(mut object)) = value else { return PersonName::default() };
    let mut name = PersonName { formatted: text(object.shift_remove("formatted")), ..PersonName::default() };
    for (attribute, part) in name.parts_mut() {
        *part =
            text(object.shift_remove(attribute)).map(|text| NamePart { text, origin: NameOrigin::Client });
    }
    name
}

fn write_name(name: &PersonName) -> Map<String, Value> {
    let mut object = Map::new();
    if let Some(formatted) = &name.formatted {
        object.insert("formatted".to_owned(), Value::from(&**formatted));
    }
    for (attribute, part) in name.parts() {
        if let Some(part) = part {
            object.insert(attribute.to_owned(), Value::from(&*part.text));
        }
    }
    object
}

/// Decides who said what of the name, and splits the whole name where nobody said anything of its parts.
fn settle_name(
    mut name: PersonName,
    display_name: Option<&str>,
    hint: Hint,
    occasion: Occasion<'_>,
) -> PersonName {
    let previous = occasion.previous();
    if let Some(previous) = previous {
        for ((_, part), (_, before)) in name.parts_mut().into_iter().zip(previous.name.parts()) {
            if let (Some(part), Some(before)) = (part, before)
                && part.text == before.text
            {
                part.origin = before.origin;
            }
        }
    }
    let whole = names::whole(name.formatted.as_deref(), display_name).map(str::to_owned);
    let whole_before =
        previous.and_then(|user| names::whole(user.name.formatted.as_deref(), user.display_name.as_deref()));
    let split = match occasion {
        Occasion::Create => name.given.is_none() && name.family.is_none(),
        // What the splitter said before is sent back by clients that read, change and PUT.
        Occasion::Replace(_) => only_split(&name),
        // A part that a client took away stays away until the whole name changes.
        Occasion::Patch(_) => only_split(&name) && whole.as_deref() != whole_before,
    };
    if let (true, Some(whole)) = (split, &whole) {
        let parts = names::split(whole, hint);
        let parts = [parts.family, parts.given, parts.middle, parts.honorific_prefix, parts.honorific_suffix];
        for ((_, part), found) in name.parts_mut().into_iter().zip(parts) {
            if part.as_ref().is_none_or(|part| part.origin == NameOrigin::Splitter) {
                *part = found.map(|text| NamePart { text, origin: NameOrigin::Splitter });
            }
        }
    }
    name
}

/// How names are read: by `locale`, or where that says nothing by `preferredLanguage`; in the tenant's order where neither
/// tells one.
fn hint(profile: &Map<String, Value>, order: NameOrder) -> Hint {
    let of = |attribute: &str| Hint::of_locale(profile.get(attribute).and_then(Value::as_str));
    let locale = of("locale");
    let hint = if locale == Hint::default() { of("preferredLanguage") } else { locale };
    if order == NameOrder::FamilyFirst { hint.family_first() } else { hint }
}

/// Whether nobody but the splitter has said anything of the given and the family name.
fn only_split(name: &PersonName) -> bool {
    [&name.given, &name.family]
        .into_iter()
        .all(|part| part.as_ref().is_none_or(|part| part.origin == NameOrigin::Splitter))
}

/// The value of the primary element, or of the first where none is primary.
fn primary<'p>(profile: &'p Map<String, Value>, attribute: &str) -> Option<&'p str> {
    let elements = profile.get(attribute)?.as_array()?;
    let is_primary = |element: &&Value| element.get("primary") == Some(&Value::Bool(true));
    elements.iter().find(is_primary).or_else(|| elements.first())?.get("value")?.as_str()
}

/// The e-mail address: the primary entry in its canonical form, where it is an address. One that did not change is left as it was decided,
/// for it may be empty because somebody else holds it.
fn email(profile: &Map<String, Value>, previous: Option<&User>) -> Option<String> {
    let candidate = primary(profile, "emails");
    if let Some(previous) = previous
        && primary(&previous.profile, "emails") == candidate
    {
        return previous.email.clone();
    }
    EmailAddress::parse(candidate?).ok().map(String::from)
}

fn manager(profile: &Map<String, Value>) -> Option<UserId> {
    let value = profile.get(ENTERPRISE_USER)?.get("manager")?.get("value")?.as_str()?;
    Uuid::try_parse(value).ok().map(UserId)
}
