//! What can be found.

use std::ops::Range;

/// A kind of sensitive data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum DataKind {
    /// An e-mail address.
    Email,
    /// A phone number, international or in a national form.
    Phone,
    /// An international bank account number.
    Iban,
    /// The number of a payment card.
    Card,
    /// A number that a state gives to a person.
    Ssn,
    /// An address of the internet protocol.
    Ip,
    /// A key or token of a service.
    ApiKey,
    /// A private key in its armour.
    PrivateKey,
    /// A word that hurts; no sensitive data, and found by `profanity` only.
    #[cfg(feature = "profanity")]
    Profanity,
}

impl DataKind {
    /// Every kind of sensitive data.
    pub(crate) const ALL: [Self; 8] = [
        Self::Email,
        Self::Phone,
        Self::Iban,
        Self::Card,
        Self::Ssn,
        Self::Ip,
        Self::ApiKey,
        Self::PrivateKey,
    ];

    /// The word that stands in a verdict and in a redacted text.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::Ssn => "ssn",
            Self::Ip => "ip",
            Self::ApiKey => "api_key",
            Self::PrivateKey => "private_key",
            #[cfg(feature = "profanity")]
            Self::Profanity => "profanity",
        }
    }

    /// Whether it tells about a person, and so counts as `PII`; `sensitive_data` is all kinds.
    ///
    /// Keys are secrets of a service: they lead to no person, and whoever blocks `PII` because a
    /// law says so should not have a pasted test key refused under that name.
    pub(crate) const fn is_personal(self) -> bool {
        matches!(
            self,
            Self::Email | Self::Phone | Self::Iban | Self::Card | Self::Ssn | Self::Ip
        )
    }
}

/// One find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detection {
    /// What it is.
    pub(crate) kind: DataKind,
    /// Its bytes; both ends lie between characters.
    pub(crate) range: Range<usize>,
}
