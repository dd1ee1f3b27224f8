//! Reads a configuration with its overlays.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use model_aliases::{AliasResolver, Config, ConfigError, Problem, RoutingTests};

use crate::{Failure, complain};

#[derive(Args)]
pub(crate) struct Overlays {
    /// Applies FILE as an overlay. May be repeated; later files override earlier ones.
    #[arg(long = "overlay", value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Two versions of a configuration.
#[derive(Args)]
pub(crate) struct Versions {
    /// The old configuration file.
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// The new configuration file.
    #[arg(value_name = "NEW")]
    new: PathBuf,

    #[command(flatten)]
    overlays: Overlays,
}

impl Versions {
    /// Builds the old and the new resolver.
    pub(crate) fn resolvers(&self) -> Result<(AliasResolver, AliasResolver), Failure> {
        let old = self.overlays.resolver(&self.old)?;
        let new = self.overlays.resolver(&self.new)?;
        Ok((old, new))
    }
}

/// Result of reading a configuration.
pub(crate) enum Loaded {
    Read(Config),
    /// A file could not be read as a document.
    Broken(Vec<Problem>),
}

impl Overlays {
    fn paths<'p>(&'p self, base: &'p Path) -> impl Iterator<Item = &'p Path> {
        std::iter::once(base).chain(self.files.iter().map(PathBuf::as_path))
    }

    /// Reads the routing tests of a configuration and its overlays. Prints the problems in them.
    pub(crate) fn tests(&self, base: &Path) -> Result<RoutingTests, Failure> {
        let mut whole = RoutingTests::default();
        for path in self.paths(base) {
            whole = whole.overlay(tests(path)?);
        }
        Ok(whole)
    }

    /// Returns the problems in the routing tests of a configuration and its overlays.
    pub(crate) fn test_problems(&self, base: &Path) -> Result<Vec<Problem>, Failure> {
        let mut problems = Vec::new();
        for path in self.paths(base) {
            let found = tests_of(path)?.err();
            problems.extend(found.into_iter().flat_map(ConfigError::into_problems));
        }
        Ok(problems)
    }

    /// Reads a configuration and applies the overlays.
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

    /// Reads a configuration. Prints the problems if it cannot be read.
    pub(crate) fn config(&self, base: &Path) -> Result<Config, Failure> {
        match self.over(base)? {
            Loaded::Read(config) => Ok(config),
            Loaded::Broken(problems) => Err(refused(&problems)),
        }
    }

    /// Reads a configuration and builds its resolver. Prints the problems if it has errors.
    pub(crate) fn resolver(&self, base: &Path) -> Result<AliasResolver, Failure> {
        build(self.config(base)?)
    }
}

/// Builds the resolver of a configuration. Prints the problems if it has errors.
pub(crate) fn build(config: Config) -> Result<AliasResolver, Failure> {
    AliasResolver::new(config).map_err(|error| refused(error.problems()))
}

fn refused(problems: &[Problem]) -> Failure {
    for problem in problems {
        complain(&as_text(problem));
    }
    Failure::Refused
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::Io(format!("cannot read {}: {error}", path.display())))
}

/// Reads the routing tests of a file. Prints the problems in them.
pub(crate) fn tests(path: &Path) -> Result<RoutingTests, Failure> {
    tests_of(path)?.map_err(|error| refused(error.problems()))
}

fn tests_of(path: &Path) -> Result<Result<RoutingTests, ConfigError>, Failure> {
    let text = read(path)?;
    Ok(RoutingTests::from_yaml(&path.to_string_lossy(), text))
}

/// Formats a problem like a compiler message. It shows no line of the file, because the line may hold a key.
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
