//! Reports names that contain characters which are probably not meant.

use crate::base::problem::Code;
use crate::base::text::Quoted;
use crate::load::config::Mark;
use crate::load::config::finding::{Finding, Findings};

/// Reports quotes, blanks and other characters that a model or reference hardly ever contains.
/// `what` names the text in the message, such as "model".
pub(super) fn check(what: &str, text: &str, mark: Mark, findings: &mut Findings) {
    let Some((fault, help)) = fault(text) else {
        return;
    };
    let message = format!("{what} {} {fault}", Quoted(text));
    findings.push(Finding::new(mark, Code::SuspiciousText, message, help));
}

/// What is wrong with a text, and how to fix it.
fn fault(text: &str) -> Option<(&'static str, &'static str)> {
    if text.contains(is_typographic_quote) {
        Some((
            "contains a typographic quote",
            "remove it, or write the plain quote `\"`",
        ))
    } else if text.contains(is_invisible) {
        Some(("contains an invisible character", "remove it"))
    } else if text.trim() != text {
        Some(("begins or ends with a blank", "remove the blank"))
    } else if text.contains("${") {
        Some((
            "contains `${`, which is not looked up here",
            "write the name itself; only keys, headers and URLs may contain variables",
        ))
    } else if text.contains("//") {
        Some(("contains `//`", "write one `/` between provider and model"))
    } else if text.contains(',') {
        Some((
            "contains a comma",
            "write each model as an entry of its own",
        ))
    } else {
        None
    }
}

fn is_typographic_quote(c: char) -> bool {
    matches!(
        c,
        '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}'
    )
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202f}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
    )
}
