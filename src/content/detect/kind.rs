//! The kinds of sensitive data, and a match.

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
    /// A payment card number.
    Card,
    /// A national identification number, written as `ssn`.
    NationalId,
    /// An IP address.
    Ip,
    /// An API key or token.
    ApiKey,
    /// A PEM private key.
    PrivateKey,
    /// A profane word: not sensitive data, and found by `profanity` only.
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
        Self::NationalId,
        Self::Ip,
        Self::ApiKey,
        Self::PrivateKey,
    ];

    /// The word for it in verdicts and redacted texts.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::NationalId => "ssn",
            Self::Ip => "ip",
            Self::ApiKey => "api_key",
            Self::PrivateKey => "private_key",
            #[cfg(feature = "profanity")]
            Self::Profanity => "profanity",
        }
    }

    /// Whether it identifies a person and so counts as `PII`; `sensitive_data` covers all kinds.
    ///
    /// Keys are secrets of a service and identify no person. Operators who block `PII` for legal reasons
    /// should not see a pasted test key blocked under that name.
    pub(crate) const fn is_personal(self) -> bool {
        matches!(
            self,
            Self::Email | Self::Phone | Self::Iban | Self::Card | Self::NationalId | Self::Ip
        )
    }
}

/// One match in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detection {
    /// The kind of data.
    pub(crate) kind: DataKind,
    /// The byte range; both ends are character boundaries.
    pub(crate) range: Range<usize>,
}
