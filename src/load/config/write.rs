//! Writes a configuration as YAML or through serde.

use indexmap::IndexMap;
use serde::ser::{Serialize, Serializer};

use super::configuration::Config;
use super::entry::{
    AliasBody, DeprecatedEntry, Field, GuardrailsEntry, Located, ProviderEntry, RuleEntry,
    TargetEntry,
};
use super::yaml;
use crate::base::decimal::Decimal;
use crate::base::duration;
use crate::base::limits::{FilterAction, GuardrailMode, OnUnverifiable};
use crate::base::secret::{PublicUrl, Secret};
use crate::base::suggest::closest;
use crate::base::value::Value;
use crate::failure::Condition;

/// Whether literal secrets are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrets {
    Hidden,
    Shown,
}

impl Secrets {
    /// The text around a variable, and its default, may be secret like a literal.
    fn secret(self, secret: &Secret) -> Value {
        match secret.variable() {
            _ if self == Self::Shown => secret.as_written().into(),
            Some(name) if secret.as_written().contains(":-") => format!("${{{name}}}").into(),
            Some(_) => secret.as_written().into(),
            None => "${REDACTED}".into(),
        }
    }

    /// Whether an unknown field is hidden. It may hold a secret under a misspelt name.
    fn may_be_secret(self, name: &str) -> bool {
        self == Self::Hidden && closest(name, ["access_key", "headers", "base_url"]).is_some()
    }

    fn url(self, url: &str) -> Value {
        if self == Self::Shown {
            url.into()
        } else {
            PublicUrl(url).to_string().into()
        }
    }
}

/// A mapping under construction.
#[derive(Default)]
struct WrittenFields(IndexMap<String, Value>);

impl WrittenFields {
    fn add<T>(&mut self, name: &str, field: &Field<T>, write: impl FnOnce(&T) -> Value) {
        if let Some(value) = field.get() {
            self.0.insert(name.to_owned(), write(value));
        }
    }

    fn text(&mut self, name: &str, field: &Field<std::sync::Arc<str>>) {
        self.add(name, field, |text| (&**text).into());
    }

    fn bool(&mut self, name: &str, field: &Field<bool>) {
        self.add(name, field, |&value| value.into());
    }
}

impl Config {
    /// Writes `model_providers`, `model_aliases` and `model_failure_rules` as YAML. Literal secrets become `${REDACTED}`, and
    /// URLs lose their user info and query. A
    /// variable stays, without its default; a key or header that is more than a variable is redacted.
    ///
    /// Reading the text gives an equal configuration if it had no secrets and no problems. See also
    /// [`to_yaml_with_secrets`](Self::to_yaml_with_secrets).
    pub fn to_yaml(&self) -> String {
        yaml::write(&self.to_value(Secrets::Hidden))
    }

    /// Writes `model_providers`, `model_aliases` and `model_failure_rules` as YAML, literal secrets included.
    ///
    /// For a configuration without problems, reading the text gives an equal configuration.
    pub fn to_yaml_with_secrets(&self) -> String {
        yaml::write(&self.to_value(Secrets::Shown))
    }

    fn to_value(&self, secrets: Secrets) -> Value {
        let providers: Vec<Value> = self
            .providers
            .iter()
            .map(|entry| provider(entry, secrets))
            .collect();
        let aliases = self
            .aliases
            .iter()
            .map(|entry| (entry.name.to_string(), alias(&entry.body, secrets)));
        let mut sections = IndexMap::from([
            ("model_providers".to_owned(), Value::List(providers)),
            ("model_aliases".to_owned(), Value::Map(aliases.collect())),
        ]);
        if !self.rules.is_empty() {
            let rules = self.rules.iter().map(rule);
            let rules = Value::List(rules.collect());
            sections.insert("model_failure_rules".to_owned(), rules);
        }
        Value::Map(sections)
    }
}

/// Writes what [`Config::to_yaml`] writes, in any format.
impl Serialize for Config {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value(Secrets::Hidden).serialize(serializer)
    }
}

fn rule(entry: &RuleEntry) -> Value {
    let mut fields = WrittenFields::default();
    fields.text("provider", &entry.provider);
    fields.add("status", &entry.status, |statuses| {
        let statuses = statuses.iter().map(|&status| u32::from(status).into());
        Value::List(statuses.collect())
    });
    fields.text("code", &entry.code);
    fields.text("says", &entry.says);
    fields.add("class", &entry.class, |class| class.as_str().into());
    Value::Map(fields.0)
}

fn provider(entry: &ProviderEntry, secrets: Secrets) -> Value {
    let mut fields = WrittenFields::default();
    fields.text("name", &entry.name);
    fields.text("provider", &entry.provider);
    fields.text("model", &entry.model);
    fields.text("provider_interface", &entry.provider_interface);
    fields.add("access_key", &entry.access_key, |key| secrets.secret(key));
    fields.add("base_url", &entry.base_url, |url| {
        secrets.url(url.as_written())
    });
    fields.add("http_host", &entry.http_host, |host| {
        host.as_written().into()
    });
    fields.bool("default", &entry.default);
    fields.bool("passthrough_auth", &entry.passthrough_auth);
    fields.bool("internal", &entry.internal);
    fields.add("headers", &entry.headers, |headers| {
        headers
            .iter()
            .map(|(name, value)| (name.to_string(), secrets.secret(&value.value)))
            .collect()
    });
    fields.add("pricing", &entry.pricing, |pricing| {
        [
            ("input", pricing.input_token()),
            ("output", pricing.output_token()),
        ]
        .map(|(part, cost)| (part, decimal(cost.as_picodollars(), 6)))
        .into_iter()
        .collect()
    });
    fields.add("context_window", &entry.context_window, |&tokens| {
        tokens.into()
    });
    for (name, value) in &entry.extra {
        let value = if secrets.may_be_secret(name) {
            "${REDACTED}".into()
        } else {
            value.clone()
        };
        fields.0.insert(name.clone(), value);
    }
    Value::Map(fields.0)
}

