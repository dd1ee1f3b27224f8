//! Providers, aliases and targets built in code.

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
    /// Creates a provider entry for a model, written as `provider/model`. `provider/*` covers all
    /// its models.
    pub fn new(model: &str) -> Self {
        Self(NewFields::default()).field("model", model)
    }

    setters! {
        /// Sets the instance name, which must be unique and can be used as a reference.
        name(&str);
        /// Sets the protocol that the provider speaks, if its name does not imply it.
        provider_interface(&str);
        /// Sets the access key: `$VAR`, or the key itself.
        access_key(&str);
        /// Sets the URL of the provider.
        base_url(&str);
        /// Sets the `Host` header to send to the provider, if it differs from the host of the URL.
        http_host(&str);
        /// Sets whether this is the default provider.
        default(bool);
        /// Sets whether the client's own credentials are passed on.
        passthrough_auth(bool);
        /// Sets whether the entry resolves without being listed.
        internal(bool);
        /// Sets the size of the context window, in tokens.
        context_window(u64);
    }

    /// Sets the price in US dollars per million input tokens and per million output tokens.
    #[must_use]
    pub fn pricing(self, input: f64, output: f64) -> Self {
        let pricing = Value::from_iter([("input", input), ("output", output)]);
        self.field("pricing", pricing)
    }

    /// Sets any other field of the format. Unknown fields are kept.
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
    /// Creates an alias of one model or alias.
    pub fn to(target: &str) -> Self {
        Self(NewFields::default()).field("target", target)
    }

    /// Creates a traffic split: references with weights that sum to 100.
    pub fn split<'a, W: Into<Value>>(members: impl IntoIterator<Item = (&'a str, W)>) -> Self {
        Self::of(
            members
                .into_iter()
                .map(|(model, weight)| NewTarget::new(model).weight(weight)),
        )
    }

    /// Creates an alias of several targets.
    pub fn of(members: impl IntoIterator<Item = NewTarget>) -> Self {
        let members = members.into_iter().map(|member| member.entry("model"));
        Self(NewFields::default()).field("targets", Value::List(members.collect()))
    }

    /// Balances the load over the targets with this algorithm.
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
        /// Sets whether the share of a cooling target goes to the other members.
        redistribute(bool);
        /// Sets how many targets a request may try, 1 to 8.
        max_attempts(u32);
        /// Sets the description.
        description(&str);
        /// Sets whether the alias resolves without being listed.
        hidden(bool);
    }

    /// Sets the salt of sticky choices. The default is the name of the alias.
    #[must_use]
    pub fn sticky_salt(self, salt: &str) -> Self {
        self.field("sticky", Value::from_iter([("salt", salt)]))
    }

    /// Sets any other field of the format.
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
    /// Creates a target that refers to a model or an alias.
    pub fn new(reference: &str) -> Self {
        Self {
            reference: reference.to_owned(),
            fields: NewFields::default(),
        }
    }

    /// Sets the weight: a percentage in a split, a relative weight in a balancer.
    #[must_use]
    pub fn weight(self, weight: impl Into<Value>) -> Self {
        self.field("weight", weight)
    }

    /// Sets the URL to use instead of the provider's base URL.
    #[must_use]
    pub fn endpoint(self, url: &str) -> Self {
        self.field("endpoint", url)
    }

    /// Sets how long an attempt may take. Fractions of a millisecond are cut off.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.field("timeout", duration::write(timeout))
    }

    /// Sets the conditions of a fallback.
    #[must_use]
    pub fn conditions<'a>(self, words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        self.field("conditions", words)
    }

    /// Sets any other field of the format.
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
