//! What a check of a configuration can find.

use std::fmt;

use crate::base::location::Location;

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration loads; what is described is legal but rarely meant.
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
        /// The kind of a [`Problem`], with a stable text.
        ///
        /// The text (`unknown-target`) is what tools should match on: it stays the same
        /// when a sentence gets better.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable text, such as `unknown-target`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The severity that problems of this kind have unless something raises it.
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
    /// The document holds more nodes than the node budget, its YAML aliases expanded.
    TooManyNodes = "too-many-nodes", Error;
    /// The document nests deeper than 128 levels.
    TooDeep = "too-deep", Error;
    /// The text is not UTF-8.
    InvalidUtf8 = "invalid-utf8", Error;
    /// The text holds a character that YAML does not allow.
    ControlCharacter = "control-character", Error;
    /// The text is not YAML.
    InvalidYaml = "invalid-yaml", Error;
    /// The text holds more than one YAML document.
    MultipleDocuments = "multiple-documents", Error;
    /// An anchor name is defined twice.
    DuplicateAnchor = "duplicate-anchor", Error;

    /// A value has another shape than its field needs.
    WrongType = "wrong-type", Error;
    /// A plain number, bool or null stands where text is wanted.
    UnquotedText = "unquoted-text", Error;
    /// A value carries a YAML tag of its own.
    UnsupportedTag = "unsupported-tag", Error;
    /// A key stands twice in one mapping.
    DuplicateKey = "duplicate-key", Error;
    /// A merge key cannot be applied.
    InvalidMerge = "invalid-merge", Error;
    /// A field inside `model_aliases` is not known.
    UnknownField = "unknown-field", Error;
    /// A field of a provider looks like a misspelt known one.
    MisspeltField = "misspelt-field", Warning;
    /// A top-level section looks like a misspelt section of ours.
    MisspeltSection = "misspelt-section", Warning;
    /// Both spellings of the provider section are there.
    BothProviderSections = "both-provider-sections", Error;
    /// A field that must be there is not.
    MissingField = "missing-field", Error;
    /// A word is none of those that the field allows.
    InvalidValue = "invalid-value", Error;
    /// A number lies outside what its field allows.
    OutOfRange = "out-of-range", Error;

    /// A provider entry has no `model`.
    MissingModel = "missing-model", Error;
    /// A model is not of the form `provider/model`.
    InvalidModel = "invalid-model", Error;
    /// A bare model names no provider.
    MissingProvider = "missing-provider", Error;
    /// The same `provider/model` stands twice and not every entry has a name.
    DuplicateModel = "duplicate-model", Error;
    /// Two provider entries have the same name.
    DuplicateName = "duplicate-name", Error;
    /// Two provider entries are the default.
    MultipleDefaults = "multiple-defaults", Error;
    /// A wildcard entry is the default.
    WildcardDefault = "wildcard-default", Error;
    /// The same wildcard stands twice; the later one serves.
    DuplicateWildcard = "duplicate-wildcard", Warning;
    /// A URL has no http(s) scheme or no host.
    InvalidUrl = "invalid-url", Error;
    /// An amount of money is not an exact decimal of at most six places.
    InvalidAmount = "invalid-amount", Error;
    /// A variable that is referred to has no value.
    UnsetVariable = "unset-variable", Error;
    /// A policy for unknown names needs a `default: true` entry and none is there.
    MissingDefault = "missing-default", Error;
    /// The resolver was given no clock, and the feature `system` is off.
    MissingClock = "missing-clock", Error;
    /// Nothing checks a category or content filter, and the resolver requires checks.
    MissingCheck = "missing-check", Error;

    /// An alias name is no identifier.
    InvalidAliasName = "invalid-alias-name", Error;
    /// An alias is defined twice.
    DuplicateAlias = "duplicate-alias", Error;
    /// An alias is null outside an overlay.
    NullAlias = "null-alias", Error;
    /// An overlay removes an alias that is not there.
    UnknownRemoval = "unknown-removal", Error;
    /// An alias has neither `target` nor `targets`.
    MissingTarget = "missing-target", Error;
    /// An alias has both `target` and `targets`.
    TargetAndTargets = "target-and-targets", Error;
    /// A list that needs an entry has none.
    EmptyList = "empty-list", Error;
    /// A list has more entries than its limit.
    TooManyEntries = "too-many-entries", Error;
    /// `targets` stands beside `load_balance` and inside it.
    TargetsTwice = "targets-twice", Error;
    /// `load_balance` has no `targets`.
    BalanceWithoutTargets = "balance-without-targets", Error;
    /// A field stands where it does not belong.
    MisplacedField = "misplaced-field", Error;
    /// A weight, or a share that a routing test expects, is no legal one.
    InvalidWeight = "invalid-weight", Error;
    /// A weight of a split is missing.
    MissingWeight = "missing-weight", Error;
    /// The weights of a split, or the shares that a routing test expects, do not sum to 100.
    WeightSum = "weight-sum", Error;
    /// Every weight of a balancer is zero.
    ZeroWeights = "zero-weights", Error;
    /// The weights of a balancer repeat after more than 1,000 picks.
    WeightPeriod = "weight-period", Error;
    /// Only some weights of a balancer are written.
    PartialWeights = "partial-weights", Warning;
    /// Two members of a group are the same target.
    DuplicateMember = "duplicate-member", Error;
    /// A reference names nothing that is there.
    UnknownTarget = "unknown-target", Error;
    /// A reference names more than one model.
    AmbiguousTarget = "ambiguous-target", Error;
    /// Aliases refer to each other in a circle.
    AliasCycle = "alias-cycle", Error;
    /// A path through aliases is longer than 16.
    PathTooLong = "path-too-long", Error;
    /// The algorithm of a balancer is neither built in nor registered.
    UnknownAlgorithm = "unknown-algorithm", Error;
    /// A condition is neither built in nor registered.
    UnknownCondition = "unknown-condition", Error;
    /// A positional condition stands on a step where it can never hold.
    ImpossibleCondition = "impossible-condition", Error;
    /// A duration is not of the form `500ms`, `5s`, `1m30s`.
    InvalidDuration = "invalid-duration", Error;
    /// The replacement of a deprecated alias is not there.
    UnknownReplacement = "unknown-replacement", Error;

    /// An alias has the name of a declared model.
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
    /// A target under a cost limit has no price.
    UnpricedTarget = "unpriced-target", Warning;
    /// Nothing checks a category or content filter.
    UncheckedContent = "unchecked-content", Warning;
    /// A target is a deprecated alias.
    DeprecatedTarget = "deprecated-target", Warning;

    /// More problems were found than are listed: at most 1,000 errors and 1,000 warnings are.
    MoreProblems = "more-problems", Warning;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding in a configuration.
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

    /// Whether this stops the configuration from loading.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What kind of problem this is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Where it was found.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// What is wrong, in one sentence without a final period.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
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
