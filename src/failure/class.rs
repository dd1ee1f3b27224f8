//! Failure classes and sets of them.

use std::fmt;

macro_rules! classes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)+) => {
        /// Why an attempt failed, or why a target was skipped.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum FailureClass {
            $($(#[doc = $doc])+ $name,)+
        }

        impl FailureClass {
            /// All classes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns the word that a configuration uses for the class, such as `rate_limited`.
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
    /// The connection, the first byte or the end of the reply did not arrive in time.
    Timeout = "timeout";
    /// Too many requests in a short time.
    RateLimited = "rate_limited";
    /// The quota or credit is used up.
    QuotaExhausted = "quota_exhausted";
    /// The provider has no capacity.
    Overloaded = "overloaded";
    /// The provider failed in another way, or sent a reply that cannot be read.
    ServerError = "server_error";
    /// The connection failed before anything was sent.
    ConnectError = "connect_error";
    /// The provider refused the credentials.
    AuthFailed = "auth_failed";
    /// The provider does not know the model or the path.
    NotFound = "not_found";
    /// The request is too long for the model.
    ContextLengthExceeded = "context_length_exceeded";
    /// The provider's safety filter refused the request or the reply.
    ContentFiltered = "content_filtered";
    /// The request is invalid, and would be at any provider.
    InvalidRequest = "invalid_request";
    /// Skipped: the cost would exceed a limit.
    CostExceeded = "cost_exceeded";
    /// Skipped: too little time is left.
    LatencyExceeded = "latency_exceeded";
    /// Skipped: the request, an operator or a selector excludes the target.
    NotAllowed = "not_allowed";
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of failure classes, one bit each.
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

    pub(crate) const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn contains(self, class: FailureClass) -> bool {
        self.0 & (1 << class as u32) != 0
    }
}
