//! Collects changed fields.

use std::fmt::Display;

use super::parts::FieldChange;
use crate::base::secret::PublicUrl;
use crate::base::text::escaped;

/// Placeholder for a value that is not shown.
pub(super) const HIDDEN: &str = "…";

/// Collects the fields that differ.
#[derive(Default)]
pub(super) struct FieldDiff(pub(super) Vec<FieldChange>);

impl FieldDiff {
    /// Adds a field whose value is shown.
    pub(super) fn shown<T: PartialEq + Display>(
        &mut self,
        field: impl Into<String>,
        before: Option<T>,
        after: Option<T>,
    ) {
        if before != after {
            let text = |value: Option<T>| value.map(|value| escaped(&value.to_string()));
            self.push(field, text(before), text(after));
        }
    }

    /// Adds a field that is either `true` or not set.
    pub(super) fn flag(&mut self, field: &str, before: bool, after: bool) {
        self.shown(field, before.then_some(true), after.then_some(true));
    }

    /// Adds a field whose value is not shown, only that it differs.
    pub(super) fn hidden<T: PartialEq>(
        &mut self,
        field: impl Into<String>,
        before: Option<T>,
        after: Option<T>,
    ) {
        if before != after {
            let text = |value: Option<T>| value.map(|_| HIDDEN.to_owned());
            self.push(field, text(before), text(after));
        }
    }

    /// Adds a URL. Only its public part is shown; if only the rest differs, the values are hidden.
    pub(super) fn url(&mut self, field: &str, before: Option<&str>, after: Option<&str>) {
        let public = |url: Option<&str>| url.map(|url| PublicUrl(url).to_string());
        if public(before) == public(after) {
            self.hidden(field, before, after);
        } else {
            self.shown(field, public(before), public(after));
        }
    }

    fn push(&mut self, field: impl Into<String>, before: Option<String>, after: Option<String>) {
        self.0.push(FieldChange {
            field: escaped(&field.into()),
            before,
            after,
        });
    }
}
