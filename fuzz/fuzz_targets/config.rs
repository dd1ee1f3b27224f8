//! Any bytes as a configuration: read, checked, built, asked, written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model_aliases::{AliasResolver, Config, RoutingTests, Severity};

/// Names beside those that the configuration itself holds.
const NAMES: &[&str] = &[
    "",
    "a",
    "gpt-4o",
    "openai/gpt-4o",
    "openai/*",
    "anthropic/any/id",
    "a\0b",
];

fuzz_target!(|bytes: &[u8]| {
    let config = match Config::from_yaml("fuzz.yaml", bytes) {
        Ok(config) => config,
        Err(error) => {
            assert_eq!(
                error.problems().len(),
                1,
                "reading stops at the first problem"
            );
            let _ = error.to_string();
            return;
        }
    };
    let tests = match RoutingTests::from_yaml("fuzz.yaml", bytes) {
        Ok(tests) => tests,
        Err(error) => {
            let _ = error.to_string();
            RoutingTests::default()
        }
    };
    let problems = config.check();
    for problem in &problems {
        let _ = problem.to_string();
    }
    let sound = problems
        .iter()
        .all(|problem| problem.severity() == Severity::Warning);

    let _ = format!("{config:?} {}", config.to_yaml());
    let written = config.to_yaml_with_secrets();
    let aliases: Vec<String> = config
        .aliases()
        .map(|alias| alias.name().to_owned())
        .collect();
    let models: Vec<String> = config
        .providers()
        .filter_map(|provider| Some(provider.model()?.to_owned()))
        .collect();

    if sound {
        let again = Config::from_yaml("written.yaml", &written);
        assert!(
            again.is_ok_and(|again| again == config),
            "parse ∘ write is not the identity"
        );
    }

    match AliasResolver::builder(config).seed(1).build() {
        Err(error) => {
            assert!(!sound, "check finds what build finds");
            assert_eq!(error.into_problems(), problems);
        }
        Ok(resolver) => {
            assert!(sound, "build refuses what check refuses");
            for alias in &aliases {
                assert!(
                    resolver.resolve(alias).is_ok(),
                    "an alias of a sound configuration"
                );
            }
            for name in models
                .iter()
                .map(String::as_str)
                .chain(NAMES.iter().copied())
            {
                match resolver.resolve(name) {
                    Ok(route) => {
                        assert_eq!(route.asked(), name);
                        let _ = format!("{route:?} {:?}", route.provider());
                    }
                    Err(error) => {
                        let _ = error.to_string();
                    }
                }
            }
            let _ = resolver.models().count();
            let _ = tests.run(&resolver).to_string();
        }
    }
});
