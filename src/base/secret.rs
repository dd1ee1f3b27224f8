//! Access keys, header values and URLs, which are never printed in full.

use std::borrow::Cow;
use std::fmt;

use crate::base::reference::{Piece, pieces};
use crate::base::text::Quoted;

/// Holds a secret, or a text with references to variables: `$VAR`, `${VAR}` or `${VAR:-default}`.
///
/// Neither `Debug` nor any error shows it. Only [`expose`](Self::expose) returns it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret {
    written: Box<str>,
    /// The text to use, if it differs from the written one: with the variables looked up, or without escapes.
    value: Option<Box<str>>,
}

impl Secret {
    pub(crate) fn new(written: impl Into<Box<str>>) -> Self {
        let written = written.into();
        let is_escaped = || pieces(&written).any(|piece| piece == Piece::Escape);
        let has_variable = || variables(&written).next().is_some();
        let value = (is_escaped() && !has_variable())
            .then(|| expanded(&written, |_, _| Some(Cow::Borrowed(""))))
            .flatten();
        Self {
            written,
            value: value.map(Into::into),
        }
    }

    /// Returns the name of the variable, if the whole text is one reference.
    pub fn variable(&self) -> Option<&str> {
        let mut pieces = pieces(&self.written);
        match (pieces.next(), pieces.next()) {
            (Some(Piece::Variable { name, .. }), None) => Some(name),
            _ => None,
        }
    }

    /// Returns the names of all variables in the text, in order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        variables(&self.written)
    }

    /// Returns the secret: the literal, or the text with its variables looked up; `None` if it has variables
    /// that were not looked up.
    pub fn expose(&self) -> Option<&str> {
        match &self.value {
            Some(value) => Some(value),
            None if self.variables().next().is_none() => Some(&self.written),
            None => None,
        }
    }

    /// Looks up the variables.
    ///
    /// # Errors
    ///
    /// The names of the variables that have neither a value nor a default.
    pub(crate) fn look_up(
        &mut self,
        mut lookup: impl FnMut(&str) -> Option<String>,
    ) -> Result<(), Vec<String>> {
        let mut unset = Vec::new();
        let value = expanded(&self.written, |name, default| {
            let value = lookup(name).filter(|value| default.is_none() || !value.is_empty());
            let value = value.map(Cow::Owned).or(default.map(Cow::Borrowed));
            if value.is_none() {
                unset.push(name.to_owned());
            }
            value
        });
        match value {
            Some(value) => {
                self.value = Some(value.into());
                Ok(())
            }
            None => Err(unset),
        }
    }

    /// Returns the text to use if it is known, else the text as written.
    pub(crate) fn value_or_written(&self) -> &str {
        self.value.as_deref().unwrap_or(&self.written)
    }

    /// Returns what identifies the secret: `true` and its value if that is known, else `false` and the name
    /// of the variable, whichever way it is spelled, or the text as written if it is more than a variable.
    pub(crate) fn identity(&self) -> (bool, &str) {
        match self.expose() {
            Some(value) => (true, value),
            None => (false, self.variable().unwrap_or(&self.written)),
        }
    }

    /// Returns the text as written: with references, or the literal secret.
    pub(crate) fn as_written(&self) -> &str {
        &self.written
    }
}

fn variables(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Variable { name, .. } => Some(name),
        Piece::Literal(_) | Piece::Escape => None,
    })
}

/// Replaces the references in a text. `None` if one of them has no value; the others are asked all the same.
fn expanded<'t>(
    text: &'t str,
    mut value: impl FnMut(&'t str, Option<&'t str>) -> Option<Cow<'t, str>>,
) -> Option<String> {
    let mut expanded = Some(String::with_capacity(text.len()));
    for piece in pieces(text) {
        let part = match piece {
            Piece::Literal(text) => Some(text.into()),
            Piece::Escape => Some("${".into()),
            Piece::Variable { name, default } => value(name, default),
        };
        match (&mut expanded, part) {
            (Some(expanded), Some(part)) => expanded.push_str(&part),
            _ => expanded = None,
        }
    }
    expanded
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.variables().next().is_some() {
            "Secret(variable)"
        } else {
            "Secret(literal)"
        })
    }
}

/// Prints a URL without its user info, query, fragment and the defaults of its variables, which may hold
/// secrets.
pub(crate) struct PublicUrl<'a>(pub(crate) &'a str);

impl fmt::Display for PublicUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = without_defaults(self.0);
        let (scheme, rest) = match text.find("://") {
            Some(at) => text.split_at(at + 3),
            None => ("", &*text),
        };
        let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
        let authority = rest.find(['/', '\\']).unwrap_or(rest.len());
        // The last `@` counts: an unescaped password may contain one.
        let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
        let (host, path) = (&rest[host..authority], &rest[authority..]);
        match host.rsplit_once(':') {
            // Neither a port nor a variable, so probably a password without its `@`.
            Some((user, port))
                if !host.starts_with('[')
                    && !port.starts_with('$')
                    && !port.bytes().all(|b| b.is_ascii_digit()) =>
            {
                write!(f, "{scheme}{user}{path}")
            }
            _ => write!(f, "{scheme}{host}{path}"),
        }
    }
}

