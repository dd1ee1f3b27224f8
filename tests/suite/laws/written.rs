//! Checks that written configurations can be read again unchanged, and contain no secret.

use std::fs;
use std::path::{Path, PathBuf};

use model_aliases::{AliasResolver, Config, Request, Severity};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use super::reference::generate::names;
use super::reference::tree::Tree;
use super::{accepted, answer, codes, each, load, read};

/// A text that occurs nowhere else.
const SECRET: &str = "unmistakable";

/// Loads a configuration with the same seed each time.
fn resolver(config: &Config) -> AliasResolver {
    AliasResolver::builder(config.clone())
        .seed(7)
        .build()
        .unwrap()
}

/// Asserts that two configurations have the same content, warnings and resolutions.
#[track_caller]
fn are_same<S: AsRef<str>>(left: &Config, right: &Config, names: &[S], text: &str) {
    assert_eq!(left, right, "{text}");
    // Sections that are not ours are not written, misspelt ones included.
    let warnings = |config: &Config| {
        let mut warnings = codes(&config.check(), Severity::Warning);
        warnings.remove("misspelt-section");
        warnings
    };
    assert_eq!(warnings(left), warnings(right), "{text}");
    let (left, right) = (resolver(left), resolver(right));
    let mut rng = StdRng::seed_from_u64(names.len() as u64);
    for name in names.iter().map(AsRef::as_ref) {
        let request = Request::new(name).entropy(rng.random());
        assert_eq!(
            answer(&left, request),
            answer(&right, request),
            "{name}: {text}"
        );
    }
}

#[track_caller]
fn reads_back<S: AsRef<str>>(config: &Config, names: &[S]) {
    let text = config.to_yaml_with_secrets();
    let again = Config::from_yaml("written.yaml", &text).unwrap();
    are_same(config, &again, names, &text);
    assert_eq!(again.to_yaml_with_secrets(), text);
}

#[test]
fn what_is_written_reads_back() {
    let mut rng = StdRng::seed_from_u64(5);
    for (one, tree) in accepted(5) {
        // What is written always has the sections.
        if one.expected == Some("nothing-found") {
            continue;
        }
        reads_back(&read(&one).unwrap(), &names(&tree, &mut rng));
    }
}

/// Files that load: the golden ones, and those of the corpus if it is present.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = std::env::var_os("MODEL_ALIASES_CORPUS")
        .map_or_else(|| root.join("../shared/corpus"), PathBuf::from);
    let index = fs::read_to_string(corpus.join("plano/index.json")).unwrap_or("[]".to_owned());
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let accepted = index.as_array().unwrap().iter();
    let mut files: Vec<PathBuf> = accepted
        .filter(|file| file["verdict"] == "accepted")
        .map(|file| corpus.join("plano").join(file["file"].as_str().unwrap()))
        .collect();
    let golden = fs::read_dir(root.join("tests/golden/good"));
    let golden = golden
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    files.extend(golden.filter(|path| path.extension().is_some_and(|end| end == "yaml")));
    files
}

#[test]
fn real_files_read_back() {
    let files = files();
    for path in &files {
        let config = Config::from_yaml("config.yaml", fs::read(path).unwrap()).unwrap();
        if config
            .check()
            .iter()
            .any(|one| one.severity() == Severity::Error)
        {
            // A golden file may need words that its own test registers.
            let again = Config::from_yaml("config.yaml", config.to_yaml_with_secrets());
            assert_eq!(config, again.unwrap(), "{}", path.display());
            continue;
        }
        let mut names: Vec<String> = config.aliases().map(|one| one.name().to_owned()).collect();
        for entry in config.providers() {
            let model = entry.model().unwrap();
            let id = model.split_once('/').map(|(_, id)| id);
            let known = [entry.name(), Some(model), id].into_iter().flatten();
            names.extend(known.map(|name| name.replace('*', "some-model")));
        }
        reads_back(&config, &names);
    }
    println!("written: {} files read back", files.len());
}

/// Replaces every access key and header with this value.
fn with_keys(tree: &Tree, key: &str) -> Tree {
    let mut tree = tree.clone();
    each(&mut tree, "access_key", &mut |value| *value = key.into());
    each(&mut tree, "headers", &mut |headers| {
        if let Tree::Map(headers) = headers {
            for (_, value) in headers {
                *value = key.into();
            }
        }
    });
    tree
}

