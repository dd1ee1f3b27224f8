//! The architecture: which folder may import which, and what may be touched where.
//!
//! Three rules hold at every depth. A folder imports only what [`FOLDERS`] lists. No module imports one
//! that it stands in. The imports between the children of one module form no cycle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{files_below, root};

/// The folders of `src`, each with the folders above it that it may import.
const FOLDERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("failure", &[]),
    ("table", &["base", "failure"]),
    ("load", &["base", "failure", "table"]),
    ("content", &["base", "table"]),
    // Never `load`: serving sees no YAML and no places in a file.
    ("serve", &["base", "failure", "table", "content"]),
    ("inspect", &["base", "failure", "table", "load", "serve"]),
    (
        "builder",
        &["base", "failure", "table", "load", "content", "serve"],
    ),
    // For readers; it is there in the documentation only.
    ("book", &[]),
];

/// What only some files may name: a path, or any item of that name.
const RESERVED: &[(&str, &[&str])] = &[
    // One file knows the YAML crate.
    ("serde_yaml", &["load/config/yaml/reader.rs"]),
    ("yaml_serde", &[]),
    // And one the JSON crate, besides a test that reads `tests/vectors.json`.
    (
        "serde_json",
        &["failure/classify/json.rs", "base/rendezvous.rs"],
    ),
    // All that changes while a table serves lives in one place.
    // `shim.rs` lets a model checker stand in for the atomics; only `state` imports it.
    ("std::sync::atomic", &["serve/shim.rs"]),
    ("Mutex", &["serve/state/mod.rs"]),
    ("RwLock", &["serve/state/mod.rs"]),
    ("Condvar", &["serve/state/mod.rs"]),
    ("OnceLock", &["serve/state/mod.rs"]),
    // The automata of the detectors and of known answers are compiled once, and never change.
    (
        "LazyLock",
        &[
            "serve/clock.rs",
            "content/detect/trigger.rs",
            "failure/classify/knowledge.rs",
            "serve/state/mod.rs",
        ],
    ),
    ("UnsafeCell", &["serve/state/mod.rs"]),
    ("RefCell", &["serve/state/mod.rs"]),
    ("OnceCell", &["serve/state/mod.rs"]),
    ("LazyCell", &["serve/state/mod.rs"]),
    // The default source of random bits keeps one generator for each thread.
    // A check counts down how many suggestions it may still look for.
    ("std::cell", &["load/check/index.rs", "serve/entropy.rs"]),
    ("thread_local", &["serve/entropy.rs"]),
    ("RandomState", &["serve/entropy.rs"]),
    // The same inputs give the same answers, and nothing reaches outside.
    ("Instant", &["serve/clock.rs"]),
    ("SystemTime", &[]),
    ("std::env", &[]),
    ("std::fs", &[]),
    ("std::io", &[]),
    ("std::net", &[]),
    ("std::process", &[]),
    ("std::thread", &[]),
    ("unsafe", &[]),
];

/// A source file as far as this test is concerned.
struct Source {
    /// As in `config/yaml.rs`.
    file: String,
    /// As in `["config", "yaml"]`; empty for the root.
    module: Vec<String>,
    tokens: Vec<String>,
}

impl Source {
    fn new(file: &str, text: &str) -> Self {
        let path = file.trim_end_matches(".rs").split('/').map(str::to_owned);
        let mut module: Vec<String> = path.collect();
        module.pop_if(|name| name == "mod" || name == "lib");
        Self {
            file: file.to_owned(),
            module,
            tokens: tokens(text),
        }
    }

