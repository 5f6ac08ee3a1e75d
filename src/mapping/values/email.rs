//! E-mail addresses: RFC 5321's mailbox with a dot-string and a domain name, nothing that only a header knows.

use std::fmt;
use std::net::IpAddr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// RFC 5321 §4.5.3.1.1, in octets.
const LOCAL_PART: usize = 64;
/// RFC 1035 §2.3.4, in octets.
const LABEL: usize = 63;
/// RFC 5321 §4.5.3.1.3 with erratum 1690, in octets.
const ADDRESS: usize = 254;
/// What is longer is not even converted, in octets: no address whose converted form is short enough is as long.
const CONVERTED: usize = 2048;

/// Top-level names that the public DNS does not have, or has for machines alone (RFC 2606, RFC 6761, RFC 6762,
/// RFC 7686, RFC 9476, and ICANN's resolution of 29 July 2024 on `internal`).
const RESERVED: [&str; 9] =
    ["alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test"];

/// RFC 5322 §3.2.3, `atext`, beside letters and digits.
const ATEXT: &str = "!#$%&'*+-/=?^_`{|}~";

/// An e-mail address under a public suffix. The local part is kept as it was given, in Unicode's form NFC; the domain
/// is in lower case, and in A-labels where it is an internationalised one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    text: String,
    /// Where the `@` is.
    at: usize,
}

/// Why a text is no e-mail address.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EmailError {
    #[error("The address is empty; give one such as user@example.com.")]
    Empty,
    #[error("The address has no '@'; give one such as user@example.com.")]
    NoAt,
    #[error("The address has more than one '@'; give a single address, such as user@example.com.")]
    SeveralAt,
    #[error("There is nothing before the '@'; give an address such as user@example.com.")]
    NoLocalPart,
    #[error("There is nothing after the '@'; give an address such as user@example.com.")]
    NoDomain,
    #[error(
        "The address stands in angle brackets or has a name beside it; give the address alone, such as user@example.com."
    )]
    DisplayText,
    #[error("The address has a comment in parentheses; give the address alone, such as user@example.com.")]
    Comment,
    #[error("The part before the '@' is quoted; give it without quotation marks, such as user@example.com.")]
    QuotedLocalPart,
    #[error(
        "The part before the '@' begins or ends with a dot, or has two dots in a row; dots stand one by one between other characters."
    )]
    Dots,
    #[error("The part before the '@' holds the character U+{code:04X}; it takes letters, digits, dots and {ATEXT}.", code = u32::from(*.0))]
    LocalCharacter(char),
    #[error("The part before the '@' is {0} octets long; it takes at most {LOCAL_PART}.")]
    LocalTooLong(usize),
    #[error(
        "The domain is not one that DNS knows; its labels hold letters, digits and hyphens, and begin and end with neither a hyphen nor a dot."
    )]
    Domain,
    #[error("The domain has an empty label; dots stand one by one between the labels, as in example.com.")]
    EmptyLabel,
    #[error("A label of the domain is {0} octets long; labels have at most {LABEL}.")]
    LabelTooLong(usize),
    #[error("The address is {0} octets long; it takes at most {ADDRESS}.")]
    TooLong(usize),
    #[error("The domain is an IP address; give a domain name, such as user@example.com.")]
    IpAddress,
    #[error(
        "The domain ends in '{0}', which no public mail domain does; give an address under a public suffix, such as user@example.com."
    )]
    ReservedDomain(String),
    #[error(
        "The domain ends in '{0}', which is not a public suffix; give an address such as user@example.com."
    )]
    UnknownSuffix(String),
    #[error(
        "The domain '{0}' is a public suffix itself; give an address under a name within it, such as user@example.com."
    )]
    SuffixAlone(String),
}

