//! Findings: problems that hold node numbers instead of locations.

use super::mark::{DocumentId, Mark};
use super::tree::NodeId;
use crate::base::problem::{Code, Severity};

/// A problem whose location is not looked up yet.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) mark: Mark,
    pub(crate) severity: Severity,
    pub(crate) code: Code,
    pub(crate) message: String,
    /// Another place, appended to the message: usually the first definition.
    pub(crate) related: Option<Mark>,
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
            related: None,
            help: help.into(),
        }
    }

    /// Appends `, first defined at` and a place to the message.
    #[must_use]
    pub(crate) fn first_at(mut self, first: Mark) -> Self {
        self.message.push_str(", first defined at");
        self.ending_at(first)
    }

    /// Appends a place to the message, which must end in `at`.
    #[must_use]
    pub(crate) fn ending_at(mut self, place: Mark) -> Self {
        self.related = Some(place);
        self
    }
}

/// The maximum number of findings to keep for each severity. A file of two megabytes can hold a
/// million mistakes, and their messages would take a hundred times its size.
pub(crate) const MAX_FINDINGS: usize = 1_000;

/// Collects findings. Beyond [`MAX_FINDINGS`] it only counts them.
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

    /// Adds a finding. The closure runs only if the finding is kept.
    pub(crate) fn push_with(&mut self, severity: Severity, finding: impl FnOnce() -> Finding) {
        let count = match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        *count += 1;
        if *count <= MAX_FINDINGS {
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

    /// Reports a finding whose message ends in an earlier place.
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

    /// Reports a second definition. The message ends in the place of the first one.
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

    /// Appends the findings of another configuration, whose documents begin at index `offset` of
    /// this one.
    pub(crate) fn append(&mut self, findings: Self, offset: usize) {
        // Includes the findings that the other configuration only counted.
        let errors = self.errors + findings.errors;
        let warnings = self.warnings + findings.warnings;
        for mut finding in findings.kept {
            finding.mark.document += offset;
            if let Some(related) = &mut finding.related {
                related.document += offset;
            }
            self.push(finding);
        }
        (self.errors, self.warnings) = (errors, warnings);
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Finding> {
        self.kept.iter()
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The number of findings that were not kept.
    pub(crate) fn left_out(&self) -> usize {
        self.errors + self.warnings - self.kept.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_that_are_joined_share_one_limit() {
        let many = |code: Code, count: usize| {
            let mut findings = Findings::default();
            for node in 0..count {
                let node = u32::try_from(node).unwrap();
                findings.report(0, node, code, "wrong", "correct it");
            }
            findings
        };
        let mut joined = many(Code::UnknownField, 700);
        joined.append(many(Code::MisspeltField, 600), 1);
        assert_eq!((joined.iter().len(), joined.left_out()), (1_300, 0));
        joined.append(many(Code::UnknownField, 1_001), 2);
        assert_eq!((joined.iter().len(), joined.left_out()), (1_600, 701));
        let last = joined.iter().last().unwrap();
        assert_eq!((last.mark.document, last.mark.node), (2, 299));
    }
}
