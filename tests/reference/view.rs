//! The content of a configuration, read without checks: its entries, its aliases and the look-ups.
//!
//! The checker and the resolver both use it. It skips values of the wrong shape; the checker reports them.

use super::tree::Tree;

/// The two spellings of the provider section.
pub(crate) const PROVIDER_SECTIONS: [&str; 2] = ["model_providers", "llm_providers"];

/// The fields that belong to one target. Beside a list or an alias they have no meaning.
pub(crate) const TARGET_FIELDS: [&str; 3] = ["endpoint", "params", "timeout"];

/// Both of our sections.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) aliases: Vec<Alias<'a>>,
}

/// One entry of the provider section.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) node: &'a Tree,
    pub(crate) name: Option<&'a str>,
    pub(crate) home: Home,
}

/// What an entry declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Home {
    Model {
        prefix: String,
        id: String,
    },
    Wildcard {
        prefix: String,
    },
    /// Nothing, because of this problem.
    Broken(&'static str),
}

/// One alias. An alias that is broken as a whole has no steps.
#[derive(Debug)]
pub(crate) struct Alias<'a> {
    pub(crate) name: &'a str,
    pub(crate) node: &'a Tree,
    /// The step of `target:`, or of the short form.
    pub(crate) target: Option<Step<'a>>,
    pub(crate) members: Vec<Step<'a>>,
    pub(crate) fallbacks: Vec<Step<'a>>,
}

/// A reference with the map that contains it (in a short form, the text itself).
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) node: &'a Tree,
    pub(crate) reference: Option<&'a str>,
}

/// The result of looking up a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hit {
    Model {
        entry: usize,
        id: String,
    },
    Alias(usize),
    /// More than one entry, so the reference is ambiguous.
    Several(Vec<usize>),
    /// An entry that exists but has a problem of its own.
    Broken,
    Nothing,
}

/// The identity by which two members of a group are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    Model {
        entry: usize,
        id: String,
        endpoint: Option<String>,
    },
    Group(String),
}

impl<'a> View<'a> {
    pub(crate) fn new(tree: &'a Tree) -> Self {
        let sections = PROVIDER_SECTIONS.iter().filter_map(|name| tree.get(name));
        let nodes = sections.flat_map(Tree::items);
        let mut aliases: Vec<Alias<'a>> = Vec::new();
        for (name, node) in tree.get("model_aliases").map_or(&[][..], Tree::fields) {
            if aliases.iter().all(|alias| alias.name != name) {
                aliases.push(Alias::new(name, node));
            }
        }
        Self {
            entries: nodes.map(Entry::new).collect(),
            aliases,
        }
    }

    /// Looks up a name that a client sends: aliases take precedence.
    pub(crate) fn requested(&self, name: &str) -> Hit {
        match self.alias(name) {
            Some(index) => Hit::Alias(index),
            None => self.reference(name),
        }
    }

    /// Looks up the value of `target:` or `model:`. The first rule that matches wins.
    pub(crate) fn reference(&self, text: &str) -> Hit {
        self.named(text)
            .or_else(|| self.declared(text, |prefix, id| behind(prefix, text) == Some(id)))
            .or_else(|| self.declared(text, |_, id| id == text))
            .or_else(|| self.broken(text))
            .or_else(|| self.covered(text))
            .or_else(|| self.alias(text).map(Hit::Alias))
            .unwrap_or(Hit::Nothing)
    }

    fn alias(&self, name: &str) -> Option<usize> {
        self.aliases.iter().position(|alias| alias.name == name)
    }

    /// An entry with this `name`. A wildcard's name is not a reference.
    fn named(&self, text: &str) -> Option<Hit> {
        let named = |entry: &Entry<'_>| entry.name == Some(text) && !entry.is_wildcard();
        let entry = self.entries.iter().position(named)?;
        Some(match &self.entries[entry].home {
            Home::Model { id, .. } => Hit::Model {
                entry,
                id: id.clone(),
            },
            _ => Hit::Broken,
        })
    }

