//! Checks a text before it is parsed.

use std::sync::Arc;

use super::limits::ReadLimits;
use super::refusal::{MAX_DIRECTIVES, MAX_OPEN, Refusal};
use super::scan::scan;
use crate::base::location::Location;
use crate::base::problem::{Code, Problem};

/// Checks a text and returns it without its byte order mark.
///
/// # Errors
///
/// A text over the byte limit, invalid UTF-8, a character that YAML does not allow, and whatever
/// [`scan`] refuses.
pub(in super::super) fn admit<'t>(
    source: &Arc<str>,
    bytes: &'t [u8],
    limits: ReadLimits,
) -> Result<&'t str, Problem> {
    let refuse = |code, location, message: String, help: &str| {
        Problem::new(Code::severity(code), code, location, message, help.into())
    };
    if bytes.len() > limits.max_bytes {
        return Err(refuse(
            Code::TooLarge,
            place(source, bytes, 0),
            format!(
                "the text has {} bytes, at most {} are read",
                bytes.len(),
                limits.max_bytes
            ),
            "split the configuration, or raise the byte limit",
        ));
    }
    // With a byte order mark the YAML crate would take the rest for a second document.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let at = |offset: usize| place(source, bytes, offset);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        refuse(
            Code::InvalidUtf8,
            at(error.valid_up_to()),
            "the text is not UTF-8 here".into(),
            "save the file as UTF-8",
        )
    })?;
    match scan(text) {
        Ok(()) => Ok(text),
        Err(Refusal::ControlCharacter(offset)) => Err(refuse(
            Code::ControlCharacter,
            at(offset),
            format!(
                "unexpected character `{}`",
                text[offset..]
                    .chars()
                    .next()
                    .map_or(String::new(), |c| c.escape_default().to_string())
            ),
            "remove it; YAML has no control characters but tab and line break",
        )),
        Err(Refusal::TooDeep(offset)) => Err(refuse(
            Code::TooDeep,
            at(offset),
            format!("more than {MAX_OPEN} brackets are open here"),
            "close the brackets; a configuration needs four levels",
        )),
        Err(Refusal::DeepLine(offset)) => Err(refuse(
            Code::TooDeep,
            at(offset),
            format!("more than {MAX_OPEN} lists and mappings begin on this line"),
            "a configuration needs four levels; are these dashes meant as text?",
        )),
        Err(Refusal::TooDense(offset)) => Err(refuse(
            Code::TooManyNodes,
            at(offset),
            "the mappings in brackets hold too many keys for the size of the text".into(),
            "write keys without values, such as `{a, b}`, as a list with one entry per line",
        )),
        Err(Refusal::Directives(offset)) => Err(refuse(
            Code::InvalidYaml,
            at(offset),
            format!("more than {MAX_DIRECTIVES} directives"),
            "remove the lines that begin with `%`",
        )),
        Err(Refusal::DuplicateAnchor(second, first)) => {
            let (first, second) = (at(first), at(second));
            Err(refuse(
                Code::DuplicateAnchor,
                second.clone(),
                format!(
                    "an anchor of this name is already defined at {}",
                    first.seen_from(&second)
                ),
                "rename one of the two anchors",
            ))
        }
    }
}

/// Returns the location of a byte.
fn place(source: &Arc<str>, bytes: &[u8], offset: usize) -> Location {
    let before = &bytes[..offset];
    let line_start = before
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |at| at + 1);
    let line = before.split(|&b| b == b'\n').count();
    let column = String::from_utf8_lossy(&before[line_start..])
        .chars()
        .count()
        + 1;
    Location::text(Arc::clone(source), line, column)
}
