//! Collects the fields that differ.

use std::fmt::Display;

use super::parts::FieldChange;
use crate::base::secret::PublicUrl;
use crate::base::text::escaped;

/// What stands for a value that is not shown.
pub(super) const HIDDEN: &str = "…";

/// Collects what differs.
#[derive(Default)]
pub(super) struct FieldDiff(pub(super) Vec<FieldChange>);

impl FieldDiff {
    /// A field whose value is shown.
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

    /// A field that is true or not written.
    pub(super) fn flag(&mut self, field: &str, before: bool, after: bool) {
        self.shown(field, before.then_some(true), after.then_some(true));
    }

    /// A field of which it is only said that it differs.
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

    /// A URL: shown without what may be secret, and if the rest differs, that is said.
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
