//! Looks up the variables of a configuration.

use super::configuration::Config;
use super::entry::{Field, Located};
use crate::base::problem::Code;
use crate::base::secret::{Secret, url_fault};
use crate::base::text::{Quoted, list};

impl Config {
    /// Looks up the variables in access keys, headers, base URLs, endpoints and `http_host`.
    ///
    /// A reference is `$VAR` as a whole text, or `${VAR}` and `${VAR:-default}` anywhere in one, as in
    /// `Bearer ${VAR}`. The default applies if the variable is unset or empty. `$${` stands for a plain
    /// `${`. A URL may also begin with `$VAR`, as in `$HOST/v1`. A value is not expanded again.
    ///
    /// [`to_yaml`](Self::to_yaml) still writes the references. [`Secret::expose`] and the provider
    /// of a resolution return the values. A variable without value and default, and a value with a control
    /// character, are problems that [`check`](Self::check) reports. Without a call of this method the
    /// references stay: [`Secret::variables`] returns the names, for a process that looks them up itself.
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
        let mut expand = |document, at: &mut Located<Secret>, is_url: bool| {
            if at.value.variables().next().is_none() {
                return;
            }
            let mut report = |code, message, help: &str| {
                findings.report(document, at.node, code, message, help);
            };
            match at.value.look_up(&mut lookup) {
                Ok(()) => {}
                Err(unset) => {
                    for name in unset {
                        report(
                            Code::UnsetVariable,
                            format!("variable {} is not set", Quoted(&name)),
                            "set it where the service runs, or correct its name",
                        );
                    }
                    return;
                }
            }
            let names: Vec<String> = at.value.variables().map(str::to_owned).collect();
            let names = list(names.iter().map(String::as_str), "and");
            let value = at.value.value_or_written();
            if value.contains(char::is_control) {
                report(
                    Code::ControlCharacter,
                    format!("the value of {names} contains a control character"),
                    "remove it; it is often a line end that was read with the value",
                );
            } else if value.is_empty() {
                report(
                    Code::SuspiciousSecret,
                    format!("the value of {names} is empty"),
                    "set the variable, or write a default as `${NAME:-default}`",
                );
            } else if let Some(fault) = url_fault(value).filter(|_| is_url) {
                report(
                    Code::SuspiciousSecret,
                    format!("the value of {names} makes a URL that cannot be used: {fault}"),
                    "it should read `https://host`, with port and path if needed",
                );
            }
        };
        for entry in providers {
            let document = entry.document;
            for (field, is_url) in [
                (&mut entry.access_key, false),
                (&mut entry.base_url, true),
                (&mut entry.http_host, false),
            ] {
                if let Field::Set(at) = field {
                    expand(document, at, is_url);
                }
            }
            if let Field::Set(headers) = &mut entry.headers {
                for at in headers.value.values_mut() {
                    expand(document, at, false);
                }
            }
        }
        for entry in aliases {
            let document = entry.document;
            for target in entry.body.entries_mut() {
                if let Field::Set(at) = &mut target.endpoint {
                    expand(document, at, true);
                }
            }
        }
        self
    }
}
