//! `aliases resolve CONFIG NAME…`: prints the target of each name.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model_aliases::{AliasResolver, Config, Resolution, ResolveError};
use serde::Serialize;

use crate::Failure;
use crate::load::{self, Overlays};

#[derive(Args)]
pub(crate) struct Resolve {
    /// The configuration file.
    #[arg(value_name = "CONFIG")]
    config: PathBuf,

    /// Names to resolve. `-` reads them unchanged from standard input, one per line. Write `--` before a
    /// name that starts with `-`.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,

    #[command(flatten)]
    overlays: Overlays,

    /// Prints JSON, one object per line and name: `asked`, `found`, `alias_path`, `provider`, `model`,
    /// `endpoint`, `error`.
    #[arg(long)]
    json: bool,
}

impl Resolve {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let config = self.overlays.config(&self.config)?;
        let choices = choices(&config);
        let resolver = load::build(config)?;
        let mut answers = Answers {
            resolver: &resolver,
            choices,
            json: self.json,
            all_found: true,
            out,
        };
        for name in &self.names {
            if name == "-" {
                answers.write_lines(io::stdin().lock())?;
            } else {
                answers.write(name.as_bytes())?;
            }
        }
        answers.out.flush()?;
        Ok(ExitCode::from(u8::from(!answers.all_found)))
    }
}

/// Returns the aliases with several targets, and the number of targets.
fn choices(config: &Config) -> HashMap<String, usize> {
    let count = |alias: &model_aliases::AliasEntry| alias.targets().count();
    config
        .aliases()
        .filter(|alias| count(alias) > 1)
        .map(|alias| (alias.name().to_owned(), count(alias)))
        .collect()
}

struct Answers<'a, W> {
    resolver: &'a AliasResolver,
    choices: HashMap<String, usize>,
    json: bool,
    all_found: bool,
    out: W,
}

/// A line of the `--json` output.
#[derive(Serialize)]
struct Line<'a> {
    asked: &'a str,
    found: bool,
    alias_path: Vec<&'a str>,
    provider: Option<&'a str>,
    model: Option<&'a str>,
    endpoint: Option<String>,
    error: Option<Refusal>,
}

#[derive(Serialize)]
struct Refusal {
    code: &'static str,
    message: String,
}

impl From<ResolveError> for Refusal {
    fn from(error: ResolveError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

impl<W: Write> Answers<'_, W> {
    /// Resolves the name on each line. Only `\n` ends a line, so a name may contain any other character.
    fn write_lines(&mut self, mut input: impl BufRead) -> Result<(), Failure> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = input.read_until(b'\n', &mut line);
            let read = read.map_err(|error| {
                Failure::Io(format!("cannot read names from standard input: {error}"))
            })?;
            if read == 0 {
                return Ok(());
            }
            self.write(line.strip_suffix(b"\n").unwrap_or(&line))?;
        }
    }

    /// Writes the result of one name.
    fn write(&mut self, name: &[u8]) -> Result<(), Failure> {
        // A replacement character would make it a different name, which a wildcard may cover.
        let Ok(asked) = std::str::from_utf8(name) else {
            let refusal = Refusal {
                code: "invalid-utf8",
                message: "the name is not UTF-8".to_owned(),
            };
            return self.refuse(&String::from_utf8_lossy(name), refusal);
        };
        let resolver = self.resolver;
        match resolver.resolve(asked) {
            Err(error) => self.refuse(asked, error.into()),
            Ok(route) if self.json => {
                let provider = route.provider();
                self.json(&Line {
                    asked,
                    found: true,
                    alias_path: route.alias_path().collect(),
                    provider: Some(provider.name().unwrap_or(provider.model())),
                    model: Some(route.model()),
                    endpoint: route.endpoint().map(public),
                    error: None,
                })
            }
            Ok(route) => {
                let text = self.text(asked, &route);
                Ok(writeln!(self.out, "{text}")?)
            }
        }
    }

    fn refuse(&mut self, asked: &str, refusal: Refusal) -> Result<(), Failure> {
        self.all_found = false;
        if !self.json {
            let Refusal { code, message } = refusal;
            return Ok(writeln!(
                self.out,
                "{} → error[{code}]: {message}",
                shown(asked)
            )?);
        }
        self.json(&Line {
            asked,
            found: false,
            alias_path: Vec::new(),
            provider: None,
            model: None,
            endpoint: None,
            error: Some(refusal),
        })
    }

    fn json(&mut self, line: &Line<'_>) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.out, line).map_err(io::Error::from)?;
        Ok(writeln!(self.out)?)
    }

    /// Formats the path to the target, then additional facts in brackets.
    fn text(&self, asked: &str, route: &Resolution<'_>) -> String {
        let target = shown(&route.target());
        let mut way: Vec<String> = route.alias_path().map(str::to_owned).collect();
        if way.is_empty() {
            way.push(shown(asked));
        }
        way.push(target.clone());

        let mut notes = Vec::new();
        if !target.contains(route.model()) {
            notes.push(format!("model {}", shown(route.model())));
        }
        if let Some(endpoint) = route.endpoint().map(public)
            && !target.ends_with(&endpoint)
        {
            notes.push(format!("at {endpoint}"));
        }
        for alias in route.alias_path() {
            if let Some(count) = self.choices.get(alias) {
                notes.push(format!("drawn from the {count} targets of {alias}"));
            }
        }
        if let Some(deprecation) = route.deprecation() {
            notes.push(match deprecation.replacement() {
                Some(name) => format!("deprecated, use {name}"),
                None => "deprecated".to_owned(),
            });
        }
        let notes = match notes.as_slice() {
            [] => String::new(),
            notes => format!("  ({})", notes.join("; ")),
        };
        format!("{}{notes}", way.join(" → "))
    }
}

/// Quotes a name that is empty, has spaces or would garble the terminal.
fn shown(name: &str) -> String {
    let quoted = format!("{name:?}");
    if name.is_empty() || name.contains(' ') || quoted[1..quoted.len() - 1] != *name {
        return quoted;
    }
    name.to_owned()
}

/// Returns a URL without user info, query and fragment, which may hold secrets.
fn public(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let (authority, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    match scheme {
        "" => format!("{host}{path}"),
        scheme => format!("{scheme}://{host}{path}"),
    }
}
