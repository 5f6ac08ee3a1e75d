//! A draft's fields on the model's user: each parsed into what it must be, every problem at once.

use serde_json::{Map, Value, json};

use super::draft::{Said, UserDraft};
use super::error::Problem;
use crate::mapping::names::{self, Hint};
use crate::mapping::values::{EmailAddress, Locale, PhoneNumber, TimeZone};
use crate::model::tenant::NameOrder;
use crate::model::{NameOrigin, NamePart, PersonName, TenantSettings, User};

/// Sets what the draft says of a user, roles, groups, password and custom attributes apart.
pub(super) fn apply(draft: &UserDraft, user: &mut User, settings: &TenantSettings) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(said) = &draft.user_name {
        match said.as_deref().map(str::trim) {
            _ if said.as_ref() == Some(&user.user_name) => {}
            Some(name) if !name.is_empty() => user.user_name = name.to_owned(),
            _ => problems.push(Problem::new("/user_name", "required", "cannot be empty")),
        }
    }
    set_email(draft, user, &mut problems);
    set_phone(draft, user, settings, &mut problems);
    let locale = |text: &str| {
        Locale::parse(text).map(|locale| locale.as_str().to_owned()).map_err(|error| error.to_string())
    };
    set_text(&draft.locale, &mut user.profile, "locale", "/locale", &mut problems, locale);
    let zone = |text: &str| {
        TimeZone::parse(text).map(|zone| zone.as_str().to_owned()).map_err(|error| error.to_string())
    };
    set_text(&draft.timezone, &mut user.profile, "timezone", "/timezone", &mut problems, zone);
    if let Some(display_name) = &draft.display_name {
        user.display_name = display_name.clone();
    }
    if let Some(external_id) = &draft.external_id {
        user.external_id = external_id.clone();
    }
    if let Some(active) = draft.is_active
        && active != user.active.unwrap_or(true)
    {
        user.active = Some(active);
    }
    set_account(draft, user);
    set_name(draft, user, settings);
    problems
}

fn set_account(draft: &UserDraft, user: &mut User) {
    let account = &mut user.account;
    let toggles = [
        (draft.service_account, &mut account.service_account),
        (draft.must_reset_password, &mut account.must_reset_password),
        (draft.must_enrol_mfa, &mut account.must_enrol_mfa),
        (draft.must_reset_mfa, &mut account.must_reset_mfa),
    ];
    for (said, field) in toggles {
        *field = said.unwrap_or(*field);
    }
    account.auth_provider = draft.auth_provider.unwrap_or(account.auth_provider);
    if let Some(entity_id) = draft.entity_id {
        account.entity_id = entity_id;
    }
}

/// What is said although it is so already. It may have come from an identity provider, in a form that is not taken here.
fn is_said_again(said: Option<&String>, present: Option<&String>) -> bool {
    said.is_some() && said == present
}

/// An address that changes has to be verified anew, unless the draft vouches for it.
fn set_email(draft: &UserDraft, user: &mut User, problems: &mut Vec<Problem>) {
    if let Some(said) = &draft.email
        && !is_said_again(said.as_ref(), user.email.as_ref())
    {
        let before = user.email.take();
        match said.as_deref().map(EmailAddress::parse).transpose() {
            Ok(address) => user.email = address.map(|address| address.as_str().to_owned()),
            Err(error) => problems.push(Problem::saying("/email", "invalid", error.to_string())),
        }
        if user.email != before {
            user.account.email_verified = false;
            set_primary(&mut user.profile, "emails", before.as_deref(), user.email.as_deref());
        }
    }
    if let Some(verified) = draft.email_verified {
        user.account.email_verified = verified && user.email.is_some();
    }
}

fn set_phone(draft: &UserDraft, user: &mut User, settings: &TenantSettings, problems: &mut Vec<Problem>) {
    let Some(said) = &draft.phone else { return };
    if is_said_again(said.as_ref(), user.phone.as_ref()) {
        return;
    }
    let region = settings.default_region.as_deref();
    match said.as_deref().map(|text| PhoneNumber::parse(text, region)).transpose() {
        Ok(number) => {
            let number = number.map(|number| number.as_str().to_owned());
            set_primary(&mut user.profile, "phoneNumbers", user.phone.as_deref(), number.as_deref());
            user.phone = number;
        }
        Err(error) => problems.push(Problem::saying("/phone", "invalid", error.to_string())),
    }
}

