//! Hostile inputs: each gives an error or a correct answer, and allocates in proportion to its size.
//! `scripts/hostile` runs the same kinds at 2 MB, with a clock.

mod kinds;

use model_aliases::{AliasResolver, Code, Config, ConfigError, Severity};

use crate::counting::counted;

/// A kind of input.
struct Kind {
    name: &'static str,
    /// Makes an input of about this many bytes.
    make: fn(usize) -> Vec<u8>,
    end: End,
    /// The most bytes allocated per byte of input.
    most: usize,
}

/// The required result.
enum End {
    /// An error whose first problem has this code.
    Refused(Code),
    /// A resolver that sends `a` to `openai/gpt-4o`.
    Serves,
}

impl Kind {
    /// Loads an input of this kind and returns its allocations and result.
    fn run(&self, bytes: usize) -> Outcome {
        let input = (self.make)(bytes);
        let (result, allocated) = counted(|| load(&input));
        let said = match (&self.end, result) {
            (End::Serves, Ok(target)) if target == "openai/gpt-4o" => "serves".to_owned(),
            (End::Refused(code), Err(error)) if error.problems()[0].code() == *code => {
                // The error prints, and its text is short compared with the input.
                assert!(error.to_string().len() < 1_000 * error.problems().len());
                format!("{code}, {} in all", error.problems().len())
            }
            (_, Ok(target)) => format!("WRONG: serves {target}"),
            (_, Err(error)) => format!("WRONG: {}", error.problems()[0]),
        };
        Outcome {
            bytes: input.len(),
            allocated: allocated.bytes,
            said,
        }
    }
}

struct Outcome {
    bytes: usize,
    allocated: usize,
    said: String,
}

fn load(input: &[u8]) -> Result<String, ConfigError> {
    let resolver = AliasResolver::new(Config::from_yaml("config.yaml", input)?)?;
    let target = resolver
        .resolve("a")
        .map(|route| route.target().into_owned());
    Ok(target.unwrap_or_else(|error| error.to_string()))
}

/// Ordinary use of anchors is accepted.
#[test]
fn a_thousand_aliases_may_merge_a_mapping_of_ten_fields() {
    use std::fmt::Write;

    let mut text = "\
model_providers: [{model: openai/gpt-4o}]
common: &common
  fallbacks: [gpt-4o]
  guardrails: {max_latency: 5s, max_cost_per_request: 0.1, mode: monitor}
  redistribute: true
  max_attempts: 2
  description: of the team
  hidden: true
  params: {temperature: 0.2}
model_aliases:
"
    .to_owned();
    for at in 0..1_000 {
        let _ = writeln!(text, "  n{at}: {{<<: *common, target: gpt-4o}}");
    }
    let config = Config::from_yaml("config.yaml", &text).unwrap();
    assert_eq!(config.aliases().len(), 1_000);
    assert!(AliasResolver::new(config).is_ok());
}

#[test]
fn a_list_of_problems_ends_after_a_thousand_of_each_severity() {
    let numbered = |count: usize, piece: &str| -> String {
        let pieces = (0..count).map(|at| piece.replace('#', &at.to_string()));
        pieces.collect()
    };
    let text = format!("model_aliases: {{{}}}", numbered(1_234, "n#: x,"));
    let problems = Config::from_yaml("config.yaml", &text).unwrap().check();
    assert_eq!(problems.len(), 1_001);
    let (last, listed) = problems.split_last().unwrap();
    assert!(listed.iter().all(|p| p.code() == Code::UnknownTarget));
    assert_eq!(last.code(), Code::MoreProblems);
    assert_eq!(last.severity(), Severity::Warning);
    assert_eq!(
        last.message(),
        "the list ends here and leaves out 234 problems"
    );
    assert_eq!(last.location(), listed[999].location());

    // An error after any number of warnings is still reported.
    let text = numbered(900, "model_aliases#: 1\n") + &numbered(900, "model_#aliases: 1\n");
    let text = text + "model_aliases: {a: x}";
    let config = Config::from_yaml("config.yaml", text).unwrap();
    let error = AliasResolver::new(config).unwrap_err();
    let errors = error
        .problems()
        .iter()
        .filter(|p| p.severity() == Severity::Error);
    assert_eq!(errors.count(), 1);
    assert_eq!(error.problems().len(), 1_002);
}

/// Runs at 50 KB, or as the script asks: `MODEL_ALIASES_HOSTILE=kind:bytes`, or `list` to print the names.
#[test]
fn each_kind_ends_well_and_allocates_in_proportion() {
    match std::env::var("MODEL_ALIASES_HOSTILE").as_deref() {
        Ok("list") => kinds::all().for_each(|kind| println!("kind {}", kind.name)),
        Ok(one) => {
            let (name, bytes) = one.split_once(':').unwrap();
            let kind = kinds::all().find(|kind| kind.name == name).unwrap();
            println!("outcome {}", kind.run(bytes.parse().unwrap()).said);
        }
        Err(_) => {
            let mut over = 0;
            for kind in kinds::all() {
                let outcome = kind.run(50_000);
                let factor = outcome.allocated.div_ceil(outcome.bytes);
                let verdict = if factor <= kind.most { "ok" } else { "over" };
                over += usize::from(factor > kind.most);
                println!(
                    "{:32} {factor:4} of {:4} {verdict:4} {}",
                    kind.name, kind.most, outcome.said
                );
            }
            assert_eq!(over, 0, "kinds that allocate too much");
        }
    }
}
