//! Looks up the variables of a configuration.

use super::configuration::Config;
use super::entry;
use crate::base::problem::Code;
use crate::base::secret::Secret;
use crate::base::text::Quoted;

impl Config {
    /// Looks up the variables in access keys, header values, base URLs and endpoints.
    ///
    /// An access key or header value is either a variable as a whole, `$VAR` or `${VAR}`, or a
    /// literal: `Bearer $VAR` stays as it is. A URL may begin with a variable, as in `$HOST/v1`.
    ///
    /// [`to_yaml`](Self::to_yaml) still writes the references. [`Secret::expose`] and the provider
    /// of a resolution return the values. A variable without a value is a problem that
    /// [`check`](Self::check) reports.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use model_aliases::{AliasResolver, Config, Secret};
    ///
    /// let text = "model_providers: [{model: openai/gpt-4o, access_key: $KEY}]";
    /// let config = Config::from_yaml("config.yaml", text)?
    ///     .variables(|name| (name == "KEY").then(|| "sk-1".to_owned()));
    /// let resolver = AliasResolver::new(config)?;
    /// let route = resolver.resolve("gpt-4o")?;
    /// assert_eq!(route.provider().access_key().and_then(Secret::expose), Some("sk-1"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn variables(mut self, mut lookup: impl FnMut(&str) -> Option<String>) -> Self {
        let Self {
            providers,
            aliases,
            findings,
            ..
        } = &mut self;
        let mut expand = |document, at: &mut entry::Located<Secret>, url: bool| {
            // A URL may continue after its variable; a key must be a variable as a whole.
            let variable = match at.value.variable() {
                Some(name) => Some((name, "")),
                None if url => at.value.leading_variable(),
                None => None,
            };
            let Some((name, rest)) = variable else {
                return;
            };
            if let Some(mut value) = lookup(name) {
                value.push_str(rest);
                at.value.set_value(value);
            } else {
                findings.report(
                    document,
                    at.node,
                    Code::UnsetVariable,
                    format!("variable {} is not set", Quoted(name)),
                    "set it where the service runs, or correct its name",
                );
            }
        };
        for entry in providers {
            let document = entry.document;
            for (field, url) in [(&mut entry.access_key, false), (&mut entry.base_url, true)] {
                if let entry::Field::Set(at) = field {
                    expand(document, at, url);
                }
            }
            if let entry::Field::Set(headers) = &mut entry.headers {
                for at in headers.value.values_mut() {
                    expand(document, at, false);
                }
            }
        }
        for entry in aliases {
            let document = entry.document;
            for target in entry.body.entries_mut() {
                if let entry::Field::Set(at) = &mut target.endpoint {
                    expand(document, at, true);
                }
            }
        }
        self
    }
}
