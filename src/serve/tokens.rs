//! The tokens that a request may take.

use crate::base::money::Usage;

/// The tokens that a request may take, as far as they are known.
///
/// In 24 bytes, since a request keeps them: the context counts up to `u32::MAX - 1` tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestTokens {
    /// [`UNKNOWN`] if it is not given.
    context: u32,
    has_estimate: bool,
    estimate: Usage,
}

const UNKNOWN: u32 = u32::MAX;

impl RequestTokens {
    pub(crate) const UNKNOWN: Self = Self {
        context: UNKNOWN,
        has_estimate: false,
        estimate: Usage::new(0, 0),
    };

    pub(crate) fn with_estimate(self, estimate: Usage) -> Self {
        Self {
            has_estimate: true,
            estimate,
            ..self
        }
    }

    pub(crate) fn with_context(self, tokens: u64) -> Self {
        let most = UNKNOWN - 1;
        let context = u32::try_from(tokens).unwrap_or(most).min(most);
        Self { context, ..self }
    }

    /// An upper bound.
    pub(crate) fn estimate(self) -> Option<Usage> {
        self.has_estimate.then_some(self.estimate)
    }

    /// The tokens that count for a context window: the given ones, else those of the estimate's input.
    pub(crate) fn context(self) -> Option<u64> {
        let input = || self.estimate().map(Usage::input);
        match self.context {
            UNKNOWN => input(),
            tokens => Some(tokens.into()),
        }
    }
}
