//! Names of attributes as clients write them in bodies and in `attributes`: plain, or prefixed with a schema's URN
//! (RFC 7644 §3.10).

use super::definition::{Attribute, Schema};
use super::resource_type::{Resolved, ResourceSchema};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Named<'s> {
    /// An attribute or a sub-attribute.
    Attribute(Resolved<'s>),
    /// An extension as a whole, by its URN.
    Extension(&'s Schema),
}

impl ResourceSchema {
    /// Finds what `name` stands for, without regard to case (RFC 7643 §2.1): `emails`, `name.givenName`, an extension's
    /// URN, or either of the first two behind a URN and a colon.
    pub fn named(&self, name: &str) -> Option<Named<'_>> {
        if let Some(resolved) = self.named_in(None, name) {
            return Some(Named::Attribute(resolved));
        }
        if let Some(extension) = self.extension(name) {
            return Some(Named::Extension(extension));
        }
        let (urn, name) = name.rsplit_once(':')?;
        self.named_in(Some(urn), name).map(Named::Attribute)
    }

    /// Every attribute that the resource type's own schema and its extensions define, with the extension's URN.
    pub fn attributes(&self) -> impl Iterator<Item = (Option<&str>, &Attribute)> {
        let core = self.core.attributes.iter().map(|attribute| (None, attribute));
        let extensions = self.extensions.iter().flat_map(|extension| {
            let urn = Some(extension.id.as_str());
            extension.attributes.iter().map(move |attribute| (urn, attribute))
        });
        core.chain(extensions)
    }

    /// The attribute of this name in the extension `urn`, or, without one, in the resource type's own schema or among
    /// the common attributes.
    pub fn attribute(&self, urn: Option<&str>, name: &str) -> Option<(Option<&str>, &Attribute)> {
        match urn {
            Some(urn) if !urn.eq_ignore_ascii_case(&self.core.id) => {
                let extension = self.extension(urn)?;
                Some((Some(&extension.id), extension.attribute(name)?))
            }
            _ => {
                let attribute = self.core.attribute(name).or_else(|| self.common.attribute(name))?;
                Some((None, attribute))
            }
        }
    }

    fn named_in(&self, urn: Option<&str>, name: &str) -> Option<Resolved<'_>> {
        if let Some((extension, attribute)) = self.attribute(urn, name) {
            return Some(Resolved { extension, attribute, sub_attribute: None });
        }
        let (name, sub) = name.split_once('.')?;
        let (extension, attribute) = self.attribute(urn, name)?;
        let sub_attribute = Some(attribute.sub_attribute(sub)?);
        Some(Resolved { extension, attribute, sub_attribute })
    }
}