fn alias(body: &AliasBody, secrets: Secrets) -> Value {
    if body.null {
        return Value::Null;
    }
    let mut fields = WrittenFields::default();
    fields.text("description", &body.description);
    if let Some([target]) = body.target.get().map(Vec::as_slice) {
        fields.text("target", &target.reference);
        options(&mut fields, target, secrets);
    }
    fields.add("load_balance", &body.load_balance, |balance| {
        let mut fields = WrittenFields::default();
        fields.text("algorithm", &balance.algorithm);
        Value::Map(fields.0)
    });
    fields.add("targets", &body.targets, |targets| {
        let entries = targets.iter().map(|target| {
            let mut fields = WrittenFields::default();
            fields.text("model", &target.reference);
            fields.add("weight", &target.weight, |weight| number(*weight));
            options(&mut fields, target, secrets);
            Value::Map(fields.0)
        });
        Value::List(entries.collect())
    });
    fields.add("fallbacks", &body.fallbacks, |fallbacks| {
        let entries = fallbacks.iter().map(|target| {
            let mut fields = WrittenFields::default();
            fields.text("target", &target.reference);
            options(&mut fields, target, secrets);
            fields.add("conditions", &target.conditions, |words| conditions(words));
            Value::Map(fields.0)
        });
        Value::List(entries.collect())
    });
    fields.bool("redistribute", &body.redistribute);
    fields.add("sticky", &body.sticky, |salt| {
        let mut fields = WrittenFields::default();
        fields.text("salt", salt);
        Value::Map(fields.0)
    });
    fields.add("max_attempts", &body.max_attempts, |&attempts| {
        u32::from(attempts).into()
    });
    fields.add("last_resort", &body.last_resort, |&always| {
        if always { "always" } else { "never" }.into()
    });
    fields.add("guardrails", &body.guardrails, |entry| guardrails(entry));
    fields.bool("hidden", &body.hidden);
    fields.add("deprecated", &body.deprecated, |entry| deprecated(entry));
    Value::Map(fields.0)
}

fn options(fields: &mut WrittenFields, target: &TargetEntry, secrets: Secrets) {
    fields.add("endpoint", &target.endpoint, |url| {
        secrets.url(url.as_written())
    });
    fields.add("params", &target.params, |params| {
        Value::Map((**params).clone())
    });
    fields.add("timeout", &target.timeout, |&timeout| {
        duration::write(timeout).into()
    });
}

fn conditions(words: &[Located<Condition>]) -> Value {
    Value::List(
        words
            .iter()
            .map(|word| word.value.to_string().into())
            .collect(),
    )
}

fn guardrails(entry: &GuardrailsEntry) -> Value {
    let mut fields = WrittenFields::default();
    fields.add("max_latency", &entry.max_latency, |&limit| {
        duration::write(limit).into()
    });
    fields.add(
        "max_cost_per_request",
        &entry.max_cost_per_request,
        |cost| decimal(cost.as_picodollars(), 12),
    );
    fields.add("on_unverifiable", &entry.on_unverifiable, |word| {
        match word {
            OnUnverifiable::Refuse => "refuse",
            OnUnverifiable::Allow => "allow",
        }
        .into()
    });
    fields.add("mode", &entry.mode, |word| {
        match word {
            GuardrailMode::Enforce => "enforce",
            GuardrailMode::Monitor => "monitor",
        }
        .into()
    });
    fields.add("block_categories", &entry.block_categories, |categories| {
        Value::List(
            categories
                .iter()
                .map(|category| (&*category.value).into())
                .collect(),
        )
    });
    fields.add("content_filters", &entry.content_filters, |filters| {
        let entries = filters.iter().map(|filter| {
            let mut fields = WrittenFields::default();
            fields
                .0
                .insert("type".to_owned(), (&*filter.kind.value).into());
            fields.add("action", &filter.action, |action| {
                match action {
                    FilterAction::Redact => "redact",
                    FilterAction::Block => "block",
                }
                .into()
            });
            fields.0.extend(filter.options.clone());
            Value::Map(fields.0)
        });
        Value::List(entries.collect())
    });
    Value::Map(fields.0)
}

fn deprecated(entry: &DeprecatedEntry) -> Value {
    let mut fields = WrittenFields::default();
    fields.text("replacement", &entry.replacement);
    fields.text("sunset", &entry.sunset);
    fields.text("message", &entry.message);
    Value::Map(fields.0)
}

/// Writes a whole number as an integer, any other as a float.
fn number(value: Decimal) -> Value {
    match value.scaled(0) {
        Some(whole) => Value::Int(whole),
        None => Value::Float(value.to_f64()),
    }
}

/// `amount / 10^places` as a number. Exact: the amount came from at most 15 digits.
fn decimal(amount: u128, places: u32) -> Value {
    let unit = 10_u128.pow(places);
    if amount.is_multiple_of(unit) {
        return Value::Int(i128::try_from(amount / unit).unwrap_or(i128::MAX));
    }
    let width = places as usize;
    let text = format!("{}.{:0width$}", amount / unit, amount % unit);
    Value::Float(text.parse().unwrap_or(f64::NAN))
}