/// Puts a secret in every place that may hold one.
fn with_secrets(tree: &Tree) -> Tree {
    let mut tree = with_keys(tree, &format!("sk-{SECRET}"));
    let url = |url: &mut Tree| {
        if let Tree::Text(text) = url {
            let public = text.replace("://", &format!("://me:{SECRET}@"));
            *text = format!("{public}/?key={SECRET}#{SECRET}");
        }
    };
    each(&mut tree, "base_url", &mut { url });
    each(&mut tree, "endpoint", &mut { url });
    for section in ["model_providers", "llm_providers"] {
        each(&mut tree, section, &mut |entries| {
            if let Tree::List(entries) = entries {
                for entry in entries {
                    // Misspelt, they are carried along and hold a secret all the same.
                    for (key, value) in [
                        ("acces_key", SECRET.into()),
                        ("header", Tree::List(vec![SECRET.into()])),
                    ] {
                        if entry.get(key).is_none() {
                            entry.push(key, value);
                        }
                    }
                }
            }
        });
    }
    tree
}

#[test]
fn nothing_but_what_asks_for_it_shows_a_secret() {
    let mut rng = StdRng::seed_from_u64(6);
    for (_, tree) in accepted(6) {
        let (text, config) = load(&with_secrets(&tree), &mut rng);
        let resolver = resolver(&config);
        let mut shown = vec![
            config.to_yaml(),
            serde_json::to_string(&config).unwrap(),
            format!("{config:?} {config:#?} {resolver:?}"),
        ];
        shown.extend(config.check().iter().map(|one| format!("{one} {one:?}")));
        for name in names(&tree, &mut rng) {
            let request = Request::new(&name).entropy(rng.random());
            shown.push(match resolver.resolve(request) {
                Ok(found) => format!("{found:?} {:?} {}", found.provider(), found.target()),
                Err(error) => format!("{error} {error:?}"),
            });
        }
        for shown in shown {
            assert!(!shown.contains(SECRET), "{shown}\n{text}");
        }
        let has_providers = config.providers().len() > 0;
        assert_eq!(
            config.to_yaml_with_secrets().contains(SECRET),
            has_providers,
            "{text}"
        );
        // What is hidden leaves a configuration that loads.
        let hidden = Config::from_yaml("hidden.yaml", config.to_yaml()).unwrap();
        assert!(AliasResolver::new(hidden).is_ok(), "{text}");
    }
}

/// A gateway file with sections besides ours.
#[derive(Debug, Serialize, Deserialize)]
struct Gateway {
    port: u16,
    #[serde(flatten)]
    routing: Config,
}

/// A gateway file with our sections nested deeper.
#[derive(Debug, Serialize, Deserialize)]
struct Nested {
    routing: Config,
    port: u16,
}

/// Removes every literal secret from the document.
fn without_secrets(tree: &Tree) -> Tree {
    let mut tree = with_keys(tree, "$KEY");
    each(&mut tree, "base_url", &mut |url| {
        if url.as_text().is_some_and(|text| text.contains('@')) {
            *url = "https://api.example.com".into();
        }
    });
    tree
}

#[test]
fn a_configuration_goes_through_other_formats() {
    let mut rng = StdRng::seed_from_u64(8);
    for (one, tree) in accepted(8) {
        // A misspelt field may hold a secret, so it is hidden. What is written always has the sections.
        if matches!(one.expected, Some("misspelt-field" | "nothing-found")) {
            continue;
        }
        let (text, config) = load(&without_secrets(&tree), &mut rng);
        let names = names(&tree, &mut rng);
        let json = serde_json::to_value(&config).unwrap();
        are_same(
            &config,
            &serde_json::from_value(json).unwrap(),
            &names,
            &text,
        );

        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(config, serde_json::from_str(&json).unwrap(), "{text}");

        let yaml = serde_yaml::to_string(&config).unwrap();
        assert_eq!(yaml, config.to_yaml());
        assert_eq!(config, serde_yaml::from_str(&yaml).unwrap(), "{text}");

        let gateway = Gateway {
            port: 80,
            routing: config.clone(),
        };
        let json = serde_json::to_string(&gateway).unwrap();
        let again: Gateway = serde_json::from_str(&json).unwrap();
        assert_eq!((again.port, &again.routing), (80, &config), "{text}");

        let nested = Nested {
            routing: gateway.routing,
            port: 80,
        };
        let json = serde_json::to_string(&nested).unwrap();
        let again: Nested = serde_json::from_str(&json).unwrap();
        assert_eq!((again.port, &again.routing), (80, &config), "{text}");
    }
}

#[test]
fn a_problem_behind_flatten_has_a_path() {
    let yaml = "
port: 80
model_providers: [{model: openai/gpt-4o}]
model_aliases: {arch.v1: {target: gpt-4}, 'x y': gpt-4o}
";
    let gateway: Gateway = serde_yaml::from_str(yaml).unwrap();
    let found: Vec<String> = gateway
        .routing
        .check()
        .iter()
        .map(|one| format!("{}: {}", one.location(), one.code()))
        .collect();
    assert_eq!(
        found,
        [
            "model_aliases.arch.v1.target: unknown-target",
            "model_aliases.x y: invalid-alias-name",
        ]
    );
}