fn set_text(
    said: &Said<String>,
    profile: &mut Map<String, Value>,
    attribute: &str,
    pointer: &str,
    problems: &mut Vec<Problem>,
    parse: impl Fn(&str) -> Result<String, String>,
) {
    match said.as_ref().map(Option::as_deref) {
        None => {}
        Some(Some(text)) if profile.get(attribute).and_then(Value::as_str) == Some(text) => {}
        Some(None) => {
            profile.shift_remove(attribute);
        }
        Some(Some(text)) => match parse(text) {
            Ok(text) => {
                profile.insert(attribute.to_owned(), Value::from(text));
            }
            Err(message) => problems.push(Problem::saying(pointer, "invalid", message)),
        },
    }
}

/// Puts a value in the place of the one that was the account's own, in a multi-valued attribute of SCIM's.
fn set_primary(profile: &mut Map<String, Value>, attribute: &str, before: Option<&str>, after: Option<&str>) {
    let mut elements = match profile.shift_remove(attribute) {
        Some(Value::Array(elements)) => elements,
        _ => Vec::new(),
    };
    let own = |element: &Value| {
        element.get("primary") == Some(&Value::Bool(true))
            || before.is_some_and(|before| element.get("value").and_then(Value::as_str) == Some(before))
    };
    let place = elements.iter().position(own);
    match (place.and_then(|place| elements.get_mut(place)), after) {
        (Some(Value::Object(element)), Some(after)) => {
            element.insert("value".to_owned(), Value::from(after));
            element.insert("primary".to_owned(), Value::Bool(true));
        }
        (Some(_), None) => {
            elements.remove(place.unwrap_or_default());
        }
        (_, Some(after)) => elements.insert(0, json!({ "value": after, "type": "work", "primary": true })),
        (None, None) => {}
    }
    if !elements.is_empty() {
        profile.insert(attribute.to_owned(), Value::Array(elements));
    }
}

/// A part that is given by itself is a person's word, and never split again; a whole name is split into the others.
fn set_name(draft: &UserDraft, user: &mut User, settings: &TenantSettings) {
    let parts = [
        &draft.family_name,
        &draft.given_name,
        &draft.middle_name,
        &draft.honorific_prefix,
        &draft.honorific_suffix,
    ];
    let same_name = draft.name.as_ref() == Some(&user.name.formatted);
    // Of a whole user, parts that are left out go; those that were read out of the name follow that.
    let mut has_gone = false;
    if draft.is_whole {
        for ((_, part), said) in user.name.parts_mut().into_iter().zip(parts) {
            let goes = |part: &mut NamePart| !is_given(said) && part.origin != NameOrigin::Splitter;
            has_gone |= part.take_if(goes).is_some();
        }
    }
    if let Some(whole) = draft.name.as_ref().filter(|_| !same_name || has_gone) {
        user.name.formatted = whole.clone();
        let found = match whole {
            Some(whole) if !user.account.service_account => names::split(whole, hint(user, settings)),
            _ => names::Parts::default(),
        };
        let found = [found.family, found.given, found.middle, found.honorific_prefix, found.honorific_suffix];
        for ((_, part), found) in user.name.parts_mut().into_iter().zip(found) {
            if part.as_ref().is_none_or(|part| part.origin != NameOrigin::Person) {
                *part = found.map(|text| NamePart { text, origin: NameOrigin::Splitter });
            }
        }
    }
    let mut news = false;
    for ((_, part), said) in user.name.parts_mut().into_iter().zip(parts) {
        let said = said.as_ref().filter(|said| !draft.is_whole || said.is_some());
        let stays = |part: &NamePart| same_name || part.origin != NameOrigin::Splitter;
        if let Some(said) = said
            && !part.as_ref().is_some_and(|part| Some(&part.text) == said.as_ref() && stays(part))
        {
            news |= part.as_ref().map(|part| &part.text) != said.as_ref();
            *part = said.clone().map(|text| NamePart { text, origin: NameOrigin::Person });
        }
    }
    // The whole name follows its parts, as long as nobody says otherwise.
    if news && draft.name.is_none() && user.name.formatted.is_some() {
        user.name.formatted = joined(&user.name);
    }
}

fn is_given(said: &Said<String>) -> bool {
    matches!(said, Some(Some(_)))
}

fn joined(name: &PersonName) -> Option<String> {
    let order = [&name.honorific_prefix, &name.given, &name.middle, &name.family, &name.honorific_suffix];
    let words: Vec<&str> = order.into_iter().flatten().map(|part| &*part.text).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn hint(user: &User, settings: &TenantSettings) -> Hint {
    let hint = Hint::of_locale(user.profile.get("locale").and_then(Value::as_str));
    if settings.name_order == NameOrder::FamilyFirst { hint.family_first() } else { hint }
}