impl EmailAddress {
    /// Reads an address. White space around it is passed over; all lengths are measured after conversion.
    ///
    /// # Errors
    /// [`EmailError`]: the first thing that keeps the text from being an address.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        let (local, domain) = halves(text)?;
        if text.len() > CONVERTED {
            return Err(EmailError::TooLong(text.len()));
        }
        let local = local_part(local)?;
        let domain = domain_name(domain)?;
        let length = local.len() + 1 + domain.len();
        if length > ADDRESS {
            return Err(EmailError::TooLong(length));
        }
        public(&domain)?;
        Ok(Self { text: format!("{local}@{domain}"), at: local.len() })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or_default()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.text
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Splits at the one `@`, and names the forms that only a header takes (RFC 5322 §3.4).
fn halves(text: &str) -> Result<(&str, &str), EmailError> {
    if text.starts_with('"') {
        return Err(EmailError::QuotedLocalPart);
    }
    if text.contains(['<', '>']) {
        return Err(EmailError::DisplayText);
    }
    if text.contains(['(', ')']) {
        return Err(EmailError::Comment);
    }
    let (local, domain) = text.split_once('@').ok_or(EmailError::NoAt)?;
    if domain.contains('@') {
        return Err(EmailError::SeveralAt);
    }
    if local.is_empty() {
        return Err(EmailError::NoLocalPart);
    }
    if domain.is_empty() {
        return Err(EmailError::NoDomain);
    }
    Ok((local, domain))
}

/// RFC 5321 §4.1.2, `Dot-string`, and RFC 6531 §3.3: beside ASCII it takes letters, digits and marks of any script.
fn local_part(text: &str) -> Result<String, EmailError> {
    let local: String = text.nfc().collect();
    if let Some(character) = local.chars().find(|character| *character != '.' && !is_local(*character)) {
        return Err(EmailError::LocalCharacter(character));
    }
    // A mark belongs to the letter before it; without one it would join whatever the address is shown after.
    if let Some(mark) = local.chars().next().filter(|first| is_combining_mark(*first)) {
        return Err(EmailError::LocalCharacter(mark));
    }
    if local.split('.').any(str::is_empty) {
        return Err(EmailError::Dots);
    }
    if local.len() > LOCAL_PART {
        return Err(EmailError::LocalTooLong(local.len()));
    }
    Ok(local)
}

fn is_local(character: char) -> bool {
    character.is_alphanumeric()
        || ATEXT.contains(character)
        || !character.is_ascii() && is_combining_mark(character)
}

/// The domain in A-labels and lower case (UTS 46, strict), with labels that DNS can hold.
pub(super) fn domain_name(text: &str) -> Result<String, EmailError> {
    if text.starts_with('[') || text.parse::<IpAddr>().is_ok() {
        return Err(EmailError::IpAddress);
    }
    // The lengths are looked at below, where the refusal can tell which one it is.
    let converted =
        Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Ignore);
    let domain = converted.map_err(|_| EmailError::Domain)?.into_owned();
    if domain.split('.').any(str::is_empty) {
        return Err(EmailError::EmptyLabel);
    }
    if let Some(label) = domain.split('.').find(|label| label.len() > LABEL) {
        return Err(EmailError::LabelTooLong(label.len()));
    }
    if last_label(&domain).bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EmailError::IpAddress);
    }
    Ok(domain)
}

/// The domain lies under a suffix of the Public Suffix List under which names are registered.
fn public(domain: &str) -> Result<(), EmailError> {
    let last = last_label(domain);
    if RESERVED.contains(&last) {
        return Err(EmailError::ReservedDomain(last.to_owned()));
    }
    match psl::suffix(domain.as_bytes()).filter(|suffix| suffix.is_known()) {
        None => Err(EmailError::UnknownSuffix(last.to_owned())),
        // Who runs a private suffix, such as github.io, may well have mail there; a registry has none for others.
        Some(suffix) if suffix.typ() == Some(psl::Type::Icann) && suffix.as_bytes().len() == domain.len() => {
            Err(EmailError::SuffixAlone(domain.to_owned()))
        }
        Some(_) => Ok(()),
    }
}

fn last_label(domain: &str) -> &str {
    domain.rsplit('.').next().unwrap_or(domain)
}
