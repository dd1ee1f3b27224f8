//! Reading a configuration and its overlays.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use model_aliases::{AliasResolver, Config, ConfigError, Problem, RoutingTests};

use crate::{Failure, complain};

#[derive(Args)]
pub(crate) struct Overlays {
    /// Lays FILE over the configuration; the last one lies on top.
    #[arg(long = "overlay", value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Two versions of a configuration.
#[derive(Args)]
pub(crate) struct Versions {
    /// The configuration before.
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The configuration after.
    #[arg(value_name = "NEW")]
    new: PathBuf,

    #[command(flatten)]
    overlays: Overlays,
}

impl Versions {
    /// Both, built: the old one and the new one.
    pub(crate) fn resolvers(&self) -> Result<(AliasResolver, AliasResolver), Failure> {
        let (_, old) = self.overlays.resolver(&self.old)?;
        let (_, new) = self.overlays.resolver(&self.new)?;
        Ok((old, new))
    }
}

/// What came of reading.
pub(crate) enum Loaded {
    Read(Config),
    /// A file holds no document at all.
    Broken(Vec<Problem>),
}

impl Overlays {
    fn paths<'p>(&'p self, base: &'p Path) -> impl Iterator<Item = &'p Path> {
        std::iter::once(base).chain(self.files.iter().map(PathBuf::as_path))
    }

    /// Reads the routing tests in a configuration and its overlays, the last one on top; problems in
    /// them are shown.
    pub(crate) fn tests(&self, base: &Path) -> Result<RoutingTests, Failure> {
        let mut whole = RoutingTests::default();
        for path in self.paths(base) {
            whole = whole.overlay(tests(path)?);
        }
        Ok(whole)
    }

    /// The problems in the routing tests of a configuration and its overlays.
    pub(crate) fn test_problems(&self, base: &Path) -> Result<Vec<Problem>, Failure> {
        let mut problems = Vec::new();
        for path in self.paths(base) {
            let found = tests_of(path)?.err();
            problems.extend(found.into_iter().flat_map(ConfigError::into_problems));
        }
        Ok(problems)
    }

    /// Reads a configuration with the overlays over it.
    pub(crate) fn over(&self, base: &Path) -> Result<Loaded, Failure> {
        let mut whole: Option<Config> = None;
        let mut broken = Vec::new();
        for path in self.paths(base) {
            match Config::from_yaml(&path.to_string_lossy(), read(path)?) {
                Ok(config) => {
                    whole = Some(match whole {
                        Some(below) => below.overlay(config),
                        None => config,
                    });
                }
                Err(error) => broken.extend(error.into_problems()),
            }
        }
        Ok(match whole {
            Some(config) if broken.is_empty() => Loaded::Read(config),
            _ => Loaded::Broken(broken),
        })
    }

    /// The same, built; where it has errors they are shown.
    pub(crate) fn resolver(&self, base: &Path) -> Result<(Config, AliasResolver), Failure> {
        let problems = match self.over(base)? {
            Loaded::Read(config) => match AliasResolver::new(config.clone()) {
                Ok(resolver) => return Ok((config, resolver)),
                Err(error) => error.into_problems(),
            },
            Loaded::Broken(problems) => problems,
        };
        for problem in &problems {
            complain(&as_text(problem));
        }
        Err(Failure::Refused)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::Io(format!("cannot read {}: {error}", path.display())))
}

/// Reads the routing tests of a file; problems in them are shown.
pub(crate) fn tests(path: &Path) -> Result<RoutingTests, Failure> {
    tests_of(path)?.map_err(|error| {
        for problem in error.problems() {
            complain(&as_text(problem));
        }
        Failure::Refused
    })
}

fn tests_of(path: &Path) -> Result<Result<RoutingTests, ConfigError>, Failure> {
    let text = read(path)?;
    Ok(RoutingTests::from_yaml(&path.to_string_lossy(), text))
}

/// A problem as a compiler would print it. No line of the file is shown: it may hold a key.
pub(crate) fn as_text(problem: &Problem) -> String {
    format!(
        "{}: {}[{}]: {}\n  help: {}",
        problem.location(),
        problem.severity(),
        problem.code(),
        problem.message(),
        problem.help()
    )
}
