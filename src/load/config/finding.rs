//! A problem that still holds node numbers instead of places.

use super::mark::{DocumentId, Mark};
use super::tree::NodeId;
use crate::base::problem::{Code, Severity};

/// A problem before its place is looked up.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) mark: Mark,
    pub(crate) severity: Severity,
    pub(crate) code: Code,
    pub(crate) message: String,
    /// The message goes on with this place.
    pub(crate) first: Option<Mark>,
    pub(crate) help: String,
}

impl Finding {
    pub(crate) fn new(
        mark: Mark,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            mark,
            severity: code.severity(),
            code,
            message: message.into(),
            first: None,
            help: help.into(),
        }
    }

    /// Lets the message go on with `, first defined at` and a place.
    #[must_use]
    pub(crate) fn first_at(mut self, first: Mark) -> Self {
        self.message.push_str(", first defined at");
        self.ending_at(first)
    }

    /// Lets the message, which asks for it, go on with a place.
    #[must_use]
    pub(crate) fn ending_at(mut self, place: Mark) -> Self {
        self.first = Some(place);
        self
    }
}

/// The most findings of each severity that are kept. A file of two megabytes can hold a million
/// mistakes, whose sentences would take a hundred times its size.
pub(crate) const MOST: usize = 1_000;

/// Findings as they come up; of those beyond [`MOST`] only their number is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    errors: usize,
    warnings: usize,
}

impl Findings {
    pub(crate) fn push(&mut self, finding: Finding) {
        self.push_with(finding.severity, || finding);
    }

    /// Adds a finding that is put into words only if it is kept.
    pub(crate) fn push_with(&mut self, severity: Severity, finding: impl FnOnce() -> Finding) {
        let count = match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        *count += 1;
        if *count <= MOST {
            self.kept.push(finding());
        }
    }

    pub(crate) fn report(
        &mut self,
        document: DocumentId,
        node: NodeId,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let mark = Mark { document, node };
        self.push(Finding::new(mark, code, message, help));
    }

    /// Reports something that an earlier place already has; the message ends in that place.
    pub(crate) fn beside(
        &mut self,
        mark: Mark,
        first: Mark,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Finding::new(mark, code, message, help).ending_at(first));
    }

    /// Reports something that an earlier place already defines.
    pub(crate) fn again(
        &mut self,
        mark: Mark,
        first: Mark,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Finding::new(mark, code, message, help).first_at(first));
    }

    /// Adds the findings of documents that come after this many others.
    pub(crate) fn append(&mut self, findings: Self, documents: usize) {
        self.errors += findings.errors;
        self.warnings += findings.warnings;
        for mut finding in findings.kept {
            finding.mark.document += documents;
            if let Some(first) = &mut finding.first {
                first.document += documents;
            }
            self.kept.push(finding);
        }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Finding> {
        self.kept.iter()
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many are not kept.
    pub(crate) fn left_out(&self) -> usize {
        self.errors + self.warnings - self.kept.len()
    }
}
