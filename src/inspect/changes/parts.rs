//! The parts of [`Changes`](super::Changes): changed entries, fields and names.

use crate::inspect::shares::Share;
use crate::serve::error::ResolveError;

/// A provider entry or alias that was added, removed or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub(super) name: Box<str>,
    pub(super) existed: bool,
    pub(super) exists: bool,
    pub(super) fields: Vec<FieldChange>,
}

/// A name that leads to other targets than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rerouted {
    pub(super) name: Box<str>,
    pub(super) before: Result<Vec<Share>, ResolveError>,
    pub(super) after: Result<Vec<Share>, ResolveError>,
}

/// A field with different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    pub(super) field: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl FieldChange {
    /// Returns the name of the field, such as `timeout of openai/gpt-4o`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns the old value as text: `None` if it was not set, `…` if it is not shown.
    pub fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// Returns the new value in the same form. If neither value is shown, both are `…`.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }
}

impl Change {
    /// Returns the name of the alias or provider entry; `provider/model` for an entry without a name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether it was added.
    pub fn is_added(&self) -> bool {
        !self.existed
    }

    /// Returns whether it was removed.
    pub fn is_removed(&self) -> bool {
        !self.exists
    }

    /// Returns the fields that differ. For an added entry: all fields that are set.
    pub fn fields(&self) -> &[FieldChange] {
        &self.fields
    }
}

impl Rerouted {
    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its old targets, as [`AliasResolver::distribution`](crate::AliasResolver::distribution) does.
    ///
    /// # Errors
    ///
    /// The error of `distribution`: the name was ambiguous.
    pub fn before(&self) -> Result<&[Share], &ResolveError> {
        self.before.as_deref()
    }

    /// Returns its new targets.
    ///
    /// # Errors
    ///
    /// The error of [`AliasResolver::distribution`](crate::AliasResolver::distribution): the name is now unknown or
    /// ambiguous.
    pub fn after(&self) -> Result<&[Share], &ResolveError> {
        self.after.as_deref()
    }
}
