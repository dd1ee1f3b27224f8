//! Entries built in code. They take the way of every other document: to a tree, through the
//! same reader, so that there is one set of checks.

use std::time::Duration;

use indexmap::IndexMap;

use crate::base::duration;
use crate::base::value::Value;

macro_rules! setters {
    ($($(#[doc = $doc:literal])+ $name:ident($type:ty);)+) => {
        $($(#[doc = $doc])+
        #[must_use]
        pub fn $name(self, value: $type) -> Self {
            self.field(stringify!($name), value)
        })+
    };
}

/// A provider for [`Config::provider`](crate::Config::provider).
#[derive(Debug, Clone)]
pub struct NewProvider(pub(super) NewFields);

impl NewProvider {
    /// A provider entry for a model, as `provider/model id`; `provider/*` for all of them.
    pub fn new(model: &str) -> Self {
        Self(NewFields::default()).field("model", model)
    }

    setters! {
        /// The instance name: unique, and usable as a reference.
        name(&str);
        /// The protocol spoken, where the provider's name does not say it.
        provider_interface(&str);
        /// The access key: `$VAR`, or the key itself.
        access_key(&str);
        /// Where the provider is reached.
        base_url(&str);
        /// The host name to send.
        http_host(&str);
        /// Whether this is the default provider.
        default(bool);
        /// Whether the client's own credentials are passed on.
        passthrough_auth(bool);
        /// Whether it resolves without being listed.
        internal(bool);
        /// The size of the context window, in tokens.
        context_window(u64);
    }

    /// The price in US dollars for a million input and a million output tokens.
    #[must_use]
    pub fn pricing(self, input: f64, output: f64) -> Self {
        let pricing = Value::from_iter([("input", input), ("output", output)]);
        self.field("pricing", pricing)
    }

    /// Any other field, as the format has it; unknown ones are carried along.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.set(name, value.into());
        self
    }
}

/// An alias for [`Config::alias`](crate::Config::alias).
#[derive(Debug, Clone)]
pub struct NewAlias(pub(super) NewFields);

impl NewAlias {
    /// An alias of one model or alias.
    pub fn to(target: &str) -> Self {
        Self(NewFields::default()).field("target", target)
    }

    /// A traffic split: references with weights that sum to 100.
    pub fn split<'a, W: Into<Value>>(members: impl IntoIterator<Item = (&'a str, W)>) -> Self {
        Self::of(
            members
                .into_iter()
                .map(|(model, weight)| NewTarget::new(model).weight(weight)),
        )
    }

    /// An alias of several targets, written out.
    pub fn of(members: impl IntoIterator<Item = NewTarget>) -> Self {
        let members = members.into_iter().map(|member| member.entry("model"));
        Self(NewFields::default()).field("targets", Value::List(members.collect()))
    }

    /// Balances the load over the targets by this algorithm.
    #[must_use]
    pub fn load_balance(self, algorithm: &str) -> Self {
        let balance = Value::from_iter([("algorithm", algorithm)]);
        self.field("load_balance", balance)
    }

    /// Adds a fallback.
    #[must_use]
    pub fn fallback(mut self, fallback: NewTarget) -> Self {
        let entry = fallback.entry("target");
        self.0.push("fallbacks", entry);
        self
    }

    setters! {
        /// Whether the share of a cooling target goes to the other members.
        redistribute(bool);
        /// How many targets a request may try, 1 to 8.
        max_attempts(u32);
        /// What the alias is for.
        description(&str);
        /// Whether it resolves without being listed.
        hidden(bool);
    }

    /// The salt of sticky choices, where it is not the alias's name.
    #[must_use]
    pub fn sticky_salt(self, salt: &str) -> Self {
        self.field("sticky", Value::from_iter([("salt", salt)]))
    }

    /// Any other field, as the format has it.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.set(name, value.into());
        self
    }
}

/// A target or fallback for [`NewAlias`].
#[derive(Debug, Clone)]
pub struct NewTarget {
    reference: String,
    fields: NewFields,
}

impl NewTarget {
    /// A target: a model or an alias.
    pub fn new(reference: &str) -> Self {
        Self {
            reference: reference.to_owned(),
            fields: NewFields::default(),
        }
    }

    /// The weight: percent in a split, a share in a balancer.
    #[must_use]
    pub fn weight(self, weight: impl Into<Value>) -> Self {
        self.field("weight", weight)
    }

    /// Where it is reached, instead of the provider's base URL.
    #[must_use]
    pub fn endpoint(self, url: &str) -> Self {
        self.field("endpoint", url)
    }

    /// How long an attempt may take; below a millisecond is cut off.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.field("timeout", duration::write(timeout))
    }

    /// The conditions of a fallback.
    #[must_use]
    pub fn conditions<'a>(self, words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        self.field("conditions", words)
    }

    /// Any other field, as the format has it.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.set(name, value.into());
        self
    }

    fn entry(self, key: &str) -> Value {
        let mut fields = IndexMap::from([(key.to_owned(), Value::Text(self.reference))]);
        fields.extend(self.fields.0);
        Value::Map(fields)
    }
}

#[derive(Clone, Default)]
pub(super) struct NewFields(pub(super) IndexMap<String, Value>);

impl NewFields {
    fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    fn push(&mut self, name: &str, value: Value) {
        let list = self
            .0
            .entry(name.to_owned())
            .or_insert_with(|| Value::List(Vec::new()));
        if let Value::List(items) = list {
            items.push(value);
        }
    }
}

impl std::fmt::Debug for NewFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::base::value::KeysOnly(&self.0).fmt(f)
    }
}
