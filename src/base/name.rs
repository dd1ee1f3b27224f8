//! Names of aliases and models. Constructing a name checks its grammar.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// Holds the name of an alias: 1 to 128 ASCII letters, digits, `.`, `-` and `_`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AliasName(Arc<str>);

impl AliasName {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// Creates a name after checking its grammar.
    ///
    /// # Errors
    ///
    /// Fails on an empty name, on a name longer than 128 bytes, and on any character other than an ASCII
    /// letter, a digit, `.`, `-` or `_`.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::AliasName;
    ///
    /// assert_eq!(AliasName::new("arch.summarize.v1")?.as_str(), "arch.summarize.v1");
    /// assert_eq!(
    ///     AliasName::new("fast llm").map_err(|e| e.to_string()),
    ///     Err("unexpected ' ' at byte 4".to_owned()),
    /// );
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(name: impl Into<Arc<str>>) -> Result<Self, AliasNameError> {
        let name = name.into();
        check_alias_name(&name)?;
        Ok(Self(name))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Checks the grammar of an alias name without creating one.
pub(crate) fn check_alias_name(name: &str) -> Result<(), AliasNameError> {
    if name.is_empty() {
        return Err(AliasNameError(NameFault::Empty));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if let Some((byte, found)) = name.char_indices().find(|&(_, c)| !allowed(c)) {
        return Err(AliasNameError(NameFault::Unexpected { found, byte }));
    }
    if name.len() > AliasName::MAX_BYTES {
        return Err(AliasNameError(NameFault::TooLong { bytes: name.len() }));
    }
    Ok(())
}

impl fmt::Display for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for AliasName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Explains why a text is not a valid [`AliasName`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(transparent)]
pub struct AliasNameError(NameFault);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
enum NameFault {
    #[error("it is empty")]
    Empty,
    #[error("{bytes} bytes, at most 128 are allowed")]
    TooLong { bytes: usize },
    #[error("unexpected {found:?} at byte {byte}")]
    Unexpected { found: char, byte: usize },
}

/// A model as written, `provider/model`, where the model id may contain `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ModelName<'a> {
    pub(crate) provider: &'a str,
    pub(crate) id: &'a str,
}

impl<'a> ModelName<'a> {
    /// Splits at the first `/`; `None` without one.
    pub(crate) fn split(text: &'a str) -> Option<Self> {
        text.split_once('/')
            .map(|(provider, id)| Self { provider, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_of_alias_names() {
        for good in ["a", "4", "1.10", "A-b_c.d", &"x".repeat(128)] {
            assert!(AliasName::new(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", "it is empty"),
            ("fast llm", "unexpected ' ' at byte 4"),
            ("modèle", "unexpected 'è' at byte 3"),
            ("a/b", "unexpected '/' at byte 1"),
            ("a\n", "unexpected '\\n' at byte 1"),
            (&"x".repeat(129), "129 bytes, at most 128 are allowed"),
        ] {
            assert_eq!(
                AliasName::new(bad).map_err(|e| e.to_string()),
                Err(why.to_owned())
            );
        }
    }
}
