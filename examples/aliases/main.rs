//! Command-line tool: checks a configuration, resolves names and inspects routing.
//!
//!     cargo run --example aliases -- resolve examples/config.yaml arch.summarize.v1
//!
//! It uses only the public API of the crate. Exit status: 0 on success, 1 if a configuration has errors, a
//! name is not found or a routing test fails, 2 for wrong arguments or a file that cannot be read or written.

mod answer;
mod check;
mod diff;
mod explain;
mod graph;
mod list;
mod load;
mod moved;
mod resolve;
mod simulate;
mod test;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks a configuration, resolves names and inspects routing.
#[derive(Parser)]
#[command(name = "aliases", version, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit status: 0 on success, 1 if a configuration has errors, a name is not found
or a routing test fails, 2 for wrong arguments or a file that cannot be read or
written. The tool reads no environment variables. It prints URLs without user
info and query.";

#[derive(Subcommand)]
enum Command {
    /// Prints all problems of each configuration.
    Check(check::Check),
    /// Prints the provider and model that serve each name.
    Resolve(resolve::Resolve),
    /// Explains where a request goes and why, also after failures.
    Explain(explain::Explain),
    /// Prints the models that `/v1/models` lists.
    List(list::List),
    /// Runs routing tests, which check where names lead.
    Test(test::Test),
    /// Resolves a name many times and counts the requests per target.
    Simulate(simulate::Simulate),
    /// Shows the share of sticky keys that a configuration change moves.
    Moved(moved::Moved),
    /// Shows the differences between two configurations.
    Diff(diff::Diff),
    /// Draws a configuration for Mermaid or Graphviz.
    Graph(graph::Graph),
}

/// Why a command stops.
enum Failure {
    /// The request was refused, and the reason has been printed.
    Refused,
    /// A file or the output cannot be read or written.
    Io(String),
    /// The reader of the output closed it.
    Closed,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Self::Io(format!("cannot write the output: {error}"))
    }
}

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let done = match Arguments::parse().command {
        Command::Check(check) => check.run(&mut out),
        Command::Resolve(resolve) => resolve.run(&mut out),
        Command::Explain(explain) => explain.run(&mut out),
        Command::List(list) => list.run(&mut out),
        Command::Test(test) => test.run(&mut out),
        Command::Simulate(simulate) => simulate.run(&mut out),
        Command::Moved(moved) => moved.run(&mut out),
        Command::Diff(diff) => diff.run(&mut out),
        Command::Graph(graph) => graph.run(&mut out),
    };
    match done {
        Ok(code) => code,
        Err(Failure::Refused) => ExitCode::from(1),
        // For example `aliases list … | head -1`.
        Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Io(message)) => {
            complain(&format!("error: {message}"));
            ExitCode::from(2)
        }
    }
}

/// Writes to standard error. Ignores failures, since there is no other place to report them.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}
