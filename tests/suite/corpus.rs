//! Real configurations, compared with the answers of a real gateway.

use std::fs;
use std::path::{Path, PathBuf};

use model_aliases::{AliasResolver, Config, Provider, ResolveError, Severity};
use serde_json::Value;

/// Returns the corpus folder, if it exists. Panics if `MODEL_ALIASES_CORPUS` names a folder without it.
pub(crate) fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("MODEL_ALIASES_CORPUS");
    let folder = named.as_ref().map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    if folder.join("plano/index.json").is_file() {
        return Some(folder);
    }
    assert!(
        named.is_none(),
        "MODEL_ALIASES_CORPUS names {}, where there is no corpus",
        folder.display()
    );
    println!("corpus: not there, nothing compared");
    None
}

/// The name of an entry in the index: its `name`, else its `model` as written.
fn entry(provider: &Provider) -> &str {
    provider.name().unwrap_or(provider.model())
}

#[test]
fn the_corpus_agrees() {
    let Some(folder) = folder() else {
        return;
    };
    let plano = folder.join("plano");
    let index = fs::read_to_string(plano.join("index.json")).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    let (mut accepted, mut lookups, mut refused) = (0, 0, 0);
    for file in index.as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        let text = fs::read(plano.join(name)).unwrap();
        let config = Config::from_yaml(name, &text).unwrap();
        if file["verdict"] == "accepted" {
            accepted += 1;
            lookups += compare(name, config, &file["lookups"]);
        } else {
            refused += 1;
            is_refused(name, config, &text);
        }
    }
    println!(
        "corpus: {accepted} of 101 files accepted, {lookups} of 2258 lookups agree, {refused} of 3 files refused"
    );
    assert_eq!((accepted, lookups, refused), (101, 2258, 3));
}

fn compare(name: &str, config: Config, lookups: &Value) -> usize {
    let resolver = AliasResolver::new(config).unwrap();
    let lookups = lookups.as_array().unwrap();
    for lookup in lookups {
        let asked = lookup["ask"].as_str().unwrap();
        let answer = resolver.resolve(asked);
        if lookup["found"].as_bool().unwrap() {
            let route = answer.unwrap_or_else(|e| panic!("{name}: {asked}: {e}"));
            assert_eq!(
                entry(route.provider()),
                lookup["provider"],
                "{name}: {asked}"
            );
            assert_eq!(route.model(), lookup["model"], "{name}: {asked}");
            assert_eq!(route.asked(), asked);
        } else {
            let error = answer.map(|route| route.target().into_owned());
            assert!(
                matches!(error, Err(ResolveError::UnknownName { .. })),
                "{name}: {asked}: {error:?}"
            );
        }
    }
    lookups.len()
}

/// Checks that a rejected file has one error, on the line of the mistake.
fn is_refused(name: &str, config: Config, text: &[u8]) {
    let error = AliasResolver::new(config).unwrap_err();
    let errors: Vec<_> = error
        .problems()
        .iter()
        .filter(|problem| problem.severity() == Severity::Error)
        .collect();
    assert_eq!(errors.len(), 1, "{name}: {error}");
    let line = errors[0].location().line().unwrap();
    let text = String::from_utf8_lossy(text);
    let (code, mistake, nth) = match name {
        "refused/1efc66028f.yaml" => ("duplicate-model", "- model: zhipu/glm-4.6", 1),
        "refused/4d69c033aa.yaml" => ("duplicate-name", "- name: test1", 1),
        "refused/60c6f57974.yaml" => ("wildcard-default", "default: true", 0),
        other => panic!("a new refused file: {other}"),
    };
    let expected = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains(mistake))
        .nth(nth)
        .map(|(at, _)| at + 1);
    assert_eq!((errors[0].code().as_str(), Some(line)), (code, expected));
}
