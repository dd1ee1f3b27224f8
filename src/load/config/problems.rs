//! Turns findings into problems.

use std::sync::Arc;

use super::document::Document;
use super::finding::Findings;
use super::mark::Mark;
use super::tree::NodeId;
use crate::base::location::Location;
use crate::base::problem::{Code, Problem};
use crate::base::text::counted;

/// Turns findings into problems, each mistake once, sorted by document and then by place. Each
/// document is read once more to locate them. If findings were left out, the last problem says so.
pub(crate) fn problems(documents: &[Arc<Document>], findings: &Findings) -> Vec<Problem> {
    if findings.iter().len() == 0 {
        return Vec::new();
    }
    let mut wanted: Vec<Vec<NodeId>> = vec![Vec::new(); documents.len()];
    for finding in findings.iter() {
        for mark in [Some(finding.mark), finding.related].into_iter().flatten() {
            if let Some(nodes) = wanted.get_mut(mark.document) {
                nodes.push(mark.node);
            }
        }
    }
    let places: Vec<(Vec<NodeId>, Vec<Location>)> = wanted
        .into_iter()
        .zip(documents)
        .map(|(mut nodes, document)| {
            nodes.sort_unstable();
            nodes.dedup();
            let places = document.locate(nodes.clone());
            (nodes, places)
        })
        .collect();
    let place = |mark: Mark| -> Location {
        places
            .get(mark.document)
            .and_then(|(nodes, places)| {
                let at = nodes.binary_search(&mark.node).ok()?;
                places.get(at).cloned()
            })
            .unwrap_or_else(|| Location::path("".into(), "the configuration".into()))
    };
    let mut found: Vec<(Mark, Problem)> = findings
        .iter()
        .map(|finding| {
            let location = place(finding.mark);
            let mut message = finding.message.clone();
            if let Some(related) = finding.related {
                message.push(' ');
                message.push_str(&place(related).seen_from(&location));
            }
            let problem = Problem::new(
                finding.severity,
                finding.code,
                location,
                message,
                finding.help.clone(),
            );
            (finding.mark, problem)
        })
        .collect();
    found.sort_by_key(|(mark, problem)| (mark.document, problem.location().order(), mark.node));
    // A mistake in an anchored node is found once per use, always at the definition.
    let mut kept: Vec<(Mark, Problem)> = Vec::with_capacity(found.len());
    for (mark, problem) in found {
        let repeats = kept
            .iter()
            .rev()
            .take_while(|(_, other)| other.location() == problem.location());
        let is_text = problem.location().line().is_some();
        if !repeats.into_iter().any(|(other_mark, other)| {
            other.code() == problem.code()
                && (other.message() == problem.message()
                    || (is_text && other_mark.node != mark.node))
        }) {
            kept.push((mark, problem));
        }
    }
    let mut problems: Vec<Problem> = kept.into_iter().map(|(_, problem)| problem).collect();
    if let (1.., Some(last)) = (findings.left_out(), problems.last()) {
        problems.push(Problem::new(
            Code::MoreProblems.severity(),
            Code::MoreProblems,
            last.location().clone(),
            format!(
                "the list ends here and leaves out {}",
                counted(findings.left_out(), "problem")
            ),
            "correct these first".into(),
        ));
    }
    problems
}
