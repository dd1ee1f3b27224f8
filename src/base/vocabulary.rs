//! [`Vocabulary`]: the words that an embedder adds to the format.

use std::collections::BTreeSet;

use crate::base::text::Quoted;

/// Collects the words that an embedder registers for use in configurations: balancing algorithms,
/// conditions, content filters, categories and a catalog of models.
///
/// Pass it to [`Config::check_with`](crate::Config::check_with) and to
/// [`ResolverBuilder::vocabulary`](crate::ResolverBuilder::vocabulary). The builder itself adds only the names of the
/// selectors and checks that are registered with it, and its own catalog.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    pub(crate) algorithms: BTreeSet<String>,
    pub(crate) conditions: BTreeSet<String>,
    pub(crate) filters: BTreeSet<String>,
    pub(crate) categories: BTreeSet<String>,
    /// Whether a category or filter that nothing checks is an error.
    pub(crate) requires_checks: bool,
    /// `(provider, model id)`.
    pub(crate) catalog: Vec<(String, String)>,
    /// Catalog entries that are not of the form `provider/model`.
    pub(crate) faulty: Vec<String>,
}

/// The built-in algorithms.
pub(crate) const ALGORITHMS: &[&str] = &["round_robin", "least_connections", "weighted", "sticky"];

impl Vocabulary {
    /// Creates a vocabulary with the built-in words only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a balancing algorithm.
    #[must_use]
    pub fn algorithm(mut self, name: impl Into<String>) -> Self {
        self.algorithms.insert(name.into());
        self
    }

    /// Adds a condition.
    #[must_use]
    pub fn condition(mut self, word: impl Into<String>) -> Self {
        self.conditions.insert(word.into());
        self
    }

    /// Adds a type of content filter that the embedder checks.
    #[must_use]
    pub fn filter(mut self, kind: impl Into<String>) -> Self {
        self.filters.insert(kind.into());
        self
    }

    /// Adds a category that the embedder checks. Categories are compared case-insensitively.
    #[must_use]
    pub fn category(mut self, name: impl Into<String>) -> Self {
        self.categories.insert(name.into().to_lowercase());
        self
    }

    /// Adds models that wildcards cover, each as `provider/model`, so that their bare ids resolve.
    #[must_use]
    pub fn catalog<S: AsRef<str>>(mut self, models: impl IntoIterator<Item = S>) -> Self {
        for model in models {
            match model.as_ref().split_once('/') {
                Some((provider, id)) if !provider.is_empty() && !id.is_empty() => {
                    self.catalog.push((provider.to_owned(), id.to_owned()));
                }
                _ => self.faulty.push(Quoted(model.as_ref()).to_string()),
            }
        }
        self
    }

    /// Adds all words of another vocabulary.
    pub(crate) fn add(&mut self, other: Self) {
        let Self {
            algorithms,
            conditions,
            filters,
            categories,
            requires_checks,
            catalog,
            faulty,
        } = other;
        self.algorithms.extend(algorithms);
        self.conditions.extend(conditions);
        self.filters.extend(filters);
        self.categories.extend(categories);
        self.requires_checks |= requires_checks;
        self.catalog.extend(catalog);
        self.faulty.extend(faulty);
    }

    pub(crate) fn knows_algorithm(&self, name: &str) -> bool {
        ALGORITHMS.contains(&name) || self.algorithms.contains(name)
    }

    /// Whether something checks a content filter of this type.
    pub(crate) fn checks_filter(&self, kind: &str) -> bool {
        kind == "sensitive_data" || self.filters.contains(kind)
    }

    /// Whether something checks this category.
    pub(crate) fn checks_category(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case("PII") || self.categories.contains(&name.to_lowercase())
    }
}