    /// Every path that begins with a name, `use` groups taken apart, `super` and `self` replaced
    /// by the modules they stand for.
    fn paths(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        let mut inside: Vec<(usize, String)> = Vec::new();
        let mut depth = 0_usize;
        let mut at = 0;
        while at < self.tokens.len() {
            let token = &*self.tokens[at];
            match token {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    inside.retain(|(opened, _)| *opened <= depth);
                }
                // `mod tests {` moves what `super` means.
                "mod" if self.tokens.get(at + 2).is_some_and(|next| next == "{") => {
                    inside.push((depth + 1, self.tokens[at + 1].clone()));
                }
                // `pub(in crate::config)` imports nothing.
                "in" if at >= 2 && self.tokens[at - 1] == "(" && self.tokens[at - 2] == "pub" => {
                    while self.tokens[at] != ")" {
                        at += 1;
                    }
                }
                // `pub(crate)`, `&self`: no path goes on from here.
                "crate" | "self" | "super"
                    if self.tokens.get(at + 1).is_none_or(|next| next != "::") => {}
                _ if is_name(token) => {
                    let mut module = self.module.clone();
                    module.extend(inside.iter().map(|(_, name)| name.clone()));
                    at = collect(&self.tokens, at, &[], &module, &mut found);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        found
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Follows a path from its first name, into groups, and returns where it ends.
fn collect(
    tokens: &[String],
    mut at: usize,
    prefix: &[String],
    module: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = prefix.to_vec();
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "crate" => path = vec!["crate".to_owned()],
            "self" if path.is_empty() => path = absolute(module),
            "self" => {}
            "super" => {
                if path.is_empty() {
                    path = absolute(module);
                }
                if path.len() > 1 {
                    path.pop();
                }
            }
            "*" => path.push("*".to_owned()),
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    if tokens[at] == "," {
                        at += 1;
                    } else {
                        at = collect(tokens, at, &path, module, found);
                    }
                }
                return at + 1;
            }
            name => path.push(name.to_owned()),
        }
        at += 1;
        let continues = tokens.get(at).is_some_and(|token| token == "::")
            && tokens
                .get(at + 1)
                .is_some_and(|next| is_name(next) || next == "{" || next == "*");
        if !continues {
            break;
        }
        at += 1;
    }
    if tokens.get(at).is_some_and(|token| token == "as") && !prefix.is_empty() {
        at += 2;
    }
    found.push(path);
    at
}

fn absolute(module: &[String]) -> Vec<String> {
    let mut path = vec!["crate".to_owned()];
    path.extend_from_slice(module);
    path
}

/// Names and marks of a source, without comments and literals. Enough of a lexer for this test.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        if c == '/' && next == '/' {
            while chars.get(at).is_some_and(|&c| c != '\n') {
                at += 1;
            }
        } else if c == '"' {
            at = behind_text(&chars, at + 1);
        } else if c == '\'' {
            // A character, or a lifetime.
            let after = chars.get(at + 2).copied().unwrap_or(' ');
            if next == '\\' {
                at += 3;
                while chars.get(at).is_some_and(|&c| c != '\'') {
                    at += 1;
                }
                at += 1;
            } else if after == '\'' {
                at += 3;
            } else {
                at += 1;
            }
        } else if is_word(c) {
            let start = at;
            while chars.get(at).is_some_and(|&c| is_word(c)) {
                at += 1;
            }
            let word: String = chars[start..at].iter().collect();
            let hashes = chars[at..].iter().take_while(|&&c| c == '#').count();
            if matches!(&*word, "r" | "br") && chars.get(at + hashes) == Some(&'"') {
                at = behind_raw_text(&chars, at + hashes + 1, hashes);
            } else if !c.is_ascii_digit() {
                tokens.push(word);
            }
        } else if c == ':' && next == ':' {
            tokens.push("::".to_owned());
            at += 2;
        } else {
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            at += 1;
        }
    }
    tokens
}

