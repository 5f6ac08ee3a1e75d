//! The filter's syntax tree, named after the ABNF of RFC 7644 §3.4.2.2 (Figure 1).

use serde_json::Number;

use crate::scim::path::AttributePath;

/// `FILTER`: what a client wrote, not yet held against a schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    AttrExp(AttrExp),
    ValuePath(ValuePath),
    /// Two or more terms.
    And(Vec<Filter>),
    /// Two or more terms.
    Or(Vec<Filter>),
    Not(Box<Filter>),
}

/// `attrExp`: a presence test or a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum AttrExp {
    Present(AttributePath),
    Compare { path: AttributePath, op: CompareOp, value: CompareValue },
}

impl AttrExp {
    /// The attribute that is asked about.
    pub fn path(&self) -> &AttributePath {
        match self {
            Self::Present(path) | Self::Compare { path, .. } => path,
        }
    }
}

/// `valuePath`: `emails[type eq "work"]`, and what clients write beyond the grammar:
/// `emails[type eq "work"].value eq "u@c"` (interop rule `filter-with-subattr`), where `sub` holds
/// the part behind the bracket.
#[derive(Clone, Debug, PartialEq)]
pub struct ValuePath {
    pub path: AttributePath,
    pub filter: Box<Filter>,
    pub sub: Option<SubExp>,
}

/// What follows a value path's bracket: `.value eq "x"` or `.value pr`.
#[derive(Clone, Debug, PartialEq)]
pub struct SubExp {
    pub sub_attribute: String,
    /// `None` is `pr`.
    pub compare: Option<(CompareOp, CompareValue)>,
}

/// `compareOp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Lt,
    Ge,
    Le,
}

/// `compValue`.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareValue {
    Null,
    Boolean(bool),
    Number(Number),
    String(String),
}

impl CompareOp {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Lt, Self::Ge, Self::Le];

    /// As RFC 7644 §3.4.2.2 (Table 3) writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Lt => "lt",
            Self::Ge => "ge",
            Self::Le => "le",
        }
    }
}
