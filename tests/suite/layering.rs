//! The order of the modules: who may import whom, and what may be touched where.
//!
//! A new edge between two modules is a decision: it is made by adding a line here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::program::{files_below, root};

/// A module at the top, and what it imports.
type Module = (&'static str, &'static [&'static str]);

/// The modules, each below those that it may import.
const ROOMS: &[(&str, &[Module])] = &[
    (
        "shared ground",
        &[
            ("text", &[]),
            ("value", &[]),
            ("suggest", &[]),
            ("duration", &[]),
            ("decimal", &[]),
            ("fraction", &[]),
            ("mix", &[]),
            ("rendezvous", &["mix"]),
            ("name", &[]),
            ("location", &[]),
            ("failure", &[]),
            ("money", &["decimal"]),
            ("secret", &["text"]),
            (
                "cases",
                &["failure", "fraction", "location", "secret", "text"],
            ),
            ("limits", &["money", "value"]),
            ("vocabulary", &["text"]),
            ("problem", &["location"]),
            ("error", &["problem", "text"]),
            ("provider", &["money", "secret", "value"]),
            ("table", &["failure", "limits", "provider", "value"]),
        ],
    ),
    (
        "load arm",
        &[
            (
                "config",
                &[
                    "cases", "decimal", "duration", "error", "failure", "fraction", "limits",
                    "location", "money", "name", "problem", "secret", "suggest", "text", "value",
                ],
            ),
            (
                "check",
                &[
                    "config",
                    "decimal",
                    "duration",
                    "failure",
                    "name",
                    "problem",
                    "secret",
                    "suggest",
                    "text",
                    "vocabulary",
                ],
            ),
            ("schema", &["cases", "failure", "vocabulary"]),
            (
                "compile",
                &[
                    "check",
                    "config",
                    "provider",
                    "rendezvous",
                    "secret",
                    "table",
                ],
            ),
        ],
    ),
    (
        "serve arm",
        &[
            ("target", &["provider", "table", "text"]),
            ("request", &["money", "target", "text"]),
            ("classify", &["failure"]),
            ("shim", &[]),
            ("state", &["failure", "shim"]),
            ("clock", &["state"]),
            ("detect", &[]),
            ("entropy", &["mix", "state"]),
            (
                "select",
                &[
                    "clock",
                    "entropy",
                    "mix",
                    "provider",
                    "rendezvous",
                    "request",
                    "state",
                    "table",
                ],
            ),
            ("guardrails", &["detect", "limits", "table", "text"]),
            (
                "snapshot",
                &[
                    "clock",
                    "entropy",
                    "guardrails",
                    "money",
                    "problem",
                    "select",
                    "state",
                    "table",
                    "target",
                ],
            ),
            ("health", &["failure", "snapshot", "state", "table"]),
            (
                "plan",
                &[
                    "error", "failure", "fraction", "health", "limits", "money", "request",
                    "select", "snapshot", "state", "table", "target",
                ],
            ),
            (
                "lease",
                &["failure", "health", "plan", "snapshot", "state", "table"],
            ),
            (
                "resolver",
                &[
                    "error", "failure", "lease", "limits", "plan", "problem", "provider",
                    "request", "select", "snapshot", "table", "text", "value",
                ],
            ),
            (
                "attempts",
                &[
                    "error",
                    "failure",
                    "guardrails",
                    "lease",
                    "limits",
                    "money",
                    "plan",
                    "provider",
                    "request",
                    "resolver",
                    "select",
                    "snapshot",
                    "table",
                    "target",
                    "text",
                    "value",
                ],
            ),
            (
                "status",
                &["failure", "resolver", "secret", "state", "table"],
            ),
            ("shares", &["error", "fraction", "resolver", "table"]),
            (
                "changes",
                &[
                    "duration", "error", "failure", "limits", "provider", "resolver", "secret",
                    "shares", "snapshot", "table", "text",
                ],
            ),
            (
                "graph",
                &[
                    "error", "failure", "fraction", "resolver", "shares", "snapshot", "table",
                    "text",
                ],
            ),
            (
                "explain",
                &[
                    "clock", "entropy", "error", "failure", "fraction", "lease", "plan", "request",
                    "resolver", "select", "shares", "snapshot", "state", "table", "target", "text",
                ],
            ),
            (
                "simulate",
                &[
                    "clock", "entropy", "error", "fraction", "request", "resolver", "shares",
                    "snapshot", "state",
                ],
            ),
            (
                "testing",
                &[
                    "cases", "error", "explain", "failure", "fraction", "location", "request",
                    "resolver", "shares", "table", "text",
                ],
            ),
        ],
    ),
    (
        "joint",
        &[(
            "builder",
            &[
                "check",
                "clock",
                "compile",
                "config",
                "entropy",
                "error",
                "guardrails",
                "money",
                "problem",
                "provider",
                "request",
                "resolver",
                "select",
                "snapshot",
                "state",
                "table",
                "target",
                "vocabulary",
            ],
        )],
    ),
    // For readers; it is there in the documentation only.
    ("book", &[("book", &[])]),
];

/// Modules that import something of the one they stand in, each for a reason.
const CHILDREN: &[(&str, &str)] = &[
    // What a check collects into, and what it asks of all.
    ("check::graph", "check"),
    ("check::members", "check"),
    // What a line of the table is made of.
    ("table::front", "table"),
    // What every way to choose works on.
    ("select::hook", "select"),
    ("select::least", "select"),
    // Looks ahead in a plan as it stands.
    ("plan::ahead", "plan"),
    // `impl ResolverBuilder`, split by concern.
    ("builder::content", "builder"),
    // `impl Plan`, split by concern.
    ("plan::members", "plan"),
    ("plan::report", "plan"),
    ("plan::trial", "plan"),
    // Takes the place of chance in it.
    ("plan::chances", "plan"),
    // Counts what it costs.
    ("plan::cost", "plan"),
    // Both make the explanation that its module defines.
    ("explain::reason", "explain"),
    ("explain::walk", "explain"),
    // Each health keeps the one alarm up to date.
    ("state::health", "state"),
    ("state::model", "state"),
    // `impl Config`, split by concern.
    ("config::new", "config"),
    ("config::overlay", "config"),
    ("config::write", "config"),
];

/// What only some files may name: a path, or any item of that name.
const RESERVED: &[(&str, &[&str])] = &[
    // One file knows the YAML crate.
    ("serde_yaml", &["config/yaml.rs"]),
    ("yaml_serde", &[]),
    // And one the JSON crate, besides a test that reads `tests/vectors.json`.
    ("serde_json", &["classify/json.rs", "rendezvous.rs"]),
    // All that changes while a table serves lives in one place.
    // `shim.rs` lets a model checker stand in for the atomics; only `state` imports it.
    ("std::sync::atomic", &["shim.rs"]),
    ("Mutex", &["state.rs", "reload.rs"]),
    ("RwLock", &["state.rs", "reload.rs"]),
    ("Condvar", &["state.rs", "reload.rs"]),
    ("OnceLock", &["state.rs", "reload.rs"]),
    // The detectors' automaton is compiled once, and never changes.
    (
        "LazyLock",
        &["clock.rs", "detect/trigger.rs", "state.rs", "reload.rs"],
    ),
    ("UnsafeCell", &["state.rs", "reload.rs"]),
    ("RefCell", &["state.rs", "reload.rs"]),
    ("OnceCell", &["state.rs", "reload.rs"]),
    ("LazyCell", &["state.rs", "reload.rs"]),
    // The default source of random bits keeps one generator for each thread.
    // A check counts down how many suggestions it may still look for.
    ("std::cell", &["check/index.rs", "entropy.rs"]),
    ("thread_local", &["entropy.rs"]),
    ("RandomState", &["entropy.rs"]),
    // The same inputs give the same answers, and nothing reaches outside.
    ("Instant", &["clock.rs"]),
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
        if module == ["lib"] {
            module.clear();
        }
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
    let order: Vec<(&str, &str)> = ROOMS
        .iter()
        .flat_map(|(room, modules)| modules.iter().map(|(module, _)| (*module, *room)))
        .collect();
    let place = |module: &str| order.iter().position(|(name, _)| *name == module);
    let modules: BTreeSet<&[String]> = sources.iter().map(|s| &*s.module).collect();
    let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut children = BTreeSet::new();

    for source in sources {
        let Source { file, module, .. } = source;
        let paths = source.paths();
        faults.extend(reserved(file, &paths));
        let Some(top) = module.first() else {
            continue;
        };
        if place(top).is_none() {
            faults.push(format!("{file}: module `{top}` has no room"));
        }
        let of_edges = edges.entry(top).or_default();
        for path in paths {
            let ["crate", names @ ..] = &*path.iter().map(String::as_str).collect::<Vec<_>>()
            else {
                continue;
            };
            match names.first() {
                Some(to) if to == top => {}
                Some(to) if place(to).is_some() => {
                    of_edges.insert((*to).to_owned());
                }
                _ => faults.push(format!("{file}: `{}` imports the root", path.join("::"))),
            }
            // The module that the item is of: the longest prefix that is a file.
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let home = (1..=names.len())
                .rev()
                .map(|length| &names[..length])
                .find(|prefix| modules.contains(prefix));
            if let Some(home) = home
                && home.len() < module.len()
                && module.starts_with(home)
            {
                children.insert((module.join("::"), home.join("::")));
            }
        }
    }

    for (room, modules) in ROOMS {
        for (from, listed) in *modules {
            let Some(found) = edges.get(from) else {
                faults.push(format!("module `{from}` has a room and no file"));
                continue;
            };
            for to in found {
                if !listed.contains(&&**to) {
                    faults.push(format!("`{from}` imports `{to}`, which is not listed"));
                }
                let above = place(to) < place(from);
                let of_room = order.iter().find(|(name, _)| name == to).map(|(_, r)| *r);
                let across = *room == "serve arm" && of_room == Some("load arm");
                if !above || across {
                    faults.push(format!("`{from}` must not import `{to}`"));
                }
            }
            for to in *listed {
                if !found.contains(*to) {
                    faults.push(format!("`{from}` no longer imports `{to}`"));
                }
            }
        }
    }

    let listed: BTreeSet<(String, String)> = CHILDREN
        .iter()
        .map(|(child, parent)| ((*child).to_owned(), (*parent).to_owned()))
        .collect();
    for (child, parent) in children.difference(&listed) {
        faults.push(format!("`{child}` imports its parent `{parent}`"));
    }
    for (child, parent) in listed.difference(&children) {
        faults.push(format!("`{child}` no longer imports its parent `{parent}`"));
    }
    faults
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
fn every_edge_between_modules_is_listed() {
    let faults = faults(&sources());
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
        "a macro of testing.rs",
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

/// What the checker finds when something is put into a file, beside what it found before.
#[track_caller]
fn planted(file: &str, text: &str, expected: &[&str]) {
    let mut sources = sources();
    let folder = root().join("src");
    let whole = fs::read_to_string(folder.join(file)).unwrap() + text;
    sources.retain(|source| source.file != file);
    sources.push(Source::new(file, &whole));
    let found = faults(&sources);
    let new: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(new, expected, "{file}: {text}");
}

#[test]
fn a_planted_edge_is_found() {
    let across = [
        "`resolver` imports `config`, which is not listed",
        "`resolver` must not import `config`",
    ];
    for text in [
        "use crate::config::Config;",
        "use crate::{config as other, table::Alias};",
        "use super::config;",
        "fn f() { let _ = crate::config::Config::new(); }",
        "mod tests { use super::super::config::Config; }",
        "fn f<'a>(_: &'a char) { let _ = 'x'; crate::config::f() }",
    ] {
        planted("resolver.rs", text, &across);
    }
    planted(
        "text.rs",
        "use crate::builder::ResolverBuilder;",
        &[
            "`text` imports `builder`, which is not listed",
            "`text` must not import `builder`",
        ],
    );
    // Above, so allowed once it is listed.
    planted(
        "compile.rs",
        "use crate::money::Cost;",
        &["`compile` imports `money`, which is not listed"],
    );
    planted(
        "select.rs",
        "use crate::Problem;",
        &["select.rs: `crate::Problem` imports the root"],
    );
    planted(
        "config/scan.rs",
        "use super::Config;",
        &["`config::scan` imports its parent `config`"],
    );
}

#[test]
fn a_planted_clock_or_lock_is_found() {
    for (text, fault) in [
        (
            "use std::time::{Duration, Instant};",
            "select.rs names `Instant`",
        ),
        (
            "fn f() { std::env::var(\"A\"); }",
            "select.rs names `std::env`",
        ),
        ("use std::{fmt, fs};", "select.rs names `std::fs`"),
        ("use std::sync::Mutex;", "select.rs names `Mutex`"),
        (
            "use std::sync::atomic::AtomicU64;",
            "select.rs names `std::sync::atomic`",
        ),
        (
            "type Y = serde_yaml::Value;",
            "select.rs names `serde_yaml`",
        ),
        (
            "fn f() { std::thread::spawn(g); }",
            "select.rs names `std::thread`",
        ),
    ] {
        planted("select.rs", text, &[fault]);
    }
}

#[test]
fn comments_and_texts_are_no_imports() {
    for text in [
        "// use crate::config::Config;",
        "/// [`Config`](crate::Config)",
        "const A: &str = \"crate::config::\\\"Config\";",
        "const B: &str = r#\"crate::config \" std::fs\"#;",
        "const C: [char; 3] = ['\"', '\\'', '/'];",
        "pub(in crate::select) fn f() {}",
    ] {
        planted("select.rs", text, &[]);
    }
}

#[test]
fn an_edge_that_is_gone_is_found() {
    let mut sources = sources();
    sources.retain(|source| source.file != "request.rs");
    sources.push(Source::new("request.rs", "use std::fmt;"));
    assert_eq!(
        faults(&sources),
        [
            "`request` no longer imports `money`",
            "`request` no longer imports `target`",
            "`request` no longer imports `text`"
        ]
    );
}