fn behind_text(chars: &[char], mut at: usize) -> usize {
    while let Some(&c) = chars.get(at) {
        match c {
            '"' => return at + 1,
            '\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

fn behind_raw_text(chars: &[char], mut at: usize, hashes: usize) -> usize {
    while at < chars.len() {
        let closing = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
        if chars[at] == '"' && closing >= hashes {
            return at + 1 + hashes;
        }
        at += 1;
    }
    at
}

/// Everything that breaks the rules, one line each.
fn faults(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    let modules: BTreeSet<&[String]> = sources.iter().map(|source| &*source.module).collect();
    let mut folders: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut siblings: BTreeMap<Vec<String>, Edges> = BTreeMap::new();
    for source in sources {
        let Source { file, module, .. } = source;
        let paths = source.paths();
        faults.extend(reserved(file, &paths));
        let Some(folder) = module.first() else {
            continue;
        };
        if FOLDERS.iter().all(|(name, _)| name != folder) {
            faults.push(format!("{file}: `{folder}` is not listed in FOLDERS"));
        }
        let imported = folders.entry(folder).or_default();
        let mut ancestors = BTreeSet::new();
        for path in paths.iter().filter(|path| path[0] == "crate") {
            // The module that the item is of: the longest prefix that is a file.
            let names = &path[1..];
            let home = (0..=names.len())
                .rev()
                .map(|length| &names[..length])
                .find(|prefix| modules.contains(prefix))
                .unwrap_or_default();
            if home == module {
                continue;
            }
            if module.starts_with(home) {
                ancestors.insert(home.join("::"));
                continue;
            }
            let shared = module.iter().zip(home).take_while(|(a, b)| a == b).count();
            match home.get(shared) {
                // A module imports what stands in it.
                _ if shared == module.len() => {}
                Some(to) if shared == 0 => {
                    imported.insert(to.clone());
                }
                Some(to) => {
                    let edges = siblings.entry(home[..shared].to_vec()).or_default();
                    let from = edges.entry(module[shared].clone()).or_default();
                    from.insert(to.clone());
                }
                None => {}
            }
        }
        for ancestor in ancestors {
            faults.push(if ancestor.is_empty() {
                format!("{file} imports the root")
            } else {
                format!("{file} imports `{ancestor}`, in which it stands")
            });
        }
    }
    for (folder, listed) in FOLDERS {
        let Some(imported) = folders.get(folder) else {
            faults.push(format!("there is no folder `{folder}`"));
            continue;
        };
        for to in imported.iter().filter(|to| !listed.contains(&to.as_str())) {
            faults.push(format!("`{folder}` must not import `{to}`"));
        }
        for to in listed.iter().filter(|to| !imported.contains(**to)) {
            faults.push(format!("`{folder}` no longer imports `{to}`"));
        }
    }
    for (parent, edges) in &siblings {
        for cycle in cycles(edges) {
            let names = cycle.join(" → ");
            faults.push(format!("in `{}`: {names}", parent.join("::")));
        }
    }
    faults
}

/// The children of one module, each with those that it imports.
type Edges = BTreeMap<String, BTreeSet<String>>;

/// A cycle for each child that is on one, as `a → b → a`; each cycle once.
fn cycles(edges: &Edges) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for start in edges.keys() {
        if found.iter().any(|cycle| cycle.contains(start)) {
            continue;
        }
        // The shortest way back, breadth first.
        let mut ways = vec![vec![start.clone()]];
        let mut seen = BTreeSet::new();
        let mut at = 0;
        while let Some(way) = ways.get(at).cloned() {
            at += 1;
            let next = way.last().and_then(|last| edges.get(last));
            for to in next.into_iter().flatten() {
                let longer: Vec<String> = way.iter().chain([to]).cloned().collect();
                if to == start {
                    found.push(longer);
                    ways.clear();
                    break;
                }
                if seen.insert(to.clone()) {
                    ways.push(longer);
                }
            }
        }
    }
    found
}

/// What a file names though only others may.
fn reserved(file: &str, paths: &[Vec<String>]) -> Vec<String> {
    let mut faults = Vec::new();
    for (what, allowed) in RESERVED {
        if allowed.contains(&file) {
            continue;
        }
        let wanted: Vec<&str> = what.split("::").collect();
        let names = |path: &Vec<String>| match &*wanted {
            [name] => path.iter().any(|part| part == name),
            wanted => path.len() >= wanted.len() && path.iter().zip(wanted).all(|(a, b)| a == b),
        };
        if paths.iter().any(names) {
            faults.push(format!("{file} names `{what}`"));
        }
    }
    faults
}

fn sources() -> Vec<Source> {
    let folder = root().join("src");
    files_below(&folder)
        .iter()
        .map(|path| {
            let file = path.strip_prefix(&folder).unwrap();
            let file: Vec<_> = file.iter().map(|part| part.to_string_lossy()).collect();
            Source::new(&file.join("/"), &fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn the_imports_keep_the_rules() {
    let faults = faults(&sources());
    println!("faults of the architecture: {} (limit 0)", faults.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// `#[cfg(any(doc, doctest))]`
const DOCUMENTATION: [&str; 12] = [
    "#", "[", "cfg", "(", "any", "(", "doc", ",", "doctest", ")", ")", "]",
];

/// The types, traits, functions and macros that a user can name. All modules are private, so that is
/// what the root gives on, and the macros.
fn public_names(sources: &[Source]) -> Vec<String> {
    let mut names = Vec::new();
    for source in sources {
        let tokens: Vec<&str> = source.tokens.iter().map(String::as_str).collect();
        let exported = tokens.iter().filter(|token| **token == "macro_export");
        names.extend(exported.map(|_| format!("a macro of {}", source.file)));
        if !source.module.is_empty() {
            continue;
        }
        for (at, pair) in tokens.windows(2).enumerate() {
            if pair[0] != "pub" {
                continue;
            }
            // The book holds no names, and is there in the documentation only.
            if tokens[..at].ends_with(&DOCUMENTATION) && tokens[at..].starts_with(&["pub", "mod"]) {
                continue;
            }
            assert_eq!(pair[1], "use", "the root holds nothing of its own");
            let until = tokens[at..].iter().position(|token| *token == ";");
            let given = tokens[at..].windows(2).take(until.unwrap());
            let given = given.filter(|pair| [",", "}", ";"].contains(&pair[1]) && pair[0] != "}");
            names.extend(given.map(|pair| pair[0].to_owned()));
        }
    }
    names
}

#[test]
fn fewer_than_eighty_names_are_public() {
    let names = public_names(&sources());
    println!("public names: {} (limit 79)", names.len());
    for known in [
        "AliasResolver",
        "Config",
        "TargetEntry",
        "UnknownNames",
        "a macro of inspect/testing/asserts.rs",
    ] {
        assert!(names.iter().any(|name| name == known), "{known}: {names:?}");
    }
    assert!(names.len() < 80, "{}: {names:?}", names.len());
}

#[test]
fn unsafe_code_is_forbidden() {
    let root = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    assert!(root.unwrap().contains("\n#![forbid(unsafe_code)]\n"));
}

/// What the checker finds more when something is put behind the text of a file.
#[track_caller]
fn planted(file: &str, text: &str, expected: &[&str]) {
    let mut sources = sources();
    let before: BTreeSet<String> = faults(&sources).into_iter().collect();
    let whole = fs::read_to_string(root().join("src").join(file)).unwrap() + text;
    sources.retain(|source| source.file != file);
    sources.push(Source::new(file, &whole));
    let mut found = faults(&sources);
    found.retain(|fault| !before.contains(fault));
    assert_eq!(found, expected, "{file}: {text}");
}

#[test]
fn a_planted_import_of_a_folder_is_found() {
    for text in [
        "use crate::load::config::Config;",
        "use crate::{load::config as other, table::Alias};",
        "use super::super::load;",
        "fn f() { let _ = crate::load::config::Config::new(); }",
        "mod tests { use super::super::super::load::config::Config; }",
        "fn f<'a>(_: &'a char) { let _ = 'x'; crate::load::config::f() }",
    ] {
        planted(
            "serve/request.rs",
            text,
            &["`serve` must not import `load`"],
        );
    }
    planted(
        "base/text.rs",
        "use crate::builder::ResolverBuilder;",
        &["`base` must not import `builder`"],
    );
    planted(
        "serve/request.rs",
        "use crate::Problem;",
        &["serve/request.rs imports the root"],
    );
}

#[test]
fn a_planted_import_of_a_module_above_is_found() {
    planted(
        "load/config/yaml/syntax.rs",
        "use super::super::Config;",
        &["load/config/yaml/syntax.rs imports `load::config`, in which it stands"],
    );
    planted(
        "serve/request.rs",
        "use super::Other;",
        &["serve/request.rs imports `serve`, in which it stands"],
    );
}

#[test]
fn a_planted_cycle_is_found_at_any_depth() {
    planted(
        "serve/request.rs",
        "use super::snapshot::Snapshot;",
        &["in `serve`: request → snapshot → select → request"],
    );
    planted(
        "load/config/yaml/tokens.rs",
        "fn f() { super::scan::f() }",
        &["in `load::config::yaml`: scan → tokens → scan"],
    );
}

#[test]
fn a_planted_clock_or_lock_is_found() {
    for (text, name) in [
        ("use std::time::{Duration, Instant};", "Instant"),
        ("fn f() { std::env::var(\"A\"); }", "std::env"),
        ("use std::{fmt, fs};", "std::fs"),
        ("use std::sync::Mutex;", "Mutex"),
        ("use std::sync::atomic::AtomicU64;", "std::sync::atomic"),
        ("type Y = serde_yaml::Value;", "serde_yaml"),
        ("fn f() { std::thread::spawn(g); }", "std::thread"),
    ] {
        let fault = format!("serve/request.rs names `{name}`");
        planted("serve/request.rs", text, &[&fault]);
    }
}

#[test]
fn comments_and_texts_are_no_imports() {
    for text in [
        "// use crate::load::config::Config;",
        "/// [`Config`](crate::Config)",
        "const A: &str = \"crate::load::\\\"Config\";",
        "const B: &str = r#\"crate::load \" std::fs\"#;",
        "const C: [char; 3] = ['\"', '\\'', '/'];",
        "pub(in crate::serve) fn f() {}",
    ] {
        planted("serve/request.rs", text, &[]);
    }
}

#[test]
fn an_import_that_is_gone_is_found() {
    let mut sources = sources();
    sources.retain(|source| !source.file.starts_with("content/"));
    sources.push(Source::new("content/mod.rs", "use std::fmt;"));
    let found = faults(&sources);
    for gone in [
        "`content` no longer imports `base`",
        "`content` no longer imports `table`",
    ] {
        assert!(found.iter().any(|fault| fault == gone), "{found:?}");
    }
}

/// The names that more than one type has: structs, enums, traits and unions, private ones included.
fn doubled(sources: &[Source]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut doubled = BTreeSet::new();
    for source in sources {
        for pair in source.tokens.windows(2) {
            let is_type = ["struct", "enum", "trait", "union"].contains(&pair[0].as_str());
            if is_type && is_name(&pair[1]) && !seen.insert(pair[1].clone()) {
                doubled.insert(pair[1].clone());
            }
        }
    }
    doubled
}

#[test]
fn no_two_types_have_one_name() {
    let mut sources = sources();
    assert_eq!(doubled(&sources), BTreeSet::new());
    sources.push(Source::new("base/more.rs", "enum Failure {}"));
    assert_eq!(doubled(&sources), BTreeSet::from(["Failure".to_owned()]));
}

#[test]
fn the_folder_of_the_source_shows_the_architecture() {
    let entries = fs::read_dir(root().join("src")).unwrap().count();
    println!("entries of src: {entries} (limit 12)");
    assert!(entries <= 12);
    let sources = files_below(&root().join("src")).into_iter();
    let sources = sources.filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
    let lines: Vec<(usize, PathBuf)> = sources
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (text.lines().count(), file)
        })
        .collect();
    let count = |files: &[&str]| -> usize {
        let path = |file: &Path| file.strip_prefix(root()).unwrap().display().to_string();
        let is_one = |file: &Path| files.iter().any(|part| path(file).starts_with(part));
        let counted = lines.iter().filter(|(_, file)| is_one(file));
        counted.map(|(lines, _)| lines).sum()
    };
    println!("lines of src: {}", count(&["src"]));
    // What walks an alias: the plan, what begins it, and the state of a request that drives it.
    let walk = [
        "src/serve/plan",
        "src/serve/begin",
        "src/serve/resolver/mod",
        "src/serve/attempts/phase",
        "src/serve/attempts/state",
    ];
    println!("lines that walk an alias: {} (aim 2824)", count(&walk));
    let (lines, file) = lines.iter().max().unwrap();
    println!("lines of the largest file: {lines} (limit 450)");
    assert!(*lines <= 450, "{}", file.display());
}
