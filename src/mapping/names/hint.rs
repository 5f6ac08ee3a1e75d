//! What a person's language says about the order of names.

/// How names are made where a person is at home.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    pub order: Order,
    /// Whether people have two family names, and the words before them are one given name.
    pub two_family_names: bool,
    /// Whether `Ben` begins a family name rather than being a given one.
    pub ben_begins_family: bool,
    /// Whether a bare `M.` is a title.
    pub m_is_title: bool,
    /// Whether Han characters are read as Japanese, whose family names mostly have two of them.
    pub japanese: bool,
}

/// In what order the parts come in Latin script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Given, middle, family.
    #[default]
    GivenFirst,
    /// Family, given, middle.
    FamilyGivenMiddle,
    /// Family, middle, given.
    FamilyMiddleGiven,
    /// Family, and all else is the given name.
    FamilyGiven,
}

impl Hint {
    /// The same, with the family name first where the language says nothing of the order.
    #[must_use]
    pub fn family_first(self) -> Self {
        match self.order {
            Order::GivenFirst => Self { order: Order::FamilyGiven, ..self },
            _ => self,
        }
    }

    /// What a locale (RFC 5646, as in RFC 7643 §4.1.1) says; nothing of one that is not known. It tells where somebody is
    /// at home, which is not always where the name comes from: whoever knows the parts sends them, and they are not read.
    pub fn of_locale(locale: Option<&str>) -> Self {
        let language = locale.and_then(|locale| locale.split(['-', '_']).next()).unwrap_or_default();
        let language = language.to_ascii_lowercase();
        let order = match &*language {
            "hu" => Order::FamilyGivenMiddle,
            "vi" => Order::FamilyMiddleGiven,
            "ja" | "ko" | "zh" => Order::FamilyGiven,
            _ => Order::GivenFirst,
        };
        Self {
            order,
            two_family_names: matches!(&*language, "es" | "pt" | "gl" | "ca" | "eu"),
            ben_begins_family: matches!(&*language, "he" | "ar"),
            m_is_title: language == "fr",
            japanese: language == "ja",
        }
    }
}