    /// An entry with this `model` that declares nothing.
    fn broken(&self, text: &str) -> Option<Hit> {
        let mut entries = self.entries.iter();
        let broken = |entry: &Entry<'_>| {
            matches!(entry.home, Home::Broken(_)) && entry.node.text_at("model") == Some(text)
        };
        entries.any(broken).then_some(Hit::Broken)
    }

    /// The models for which `wanted(prefix, id)` holds.
    ///
    /// A model that is declared twice without the required names is already one problem, so it counts once here and
    /// makes no reference ambiguous.
    fn declared(&self, text: &str, wanted: impl Fn(&str, &str) -> bool) -> Option<Hit> {
        let mut found: Vec<usize> = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let Home::Model { prefix, id } = &entry.home else {
                continue;
            };
            let twice = found
                .iter()
                .any(|&other| self.entries[other].home == entry.home)
                && !self.told_apart(&entry.home);
            if wanted(prefix, id) && !twice {
                found.push(index);
            }
        }
        // What the gateway adds for itself makes no name ambiguous.
        let is_internal =
            |&entry: &usize| self.entries[entry].node.get("internal") == Some(&Tree::Bool(true));
        if found.len() > 1 && found.iter().all(is_internal) {
            let is_declared =
                |&&entry: &&usize| self.entries[entry].node.text_at("model") == Some(text);
            if found.iter().any(|entry| is_declared(&entry)) {
                found.retain(|entry| is_declared(&entry));
            }
            let home = &self.entries[found[0]].home;
            if found.iter().all(|&entry| self.entries[entry].home == *home) {
                found.sort_by_key(|&entry| self.entries[entry].name);
                found.truncate(1);
            }
        } else if found.len() > 1 {
            found.retain(|entry| !is_internal(entry));
        }
        match found[..] {
            [] => None,
            [entry] => match &self.entries[entry].home {
                Home::Model { id, .. } => Some(Hit::Model {
                    entry,
                    id: id.clone(),
                }),
                _ => None,
            },
            _ => Some(Hit::Several(found)),
        }
    }

    /// Whether each of the entries that declare this has a name of its own.
    fn told_apart(&self, home: &Home) -> bool {
        let same = self.entries.iter().filter(|entry| entry.home == *home);
        let names: Vec<Option<&str>> = same.map(|entry| entry.name).collect();
        let own = |name| names.iter().filter(|&&other| other == name).count() == 1;
        names.iter().all(|&name| name.is_some() && own(name))
    }

    /// `<prefix>/<id>` under a wildcard; of two equal wildcards the later one serves.
    fn covered(&self, text: &str) -> Option<Hit> {
        let mut served = None;
        for (entry, candidate) in self.entries.iter().enumerate() {
            if let Home::Wildcard { prefix } = &candidate.home
                && let Some(id) = behind(prefix, text)
                && !id.is_empty()
                && id != "*"
            {
                let id = id.to_owned();
                served = Some(Hit::Model { entry, id });
            }
        }
        served
    }

    /// The identity of what a step leads to; `None` if that is broken or in a cycle.
    pub(crate) fn identity(&self, step: &Step<'_>) -> Option<Identity> {
        self.identity_beyond(step, &mut Vec::new())
    }

    fn identity_beyond(&self, step: &Step<'_>, passed: &mut Vec<usize>) -> Option<Identity> {
        match self.reference(step.reference?) {
            Hit::Model { entry, id } => Some(Identity::Model {
                entry,
                id,
                endpoint: step.node.text_at("endpoint").map(str::to_owned),
            }),
            Hit::Alias(index) if !passed.contains(&index) => {
                passed.push(index);
                let alias = &self.aliases[index];
                match alias.only_step() {
                    Some(next) => self.identity_beyond(next, passed),
                    None => Some(Identity::Group(alias.name.to_owned())),
                }
            }
            _ => None,
        }
    }

    /// Whether two members of a group have the same identity.
    pub(crate) fn has_equal_members(&self, alias: &Alias<'_>) -> bool {
        let mut seen: Vec<Identity> = Vec::new();
        alias.members.iter().any(|step| {
            let identity = self.identity(step);
            let equal = identity.as_ref().is_some_and(|one| seen.contains(one));
            seen.extend(identity);
            equal
        })
    }

    /// The aliases that this one names in its targets and fallbacks.
    pub(crate) fn next(&self, alias: usize) -> Vec<usize> {
        let hits =
            self.aliases[alias]
                .steps()
                .filter_map(|step| match self.reference(step.reference?) {
                    Hit::Alias(index) => Some(index),
                    _ => None,
                });
        hits.collect()
    }

    /// Every alias reachable from this one; itself only if there is a cycle.
    pub(crate) fn reachable(&self, alias: usize) -> Vec<usize> {
        let mut reached: Vec<usize> = Vec::new();
        let mut open = self.next(alias);
        while let Some(index) = open.pop() {
            if !reached.contains(&index) {
                reached.push(index);
                open.extend(self.next(index));
            }
        }
        reached
    }
}

