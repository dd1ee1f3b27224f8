//! Checks README and the pages in `docs`: runs, loads or compares every code block, and checks every link.
//!
//! The first word after a fence is the language. The other words say what the block must do:
//!
//! - `rust`: a doc test, with no further words.
//! - `yaml [FILE] [over FILE] [warns CODE…|fails CODE…|foreign]`: a whole configuration, or an
//!   overlay over an earlier one, with exactly these problems, or none. `foreign` is YAML for another program:
//!   the crate finds no sections in it, and no other problems.
//! - `sh [exits N]`: tool commands, run in a folder with the files of the page so far.
//! - `text`, `mermaid`: the output of the previous block.
//! - `toml`: a dependency on the crate. `json`: any JSON.

pub(crate) mod blocks;
mod links;

use std::fs;
use std::path::{Path, PathBuf};

use model_aliases::{AliasResolver, Config, Problem};

use crate::program::{root, run_in};
use blocks::{Block, blocks};

/// Names of the pages, README first.
fn pages() -> Vec<String> {
    let mut names = vec!["README.md".to_owned()];
    let folder = fs::read_dir(root().join("docs")).unwrap();
    let files = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = files.filter(|name| is_kind(name, "md")).collect();
    files.sort();
    names.extend(files.iter().map(|name| format!("docs/{name}")));
    names
}

fn is_kind(file: &str, kind: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|found| found == kind)
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap()
}

/// Runs the blocks of a page in their order.
struct Session {
    folder: PathBuf,
    /// Output of the previous block.
    printed: Option<String>,
    counts: [usize; 4],
}

/// A page that shows tool commands also says how to install the tool.
const SETUP: &str = "cargo install --path . --example aliases\n";

impl Session {
    fn new(page: &str) -> Self {
        let name = page.replace(['/', '.'], "-");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("book")
            .join(name);
        fs::create_dir_all(&folder).unwrap();
        Self {
            folder,
            printed: None,
            counts: [0; 4],
        }
    }

    /// Runs one block and returns what is wrong with it.
    fn run(&mut self, block: &Block) -> Result<(), String> {
        let printed = self.printed.take();
        let words: Vec<&str> = block.info.split(' ').collect();
        match *words {
            ["rust"] => {
                self.counts[0] += 1;
                Ok(())
            }
            ["yaml", ref words @ ..] => {
                self.counts[1] += 1;
                self.yaml(words, &block.text)
            }
            ["sh", ref words @ ..] => {
                self.counts[2] += 1;
                self.shell(words, &block.text)
            }
            ["text" | "mermaid"] => {
                self.counts[3] += 1;
                match printed {
                    None => Err("nothing before it prints anything".to_owned()),
                    Some(printed) if printed == block.text => Ok(()),
                    Some(printed) => Err(format!("the block before it prints\n{printed}")),
                }
            }
            ["text", file] if is_kind(file, "txt") => {
                fs::write(self.folder.join(file), &block.text).unwrap();
                Ok(())
            }
            ["toml"] => dependency(&block.text),
            ["json"] => match serde_json::from_str::<serde_json::Value>(&block.text) {
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            },
            _ => Err("a block of unknown kind".to_owned()),
        }
    }

    fn yaml(&mut self, mut words: &[&str], text: &str) -> Result<(), String> {
        let mut name = "config.yaml";
        if let [file, rest @ ..] = words
            && is_kind(file, "yaml")
        {
            (name, words) = (file, rest);
            fs::write(self.folder.join(name), text).unwrap();
        }
        let mut base = None;
        if let ["over", file, rest @ ..] = words {
            (base, words) = (Some(file), rest);
        }
        let (fails, mut expected) = match words {
            [] => (false, &[][..]),
            ["foreign"] => (false, &["nothing-found"][..]),
            ["warns", codes @ ..] => (false, codes),
            ["fails", codes @ ..] => (true, codes),
            _ => return Err(format!("`{}` means nothing", words.join(" "))),
        };
        let read = Config::from_yaml(name, text);
        let (loads, problems, shown) = match read {
            Err(error) => (false, error.problems().to_vec(), error.to_string()),
            Ok(mut config) => {
                if words == ["foreign"] && config.providers().len() + config.aliases().len() > 0 {
                    return Err("it holds sections of ours".to_owned());
                }
                if let Some(base) = base {
                    let text = fs::read(self.folder.join(base)).map_err(|e| e.to_string())?;
                    let below = Config::from_yaml(base, text).map_err(|e| e.to_string())?;
                    config = below.overlay(config);
                }
                match AliasResolver::new(config) {
                    Ok(resolver) => {
                        let shown: Vec<_> = resolver.warnings().iter().map(shown).collect();
                        (true, resolver.warnings().to_vec(), shown.join("\n"))
                    }
                    Err(error) => (false, error.problems().to_vec(), error.to_string()),
                }
            }
        };
        let found: Vec<&str> = problems.iter().map(|one| one.code().as_str()).collect();
        if loads == fails || found != expected {
            expected = if expected.is_empty() {
                &["none"]
            } else {
                expected
            };
            let expected = expected.join(" ");
            return Err(format!(
                "its problems should be {expected}, and are\n{shown}"
            ));
        }
        self.printed = Some(format!("{shown}\n")).filter(|_| !problems.is_empty());
        if words == ["foreign"] {
            self.printed = None;
        }
        Ok(())
    }