/// Removes the defaults from the references in a text.
fn without_defaults(text: &str) -> Cow<'_, str> {
    if !text.contains(":-") {
        return text.into();
    }
    let shown = pieces(text).map(|piece| match piece {
        Piece::Literal(text) => text.to_owned(),
        Piece::Escape => "$${".to_owned(),
        Piece::Variable { name, .. } => format!("${{{name}}}"),
    });
    shown.collect::<String>().into()
}

impl fmt::Debug for PublicUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Quoted(&self.to_string()))
    }
}

/// Returns why a text is not a valid URL. A URL that starts with a variable is not checked.
pub(crate) fn url_fault(url: &str) -> Option<&'static str> {
    if url.starts_with('$') {
        return None;
    }
    let scheme = url.find("://").map(|at| &url[..at]);
    let Some(scheme) = scheme else {
        return Some("it has no scheme");
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Some("its scheme is neither http nor https");
    }
    let rest = &url[scheme.len() + 3..];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if host.starts_with('[') {
        host
    } else {
        host.split(':').next().unwrap_or_default()
    };
    host.is_empty().then_some("it has no host")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_literals() {
        for (written, variable, variables) in [
            ("$OPENAI_API_KEY", Some("OPENAI_API_KEY"), 1),
            ("${_KEY1}", Some("_KEY1"), 1),
            ("${K:-sk-123}", Some("K"), 1),
            ("Bearer ${K}", None, 1),
            ("${A}${B}", None, 2),
            ("sk-123", None, 0),
            ("Bearer $A", None, 0),
        ] {
            let secret = Secret::new(written);
            assert_eq!(secret.variable(), variable, "{written}");
            assert_eq!(secret.variables().count(), variables, "{written}");
            assert_eq!(secret.expose().is_none(), variables > 0);
            assert!(!format!("{secret:?}").contains("sk-123"));
        }
    }

    #[test]
    fn references_are_replaced_by_values_or_defaults() {
        let lookup = |name: &str| match name {
            "K" => Some("sk-1".to_owned()),
            "EMPTY" => Some(String::new()),
            "REF" => Some("${K}".to_owned()),
            _ => None,
        };
        for (written, expected) in [
            ("$K", "sk-1"),
            ("Bearer ${K}", "Bearer sk-1"),
            ("${NONE:-sk-2}", "sk-2"),
            ("${EMPTY:-sk-3}", "sk-3"),
            ("${K:-sk-4}", "sk-1"),
            ("${EMPTY}", ""),
            ("$${K} ${K}", "${K} sk-1"),
            // A value is not expanded again.
            ("$REF", "${K}"),
            ("$K/v1", "sk-1/v1"),
        ] {
            let mut secret = Secret::new(written);
            assert_eq!(secret.look_up(lookup), Ok(()), "{written}");
            assert_eq!(secret.expose(), Some(expected), "{written}");
        }
        let mut secret = Secret::new("${A}-${K}-${B}");
        let unset = vec!["A".to_owned(), "B".to_owned()];
        assert_eq!(secret.look_up(lookup), Err(unset));
        assert_eq!(Secret::new("a$${b}").expose(), Some("a${b}"));
    }

    #[test]
    fn a_printed_url_keeps_no_secret() {
        for (url, printed) in [
            ("https://api.example.com/v1", "https://api.example.com/v1"),
            ("https://u:p@h:8080/v1?key=1", "https://h:8080/v1"),
            ("https://u:p@x@h/a@b", "https://h/a@b"),
            ("http://h#frag", "http://h"),
            ("http://h?x=1", "http://h"),
            ("http://user:secret/v1", "http://user/v1"),
            ("http://[fe80::a]/v1", "http://[fe80::a]/v1"),
            ("u:p@h/v1", "h/v1"),
            ("$HOST/v1", "$HOST/v1"),
            ("https://${HOST}:${PORT}/v1", "https://${HOST}:${PORT}/v1"),
            ("${URL:-https://u:p@h}/v1?k=1", "${URL}/v1"),
            ("https://${USER:-u:p@h}", "https://${USER}"),
        ] {
            assert_eq!(PublicUrl(url).to_string(), printed);
        }
    }

    #[test]
    fn urls_need_a_scheme_and_a_host() {
        for (url, fault) in [
            ("https://api.example.com", None),
            ("HTTP://[::1]:80/x", None),
            ("http://<your-server-ip>:8000", None),
            ("$BASE/v1", None),
            ("api.example.com", Some("it has no scheme")),
            ("localhost:8000", Some("it has no scheme")),
            ("ftp://h", Some("its scheme is neither http nor https")),
            ("https://", Some("it has no host")),
            ("https:///v1", Some("it has no host")),
            ("https://:80", Some("it has no host")),
            ("https://u@", Some("it has no host")),
        ] {
            assert_eq!(url_fault(url), fault, "{url}");
        }
    }
}