impl<'a> Entry<'a> {
    fn new(node: &'a Tree) -> Self {
        Self {
            node,
            name: node.text_at("name"),
            home: home(node),
        }
    }

    pub(crate) fn is_wildcard(&self) -> bool {
        matches!(self.home, Home::Wildcard { .. })
    }

    /// The provider name in an answer: the entry's `name`, else its `model` as written.
    pub(crate) fn label(&self) -> String {
        let written = self.name.or_else(|| self.node.text_at("model"));
        written.unwrap_or_default().to_owned()
    }

    /// The text form of the target with this entry and this `id`.
    pub(crate) fn text_form(&self, id: &str) -> String {
        match (&self.home, self.name) {
            (Home::Model { .. }, Some(name)) => name.to_owned(),
            (Home::Model { prefix, .. } | Home::Wildcard { prefix }, _) => format!("{prefix}/{id}"),
            (Home::Broken(_), _) => String::new(),
        }
    }
}

/// The part of the text after `<prefix>/`.
fn behind<'t>(prefix: &str, text: &'t str) -> Option<&'t str> {
    text.strip_prefix(prefix)?.strip_prefix('/')
}

/// Returns what an entry declares. The docs of [`super`] give the rules for the prefix.
fn home(node: &Tree) -> Home {
    let model = match node.get("model") {
        Some(Tree::Text(model)) => model.as_str(),
        Some(other) => return Home::Broken(no_text(other)),
        None if matches!(node, Tree::Map(_)) => return Home::Broken("missing-model"),
        None => return Home::Broken("wrong-type"),
    };
    if model.is_empty() {
        return Home::Broken("invalid-model");
    }
    let rendered = node
        .text_at("name")
        .and_then(|name| name.strip_suffix(model)?.strip_suffix('/'))
        .filter(|front| !front.is_empty());
    let (prefix, id) = if let Some(provider) = node.get("provider") {
        let Tree::Text(provider) = provider else {
            return Home::Broken(no_text(provider));
        };
        let id = behind(provider, model).unwrap_or(model);
        (provider.as_str(), id)
    } else if let Some(front) = rendered {
        (front, model)
    } else if let Some(parts) = model.split_once('/') {
        parts
    } else {
        match node.get("provider_interface") {
            Some(Tree::Text(interface)) => (interface.as_str(), model),
            Some(other) => return Home::Broken(no_text(other)),
            None => return Home::Broken("missing-provider"),
        }
    };
    if prefix.is_empty() || id.is_empty() || prefix.contains('*') {
        Home::Broken("invalid-model")
    } else if id == "*" {
        Home::Wildcard {
            prefix: prefix.to_owned(),
        }
    } else if id.contains('*') {
        Home::Broken("invalid-model")
    } else {
        Home::Model {
            prefix: prefix.to_owned(),
            id: id.to_owned(),
        }
    }
}

/// The code for a value where text is required.
pub(crate) fn no_text(value: &Tree) -> &'static str {
    match value {
        Tree::List(_) | Tree::Map(_) => "wrong-type",
        _ => "unquoted-text",
    }
}

impl<'a> Alias<'a> {
    fn new(name: &'a str, node: &'a Tree) -> Self {
        let target = match node {
            Tree::Text(text) => Some(text.as_str()),
            _ => node.text_at("target"),
        };
        let balance = node.get("load_balance");
        let inside = balance.and_then(|balance| balance.get("targets"));
        let members = node.get("targets").or(inside).map_or(&[][..], Tree::items);
        let fallbacks = node.get("fallbacks").map_or(&[][..], Tree::items);
        Self {
            name,
            node,
            target: target.map(|text| Step {
                node,
                reference: Some(text),
            }),
            members: members
                .iter()
                .map(|node| Step::new(node, "model"))
                .collect(),
            fallbacks: fallbacks
                .iter()
                .map(|node| Step::new(node, "target"))
                .collect(),
        }
    }

    /// The steps that the alias tries first.
    pub(crate) fn primary(&self) -> impl Iterator<Item = &Step<'a>> {
        self.target.iter().chain(&self.members)
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step<'a>> {
        self.primary().chain(&self.fallbacks)
    }

    /// The one step of a plain alias; `None` if it has several targets or a fallback.
    pub(crate) fn only_step(&self) -> Option<&Step<'a>> {
        let mut steps = self.steps();
        let first = steps.next();
        if steps.next().is_some() { None } else { first }
    }

    pub(crate) fn balances(&self) -> bool {
        self.node.get("load_balance").is_some()
    }
}

