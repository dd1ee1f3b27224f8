//! The words of a `conditions` list, and the outcome that they ask about.

use super::super::tree::Tree;
use super::Failure;

/// What `any` names.
const ANY: [&str; 11] = [
    "timeout",
    "rate_limited",
    "quota_exhausted",
    "overloaded",
    "server_error",
    "connect_error",
    "auth_failed",
    "not_found",
    "cost_exceeded",
    "latency_exceeded",
    "not_allowed",
];

/// What no status names.
const NO_STATUS: [&str; 3] = [
    "invalid_request",
    "content_filtered",
    "context_length_exceeded",
];

/// The last outcome: why a step failed, or why it was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fall {
    pub(super) class: &'static str,
    pub(super) status: Option<u16>,
    pub(super) words: Vec<&'static str>,
    /// Whether it is the client's own, so that only its name leads round it.
    pub(super) is_own: bool,
    pub(super) was_tried: bool,
    /// Nothing was tried or passed over: all that is there is drained.
    pub(super) is_nothing: bool,
    /// Further reasons for which other members of the same group were passed over.
    pub(super) others: Vec<Fall>,
    /// The class that an error shows: of what was looked at last.
    pub(super) shown: &'static str,
}

impl Fall {
    /// What is left where everything is drained.
    pub(super) fn nothing() -> Self {
        Self {
            is_nothing: true,
            ..Self::passed_over("not_allowed", None)
        }
    }

    /// The last outcome after this one.
    pub(super) fn then(self, next: Self) -> Self {
        if next.is_nothing { self } else { next }
    }

    /// What a failure of an attempt is.
    pub(super) fn of(failure: &Failure, is_own: bool) -> Self {
        Self {
            class: failure.class,
            status: failure.status,
            words: failure.words.clone(),
            is_own,
            was_tried: true,
            is_nothing: false,
            others: Vec::new(),
            shown: failure.class,
        }
    }

    /// What is passed over for this reason.
    pub(super) fn passed_over(class: &'static str, status: Option<u16>) -> Self {
        Self {
            class,
            status,
            words: Vec::new(),
            is_own: false,
            was_tried: false,
            is_nothing: false,
            others: Vec::new(),
            shown: class,
        }
    }

    /// The same outcome, repeated in the same request.
    pub(super) fn repeated(self) -> Self {
        Self {
            shown: self.class,
            ..self
        }
    }

    /// The outcome of members after one more: the last failure, else every reason.
    pub(super) fn joined(self, next: Self) -> Self {
        match (self.is_nothing, next.is_nothing) {
            (true, false) => next,
            (_, true) => self,
            _ if next.was_tried => next,
            _ if self.was_tried => Self {
                shown: next.shown,
                ..self
            },
            _ => {
                let mut next = next;
                next.others.push(self);
                next
            }
        }
    }

    /// Whether `any` names it.
    pub(super) fn is_any(&self) -> bool {
        ANY.contains(&self.class) && !self.is_own
    }

    /// Whether a fallback with these conditions is tried after it; `failed` says of each earlier
    /// step whether it failed or was passed over.
    pub(super) fn leads_to(&self, conditions: Option<&Tree>, failed: &[bool]) -> bool {
        let mut others = self.others.iter();
        others.any(|other| other.leads_to(conditions, failed))
            || self.leads_alone_to(conditions, failed)
    }

    fn leads_alone_to(&self, conditions: Option<&Tree>, failed: &[bool]) -> bool {
        match conditions {
            None => self.is_any(),
            // In place of what is drained, unless it is for refusals only.
            Some(list) if self.is_nothing => list.items().iter().any(|word| {
                let special = ["context_length_exceeded", "content_filtered"];
                word.as_text().is_none_or(|word| !special.contains(&word))
            }),
            Some(list) => list.items().iter().any(|word| match word {
                Tree::Int(status) => self.has_status(&status.to_string()),
                other => self.is_named(other.as_text().unwrap_or_default(), failed),
            }),
        }
    }

    fn is_named(&self, word: &str, failed: &[bool]) -> bool {
        let have = |steps: &[bool]| steps.iter().all(|&step| step) && self.is_any();
        match word {
            "any" => self.is_any(),
            "transient" => [
                "timeout",
                "rate_limited",
                "overloaded",
                "server_error",
                "connect_error",
            ]
            .contains(&self.class),
            "quota_exceeded" => ["rate_limited", "quota_exhausted"].contains(&self.class),
            "primary_failed" => have(&failed[..1]),
            "primary_and_first_fallback_failed" => failed.len() > 1 && have(&failed[..2]),
            "all_previous_failed" => have(failed),
            _ => self.class == word || self.words.contains(&word) || self.has_status(word),
        }
    }

    /// Whether it came with this status, or one of this hundred.
    fn has_status(&self, word: &str) -> bool {
        let Some(status) = self.status.filter(|_| !NO_STATUS.contains(&self.class)) else {
            return false;
        };
        let status = status.to_string();
        word == status || word.strip_suffix("xx") == status.get(..1)
    }
}
