//! Checks a configuration, resolves names by it, lists what it offers.
//!
//!     cargo run --example aliases -- resolve examples/config.yaml arch.summarize.v1
//!
//! A tool over the public interface of the crate. Exit status: 0 when all is well, 1 when a
//! configuration has errors, a name is not found or a routing test fails, 2 on wrong use or a file that
//! cannot be read or written.

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

/// Checks a configuration, resolves names by it, lists what it offers.
#[derive(Parser)]
#[command(name = "aliases", version, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit status: 0 when all is well, 1 when a configuration has errors, a name is
not found or a routing test fails, 2 on wrong use or a file that cannot be read
or written. No environment variable is read; URLs are shown without user info
and query.";

#[derive(Subcommand)]
enum Command {
    /// Prints every problem of each configuration.
    Check(check::Check),
    /// Says which provider and model serve each name.
    Resolve(resolve::Resolve),
    /// Says why a name goes where it goes, also after failures.
    Explain(explain::Explain),
    /// Prints what `/v1/models` lists.
    List(list::List),
    /// Runs routing tests: whether names lead where they should.
    Test(test::Test),
    /// Resolves a name many times and shows who got how much.
    Simulate(simulate::Simulate),
    /// Shows which share of sticky keys a change of configuration moves.
    Moved(moved::Moved),
    /// Shows what a change of configuration changes.
    Diff(diff::Diff),
    /// Draws what leads where, for Mermaid or Graphviz.
    Graph(graph::Graph),
}

/// Why a command stops.
enum Failure {
    /// The configuration has errors, which have been shown.
    Refused,
    /// A file cannot be read or written, or the answers cannot.
    Io(String),
    /// Nobody reads the answers any more.
    Closed,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Self::Io(format!("cannot write the answers: {error}"))
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
        // `aliases list … | head -1` has what it wanted.
        Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Io(message)) => {
            complain(&format!("error: {message}"));
            ExitCode::from(2)
        }
    }
}

/// Writes to standard error; where that is closed too there is nobody left to tell.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}
