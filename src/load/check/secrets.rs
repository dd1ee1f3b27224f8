//! Warns about keys, headers and URLs that are probably not meant as they are written. The texts are
//! secret, so no message shows one.

use crate::base::problem::Code;
use crate::base::reference::{Piece, is_name, pieces};
use crate::base::secret::Secret;
use crate::load::config::Mark;
use crate::load::config::finding::{Finding, Findings};

/// Reports an empty text, blanks around it, and what looks like a reference of another tool. `what` names
/// the text in the message, such as "`access_key` of `openai/gpt-4o`".
pub(super) fn check(what: &str, secret: &Secret, mark: Mark, findings: &mut Findings) {
    if let Some((fault, help)) = fault(secret.as_written()) {
        let message = format!("{what} {fault}");
        findings.push(Finding::new(mark, Code::SuspiciousSecret, message, help));
    }
}

/// What is wrong with a text, and how to fix it.
fn fault(text: &str) -> Option<(&'static str, &'static str)> {
    if text.is_empty() {
        return Some(("is empty", "write a value, or remove the field"));
    }
    if text.trim() != text {
        return Some(("begins or ends with a blank or a line end", "remove it"));
    }
    let mut literals = pieces(text).filter_map(|piece| match piece {
        Piece::Literal(text) => Some(text),
        Piece::Escape | Piece::Variable { .. } => None,
    });
    literals.find_map(|literal| {
        if literal.contains("${") {
            Some((
                "contains `${` without a name and a closing brace, and is used as it stands",
                "write `${NAME}` or `${NAME:-default}`; `$${` stands for a plain `${`",
            ))
        } else if is_foreign(literal) || literal.starts_with("$ ") {
            Some((
                "looks like a reference of another tool, and is used as it stands",
                "write `$NAME` or `${NAME}`",
            ))
        } else if has_bare_variable(literal) {
            Some((
                "contains a variable without braces beside other text, and is used as it stands",
                "write `${NAME}`; `$NAME` is looked up only as a whole text",
            ))
        } else {
            None
        }
    })
}

/// Whether a text looks like a reference of LiteLLM, Envoy, a template engine, a shell or Windows.
fn is_foreign(text: &str) -> bool {
    let prefixes = ["os.environ/", "env:", "env.", "env://"];
    let is_windows = || {
        let inner = text
            .strip_prefix('%')
            .and_then(|rest| rest.strip_suffix('%'));
        inner.is_some_and(is_name)
    };
    prefixes.iter().any(|prefix| text.starts_with(prefix))
        || text.contains("{{")
        || text.contains("$(")
        || is_windows()
}

/// Whether `$NAME` stands at the beginning or after a blank, as in `Bearer $NAME`.
fn has_bare_variable(text: &str) -> bool {
    text.split_whitespace()
        .any(|word| word.strip_prefix('$').is_some_and(is_name))
}