impl<'a> Step<'a> {
    /// A step whose map holds the reference under `key`. A fallback may be the reference itself.
    fn new(node: &'a Tree, key: &str) -> Self {
        let short = node.as_text().filter(|_| key == "target");
        Self {
            node,
            reference: short.or_else(|| node.text_at(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::{list, map};
    use super::*;

    fn model(prefix: &str, id: &str) -> Home {
        Home::Model {
            prefix: prefix.to_owned(),
            id: id.to_owned(),
        }
    }

    #[test]
    fn an_entry_finds_its_prefix() {
        let wildcard = Home::Wildcard {
            prefix: "openai".to_owned(),
        };
        let rows: [(&[(&str, &str)], Home); 18] = [
            (&[("model", "openai/gpt-4o")], model("openai", "gpt-4o")),
            (&[("model", "t/meta/llama")], model("t", "meta/llama")),
            (
                &[("model", "gpt-4o"), ("provider", "openai")],
                model("openai", "gpt-4o"),
            ),
            (
                &[("model", "openai/gpt-4o"), ("provider", "openai")],
                model("openai", "gpt-4o"),
            ),
            (
                &[("model", "meta/llama"), ("provider", "t")],
                model("t", "meta/llama"),
            ),
            (
                &[("model", "gpt-4o"), ("name", "openai/gpt-4o")],
                model("openai", "gpt-4o"),
            ),
            (
                &[("model", "meta/llama"), ("name", "t/meta/llama")],
                model("t", "meta/llama"),
            ),
            (
                &[("model", "gpt-4o"), ("provider_interface", "openai")],
                model("openai", "gpt-4o"),
            ),
            (&[("model", "openai/*")], wildcard.clone()),
            (&[("model", "*"), ("name", "openai/*")], wildcard),
            (&[("model", "")], Home::Broken("invalid-model")),
            (&[("model", "openai/")], Home::Broken("invalid-model")),
            (&[("model", "/x")], Home::Broken("invalid-model")),
            (&[("model", "openai/gpt-*")], Home::Broken("invalid-model")),
            (&[("model", "*/x")], Home::Broken("invalid-model")),
            (&[("model", "gpt-4o")], Home::Broken("missing-provider")),
            (
                &[("model", "gpt-4o"), ("name", "/gpt-4o")],
                Home::Broken("missing-provider"),
            ),
            (&[("name", "a")], Home::Broken("missing-model")),
        ];
        for (fields, expected) in rows {
            let mut node = map([]);
            for (key, value) in fields {
                node.push(key, *value);
            }
            assert_eq!(home(&node), expected, "{fields:?}");
        }
    }

    #[test]
    fn references_are_looked_up_in_order() {
        let tree = map([
            (
                "model_providers",
                list([
                    map([("model", "openai/gpt-4o".into())]),
                    map([("model", "azure/gpt-4o".into())]),
                    map([("model", "azure/o3".into()), ("name", "one".into())]),
                    map([("model", "azure/o3".into()), ("name", "two".into())]),
                    map([("model", "xai/*".into()), ("name", "wild".into())]),
                    map([("model", "xai/*".into())]),
                    map([("model", "xai/grok".into()), ("name", "solo".into())]),
                ]),
            ),
            (
                "model_aliases",
                map([("solo", "one".into()), ("o3", "two".into())]),
            ),
        ]);
        let view = View::new(&tree);
        let found = |entry, id: &str| Hit::Model {
            entry,
            id: id.to_owned(),
        };
        let rows = [
            ("openai/gpt-4o", found(0, "gpt-4o")),
            ("gpt-4o", Hit::Several(vec![0, 1])),
            ("one", found(2, "o3")),
            ("azure/o3", Hit::Several(vec![2, 3])),
            ("o3", Hit::Several(vec![2, 3])),
            ("xai/any", found(5, "any")),
            ("xai/grok", found(6, "grok")),
            ("solo", found(6, "grok")),
            ("wild", Hit::Nothing),
            ("xai/*", Hit::Nothing),
            ("xai/", Hit::Nothing),
            ("zzz/gpt-4o", Hit::Nothing),
            ("GPT-4o", Hit::Nothing),
            ("", Hit::Nothing),
        ];
        for (text, expected) in rows {
            assert_eq!(view.reference(text), expected, "{text}");
        }
        assert_eq!(view.requested("solo"), Hit::Alias(0));
        assert_eq!(view.requested("o3"), Hit::Alias(1));
    }
}
