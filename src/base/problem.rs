//! [`Problem`]: an error or warning about a configuration, and its codes.

use std::fmt;

use crate::base::location::Location;

/// Tells how serious a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration loads, but probably does not do what was intended.
    Warning,
    /// The configuration does not load.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $severity:ident;)+) => {
        /// Identifies the kind of a [`Problem`] by a stable text.
        ///
        /// Tools should match on the text (`unknown-target`): it does not change when a message is
        /// reworded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// All codes, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns the stable text, such as `unknown-target`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// Returns the default severity of problems of this kind.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)+
                }
            }
        }
    };
}

codes! {
    /// The text is longer than the byte limit.
    TooLarge = "too-large", Error;
    /// The document has more nodes than the node limit, with YAML aliases expanded.
    TooManyNodes = "too-many-nodes", Error;
    /// The document nests deeper than 128 levels.
    TooDeep = "too-deep", Error;
    /// The text is not UTF-8.
    InvalidUtf8 = "invalid-utf8", Error;
    /// The text contains a character that YAML does not allow, or the value of a variable a control character.
    ControlCharacter = "control-character", Error;
    /// The text is not YAML.
    InvalidYaml = "invalid-yaml", Error;
    /// The text contains more than one YAML document.
    MultipleDocuments = "multiple-documents", Error;
    /// An anchor name is defined twice.
    DuplicateAnchor = "duplicate-anchor", Error;

    /// A value has the wrong type for its field.
    WrongType = "wrong-type", Error;
    /// An unquoted number, boolean or null is used as text.
    UnquotedText = "unquoted-text", Error;
    /// A value has a custom YAML tag.
    UnsupportedTag = "unsupported-tag", Error;
    /// A key occurs twice in one mapping.
    DuplicateKey = "duplicate-key", Error;
    /// A merge key cannot be applied.
    InvalidMerge = "invalid-merge", Error;
    /// A field is unknown: in an alias, in `pricing` or in a routing test.
    UnknownField = "unknown-field", Error;
    /// A field of a provider looks like a misspelt known field.
    MisspeltField = "misspelt-field", Warning;
    /// A top-level section looks like a misspelt known section.
    MisspeltSection = "misspelt-section", Warning;
    /// A document has no section that is read.
    NothingFound = "nothing-found", Warning;
    /// Both spellings of the provider section are present.
    BothProviderSections = "both-provider-sections", Error;
    /// A required field is missing.
    MissingField = "missing-field", Error;
    /// A text is not one that the field allows: an unknown word, an invalid date, an empty name or key.
    InvalidValue = "invalid-value", Error;
    /// A number is outside the range of its field.
    OutOfRange = "out-of-range", Error;

    /// A provider entry has no `model`.
    MissingModel = "missing-model", Error;
    /// A model is not of the form `provider/model`.
    InvalidModel = "invalid-model", Error;
    /// A bare model names no provider.
    MissingProvider = "missing-provider", Error;
    /// The same `provider/model` occurs twice and not every entry has a name.
    DuplicateModel = "duplicate-model", Error;
    /// Two provider entries have the same name.
    DuplicateName = "duplicate-name", Error;
    /// Two provider entries are the default.
    MultipleDefaults = "multiple-defaults", Error;
    /// A wildcard entry is the default.
    WildcardDefault = "wildcard-default", Error;
    /// The same wildcard occurs twice; the later one serves.
    DuplicateWildcard = "duplicate-wildcard", Warning;
    /// A URL has no http(s) scheme or no host.
    InvalidUrl = "invalid-url", Error;
    /// An amount of money is negative, or not an exact decimal: at most six places for a price, twelve for
    /// a cost limit.
    InvalidAmount = "invalid-amount", Error;
    /// A referenced variable has no value.
    UnsetVariable = "unset-variable", Error;
    /// The policy for unknown names needs a `default: true` entry, and there is none.
    MissingDefault = "missing-default", Error;
    /// The resolver has no clock, and the feature `system` is off.
    MissingClock = "missing-clock", Error;
    /// Nothing checks a category or content filter, and the resolver requires checks.
    MissingCheck = "missing-check", Error;

    /// An alias name is not valid.
    InvalidAliasName = "invalid-alias-name", Error;
    /// An alias is defined twice.
    DuplicateAlias = "duplicate-alias", Error;
    /// An alias is null outside an overlay.
    NullAlias = "null-alias", Error;
    /// An overlay removes an alias that does not exist.
    UnknownRemoval = "unknown-removal", Error;
    /// An alias has neither `target` nor `targets`.
    MissingTarget = "missing-target", Error;
    /// An alias has both `target` and `targets`.
    TargetAndTargets = "target-and-targets", Error;
    /// A list that needs an entry is empty.
    EmptyList = "empty-list", Error;
    /// A list has more entries than its limit.
    TooManyEntries = "too-many-entries", Error;
    /// `targets` is both beside `load_balance` and inside it.
    TargetsTwice = "targets-twice", Error;
    /// `load_balance` has no `targets`.
    BalanceWithoutTargets = "balance-without-targets", Error;
    /// A field is in the wrong place.
    MisplacedField = "misplaced-field", Error;
    /// A weight, or an expected share in a routing test, is not valid.
    InvalidWeight = "invalid-weight", Error;
    /// A member of a split has no weight.
    MissingWeight = "missing-weight", Error;
    /// The weights of a split, or the expected shares in a routing test, do not sum to 100.
    WeightSum = "weight-sum", Error;
    /// Every weight of a balancer is zero.
    ZeroWeights = "zero-weights", Error;
    /// The weights of a balancer repeat only after more than 1,000 picks.
    WeightPeriod = "weight-period", Error;
    /// Only some members of a balancer have a weight.
    PartialWeights = "partial-weights", Warning;
    /// Two members of a group are the same target.
    DuplicateMember = "duplicate-member", Error;
    /// A reference names nothing that exists.
    UnknownTarget = "unknown-target", Error;
    /// A reference names more than one model.
    AmbiguousTarget = "ambiguous-target", Error;
    /// Aliases refer to each other in a cycle.
    AliasCycle = "alias-cycle", Error;
    /// A path through aliases is longer than 16.
    PathTooLong = "path-too-long", Error;
    /// The algorithm of a balancer is neither built in nor registered.
    UnknownAlgorithm = "unknown-algorithm", Error;
    /// A condition is neither built in nor registered.
    UnknownCondition = "unknown-condition", Error;
    /// A positional condition is on a step where it can never hold.
    ImpossibleCondition = "impossible-condition", Error;
    /// A duration is not of the form `500ms`, `5s` or `1m30s`.
    InvalidDuration = "invalid-duration", Error;
    /// The replacement of a deprecated alias does not exist.
    UnknownReplacement = "unknown-replacement", Error;

    /// Two failure rules with the same requirements give different classes.
    ContradictoryRule = "contradictory-rule", Error;

    /// A failure rule never decides, because an earlier one matches all that it matches.
    HiddenRule = "hidden-rule", Warning;
    /// No provider entry has the provider of a failure rule.
    UnknownProvider = "unknown-provider", Warning;
    /// A key, header or URL is empty, has blanks around it, or looks like a reference of another tool.
    SuspiciousSecret = "suspicious-secret", Warning;
    /// Two members of a group have the same URL after their variables are looked up.
    SameEndpoint = "same-endpoint", Warning;
    /// A name contains quotes, blanks or other characters that are probably not meant.
    SuspiciousText = "suspicious-text", Warning;
    /// A price is so low that it is probably the price of one token.
    PricePerToken = "price-per-token", Warning;
    /// Two aliases on one path choose by the same salt.
    RepeatedSalt = "repeated-salt", Warning;
    /// A status condition leaves out failures with that status.
    PartialStatus = "partial-status", Warning;
    /// The replacements of deprecated aliases form a cycle.
    ReplacementCycle = "replacement-cycle", Warning;
    /// An alias has the same name as a declared model.
    ShadowedModel = "shadowed-model", Warning;
    /// No failure can reach a fallback.
    UnreachableFallback = "unreachable-fallback", Warning;
    /// A fallback repeats an earlier step.
    RepeatedStep = "repeated-step", Warning;
    /// A chain has more steps than the alias has attempts.
    ChainTooLong = "chain-too-long", Warning;
    /// A fallback has a smaller context window than the primary.
    SmallerContextWindow = "smaller-context-window", Warning;
    /// A chain under `max_latency` has no `timeout` on its primary.
    UntimedChain = "untimed-chain", Warning;
    /// After the `timeout` of a primary, `max_latency` leaves no time for a fallback.
    LateTimeout = "late-timeout", Warning;
    /// A target under a cost limit has no price.
    UnpricedTarget = "unpriced-target", Warning;
    /// Nothing checks a category or content filter.
    UncheckedContent = "unchecked-content", Warning;
    /// A target is a deprecated alias.
    DeprecatedTarget = "deprecated-target", Warning;

    /// There are more problems than the listed 1,000 errors and 1,000 warnings.
    MoreProblems = "more-problems", Warning;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Describes one error or warning about a configuration.
///
/// Displays as two lines, without severity and code:
///
/// ```text
/// config.yaml:9:13: unknown target `gpt-4o-mni` in alias `fast-llm`
///   help: did you mean `gpt-4o-mini`?
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    severity: Severity,
    code: Code,
    location: Location,
    message: String,
    help: String,
}

impl Problem {
    pub(crate) fn new(
        severity: Severity,
        code: Code,
        location: Location,
        message: String,
        help: String,
    ) -> Self {
        Self {
            severity,
            code,
            location,
            message,
            help,
        }
    }

    /// Returns the severity; an error stops the configuration from loading.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns the kind of problem.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Returns the location.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Returns what is wrong, in one sentence without a final period.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns how to fix it.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}\n  help: {}",
            self.location, self.message, self.help
        )
    }
}
