//! What changes consist of.

use crate::inspect::shares::Share;
use crate::serve::error::ResolveError;

/// A provider entry, or an alias, that was added, removed or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub(super) name: Box<str>,
    pub(super) was: bool,
    pub(super) is: bool,
    pub(super) fields: Vec<FieldChange>,
}

/// A name that leads elsewhere than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rerouted {
    pub(super) name: Box<str>,
    pub(super) before: Result<Vec<Share>, ResolveError>,
    pub(super) after: Result<Vec<Share>, ResolveError>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    pub(super) field: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl FieldChange {
    /// The field, such as `timeout of openai/gpt-4o`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Its value before, as text; `None` if it was not set, `…` for one that is not shown.
    pub fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// Its value now, in the same way. Where neither is shown, both are `…`.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }
}

impl Change {
    /// The name of the alias; of a provider entry its name, else its `provider/model`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is new.
    pub fn is_added(&self) -> bool {
        !self.was
    }

    /// Whether it is gone.
    pub fn is_removed(&self) -> bool {
        !self.is
    }

    /// Its fields that differ; of a new one all that are set.
    pub fn fields(&self) -> &[FieldChange] {
        &self.fields
    }
}

impl Rerouted {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it led, as [`AliasResolver::distribution`](crate::AliasResolver::distribution) gave it.
    ///
    /// # Errors
    ///
    /// As that did: the name was ambiguous.
    pub fn before(&self) -> Result<&[Share], &ResolveError> {
        self.before.as_deref()
    }

    /// Where it leads now.
    ///
    /// # Errors
    ///
    /// As [`AliasResolver::distribution`](crate::AliasResolver::distribution): the name leads nowhere now, or is ambiguous.
    pub fn after(&self) -> Result<&[Share], &ResolveError> {
        self.after.as_deref()
    }
}
