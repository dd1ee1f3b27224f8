//! The classes of failures, and sets of them.

use std::fmt;

macro_rules! classes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)+) => {
        /// Why an attempt failed, or why a target was passed over.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum FailureClass {
            $($(#[doc = $doc])+ $name,)+
        }

        impl FailureClass {
            /// Every class.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word that a configuration writes for it, such as `rate_limited`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

classes! {
    /// No connection, no first byte or no end in time.
    Timeout = "timeout";
    /// Too many requests for now.
    RateLimited = "rate_limited";
    /// Quota or credit is used up.
    QuotaExhausted = "quota_exhausted";
    /// The provider has no capacity.
    Overloaded = "overloaded";
    /// Another failure of the provider, or a reply that cannot be read.
    ServerError = "server_error";
    /// Nothing was sent.
    ConnectError = "connect_error";
    /// The credentials were refused.
    AuthFailed = "auth_failed";
    /// The model or the path is not there.
    NotFound = "not_found";
    /// The request is too long for the model.
    ContextLengthExceeded = "context_length_exceeded";
    /// The provider refused for reasons of safety.
    ContentFiltered = "content_filtered";
    /// The request is wrong and would be wrong anywhere.
    InvalidRequest = "invalid_request";
    /// Passed over: the price would break a limit.
    CostExceeded = "cost_exceeded";
    /// Passed over: too little time was left.
    LatencyExceeded = "latency_exceeded";
    /// Passed over: the request or an operator rules the target out.
    NotAllowed = "not_allowed";
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of classes, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ClassSet(u32);

impl ClassSet {
    pub(crate) const fn of(classes: &[FailureClass]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < classes.len() {
            bits |= 1 << classes[at] as u32;
            at += 1;
        }
        Self(bits)
    }

    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn contains(self, class: FailureClass) -> bool {
        self.0 & (1 << class as u32) != 0
    }
}