    fn shell(&mut self, words: &[&str], text: &str) -> Result<(), String> {
        let expected = match words {
            [] => 0,
            ["setup"] if text == SETUP => return Ok(()),
            ["exits", code] => code.parse().map_err(|_| format!("`{code}` is no status"))?,
            _ => return Err(format!("`{}` means nothing", words.join(" "))),
        };
        let mut printed = String::new();
        for line in text.lines() {
            let long = line.strip_prefix("cargo run --example aliases -- ");
            let (folder, arguments) = match (long, line.strip_prefix("aliases ")) {
                (Some(arguments), _) => (root(), arguments),
                (_, Some(arguments)) => (&*self.folder, arguments),
                // The reader of the page is already running this command.
                _ if line == "cargo test" => continue,
                _ => return Err(format!("`{line}` is no command of the tool")),
            };
            let arguments: Vec<&str> = arguments.split(' ').collect();
            let outcome = run_in(folder, &arguments, b"");
            printed += &outcome.out;
            printed += &outcome.err;
            if outcome.code != Some(expected) {
                return Err(format!(
                    "`{line}` exits with {:?}:\n{printed}",
                    outcome.code
                ));
            }
        }
        self.printed = Some(printed);
        Ok(())
    }
}

/// Formats a problem as the error of a configuration shows it.
fn shown(problem: &Problem) -> String {
    format!("warning: {problem}")
}

/// Checks a `toml` block that depends on the crate.
fn dependency(text: &str) -> Result<(), String> {
    let line = text
        .lines()
        .find(|line| line.starts_with("model-aliases = {"));
    let line = line.ok_or("it does not depend on the crate")?;
    let manifest = read("Cargo.toml");
    let features = line.split("features = [").nth(1).unwrap_or_default();
    for feature in features.split('"').skip(1).step_by(2) {
        if !manifest.contains(&format!("\n{feature} = [")) {
            return Err(format!("there is no feature `{feature}`"));
        }
    }
    Ok(())
}

#[test]
fn every_block_is_what_happens() {
    let mut faults = Vec::new();
    for page in pages() {
        let mut session = Session::new(&page);
        for block in blocks(&read(&page)) {
            if let Err(fault) = session.run(&block) {
                faults.push(format!("{page}:{}: {}: {fault}", block.line, block.info));
            }
        }
        let [rust, yaml, sh, text] = session.counts;
        println!("{page}: {rust} rust, {yaml} yaml, {sh} sh, {text} text");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// Returns the problems of a page with these blocks, in order.
#[track_caller]
fn told(page: &str, expected: &[&str]) {
    let mut session = Session::new("told");
    let found: Vec<String> = blocks(page)
        .iter()
        .filter_map(|block| session.run(block).err())
        .collect();
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found}");
    }
}

const ONE: &str = "model_providers: [{model: openai/gpt-4o}]\n";

#[test]
fn a_block_that_is_not_what_happens_is_found() {
    for info in [
        "",
        "python",
        "rust,ignore",
        "rust no_run",
        "yaml maybe",
        "text x",
    ] {
        let fault = if info == "yaml maybe" {
            "means nothing"
        } else {
            "unknown kind"
        };
        told(&format!("```{info}\nx\n```\n"), &[fault]);
    }
    told(
        &format!("```yaml warns untimed-chain\n{ONE}```\n"),
        &["are\n"],
    );
    told(
        &format!("```yaml foreign\n{ONE}```\n"),
        &["sections of ours"],
    );
    told(
        "```yaml\nmodel_aliases: {a: b}\n```\n",
        &["unknown target `b`"],
    );
    told(
        "```yaml fails weight-sum\nmodel_aliases: {a: b}\n```\n",
        &["unknown target"],
    );
    told("```text\nx\n```\n", &["nothing before"]);
    told("```json\n{\n```\n", &["EOF"]);
    told(
        "```toml\nmodel-aliases = { features = [\"magic\"] }\n```\n",
        &["`magic`"],
    );
    told("```sh\nrm -r x\n```\n", &["no command"]);
    let file = format!("```yaml one.yaml\n{ONE}```\n");
    told(&format!("{file}```sh\naliases check one.yaml\n```\n"), &[]);
    told(
        &format!("{file}```sh exits 1\naliases check one.yaml\n```\n"),
        &["Some(0)"],
    );
    let resolve = "```sh\naliases resolve one.yaml gpt-4o\n```\n";
    told(
        &format!("{file}{resolve}```text\ngpt-4o → openai/gpt-4o\n```\n"),
        &[],
    );
    told(
        &format!("{file}{resolve}```text\ngpt-4o → openai/o1\n```\n"),
        &["prints\ngpt-4o"],
    );
}
