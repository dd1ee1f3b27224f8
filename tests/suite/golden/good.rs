//! The answers of good configurations.
//!
//! The test asks each file for the name of each alias, the `name` and the `model` of each provider, and the names in
//! a comment `# ask: one, two`. The answers, in that order:
//!
//! - `name: unknown`, or `name: ambiguous, one or other`;
//! - otherwise `name` and, indented, every target that it can lead to, in alphabetical order: the
//!   target's text, `model` with the id to send, `at` with the URL, `via` with the aliases on
//!   the way, and what the request then carries: `params`, `timeout`, `within` guardrails,
//!   `deprecated`.
//!
//! Then follow the fallbacks of each alias that has any, the resolver's lists, and warnings.
//!
//! If `<name>.overlay.yaml` exists, it overlays `<name>.yaml`; `<name>.overlay.answers` holds the
//! answers of both together.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use model_aliases::{
    AliasEntry, AliasResolver, Config, Guardrails, Request, Resolution, ResolveError,
};

use super::{Comparison, file_name, files, folder};

/// How many times the test asks for a name. The rarest target of the files has a chance of 1 in 200, so every target
/// appears; the random bits are fixed.
const ASKED: u64 = 4_000;

#[test]
fn good_files_lead_where_they_say() {
    let mut comparison = Comparison::default();
    let files = files("good", ".yaml");
    for path in files.iter().filter(|path| !is_overlay(path)) {
        let text = fs::read_to_string(path).unwrap();
        let base = Config::from_yaml(file_name(path), &text).unwrap();
        comparison.compare(
            &path.with_extension("answers"),
            &answers(base.clone(), &text),
        );
        let overlay = path.with_extension("overlay.yaml");
        if overlay.is_file() {
            let over = Config::from_yaml(file_name(&overlay), fs::read(&overlay).unwrap());
            comparison.compare(
                &path.with_extension("overlay.answers"),
                &answers(base.overlay(over.unwrap()), &text),
            );
        }
    }
    comparison.done();
    for answers in super::files("good", ".answers") {
        assert!(
            answers.with_extension("yaml").is_file(),
            "{} has no configuration",
            answers.display()
        );
    }
}

/// A good file gives the same answers after it is written and read again.
#[test]
fn good_files_survive_being_written() {
    for path in files("good", ".yaml")
        .iter()
        .filter(|path| !is_overlay(path))
    {
        let text = fs::read_to_string(path).unwrap();
        let config = Config::from_yaml(file_name(path), &text).unwrap();
        let written = config.to_yaml_with_secrets();
        let again = Config::from_yaml(file_name(path), &written).unwrap();
        assert_eq!(config, again, "{written}");
        let without_places = |config| {
            let answers = answers(config, &text);
            answers.split("\nwarning").next().unwrap().to_owned()
        };
        assert_eq!(without_places(config), without_places(again));
    }
}

#[test]
fn there_are_enough_good_files() {
    assert!(folder("good").join("team.overlay.yaml").is_file());
    assert!(files("good", ".yaml").len() >= 12);
}

fn is_overlay(path: &Path) -> bool {
    file_name(path).ends_with(".overlay.yaml")
}

fn answers(config: Config, text: &str) -> String {
    let names = names(&config, text);
    let chains: Vec<String> = config.aliases().filter_map(chain).collect();
    let resolver = AliasResolver::new(config).unwrap();
    let mut answers = String::new();
    for name in names {
        answer(&resolver, &name, &mut answers);
    }
    for chain in chains {
        writeln!(answers, "{chain}").unwrap();
    }
    for model in resolver.models() {
        writeln!(answers, "lists {}", model.id()).unwrap();
    }
    for warning in resolver.warnings() {
        let (code, place) = (warning.code(), warning.location());
        writeln!(answers, "warning[{code}] {place}").unwrap();
    }
    answers
}

/// The names to ask for, without duplicates.
fn names(config: &Config, text: &str) -> Vec<String> {
    let mut names: Vec<String> = config
        .aliases()
        .map(|alias| alias.name().to_owned())
        .collect();
    let providers = config.providers();
    let declared = providers.flat_map(|entry| [entry.name(), entry.model()]);
    names.extend(declared.flatten().map(str::to_owned));
    let asked = text.lines().filter_map(|line| line.strip_prefix("# ask: "));
    names.extend(asked.flat_map(|list| list.split(", ").map(str::to_owned)));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn answer(resolver: &AliasResolver, name: &str, answers: &mut String) {
    let mut targets = BTreeSet::new();
    for at in 0..ASKED {
        let bits = at * (u64::MAX / ASKED);
        match resolver.resolve(Request::new(name).entropy(bits)) {
            Ok(route) => {
                assert_eq!(route.asked(), name);
                targets.insert(line(&route));
            }
            Err(ResolveError::UnknownName { .. }) => {
                writeln!(answers, "{name}: unknown").unwrap();
                return;
            }
            Err(ResolveError::AmbiguousName { candidates, .. }) => {
                writeln!(answers, "{name}: ambiguous, {}", candidates.join(" or ")).unwrap();
                return;
            }
            Err(other) => panic!("{name}: {other}"),
        }
    }
    writeln!(answers, "{name}").unwrap();
    for target in targets {
        writeln!(answers, "  {target}").unwrap();
    }
}

fn line(route: &Resolution<'_>) -> String {
    let mut line = format!("{}  model {}", route.target(), route.model());
    let mut add = |word: &str, value: String| write!(line, "  {word} {value}").unwrap();
    if let Some(endpoint) = route.endpoint() {
        add("at", endpoint.to_owned());
    }
    let path: Vec<&str> = route.alias_path().collect();
    if !path.is_empty() {
        add("via", path.join(" > "));
    }
    if let Some(params) = route.params() {
        add("params", serde_json::to_string(params).unwrap());
    }
    if let Some(timeout) = route.timeout() {
        add("timeout", milliseconds(timeout));
    }
    for limits in route.guardrails() {
        add("within", guardrails(limits));
    }
    if let Some(notice) = route.deprecation() {
        add("deprecated", serde_json::to_string(notice).unwrap());
    }
    line
}

fn milliseconds(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}

fn guardrails(limits: &Guardrails) -> String {
    let mut words = vec![
        format!("{:?}", limits.mode()).to_lowercase(),
        format!("{:?}", limits.on_unverifiable()).to_lowercase(),
    ];
    words.extend(limits.max_latency().map(milliseconds));
    words.extend(limits.max_cost_per_request().map(|cost| cost.to_string()));
    words.extend(limits.block_categories().map(|name| format!("no {name}")));
    for filter in limits.content_filters() {
        let options = serde_json::to_string(filter.options()).unwrap();
        words.push(format!("{} {:?} {options}", filter.kind(), filter.action()).to_lowercase());
    }
    format!("({})", words.join(", "))
}

fn chain(alias: &AliasEntry) -> Option<String> {
    let steps: Vec<&str> = alias
        .fallbacks()
        .map(|step| step.reference().unwrap())
        .collect();
    (!steps.is_empty()).then(|| format!("{} falls back to {}", alias.name(), steps.join(", ")))
}
