//! Access keys, header values and URLs, which are never printed in full.

use std::fmt;

use crate::base::text::Quoted;

/// Holds a secret, or a reference to a variable written as `$VAR` or `${VAR}`.
///
/// Neither `Debug` nor any error shows it. Only [`expose`](Self::expose) returns it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret {
    written: Box<str>,
    /// The value of the variable, once it was looked up.
    value: Option<Box<str>>,
}

impl Secret {
    pub(crate) fn new(written: impl Into<Box<str>>) -> Self {
        Self {
            written: written.into(),
            value: None,
        }
    }

    /// Returns the name of the variable, if this is a reference.
    pub fn variable(&self) -> Option<&str> {
        variable(&self.written)
    }

    /// Returns the secret: the literal, or the value of the variable; `None` if the variable was not looked
    /// up.
    pub fn expose(&self) -> Option<&str> {
        match (&self.value, self.variable()) {
            (Some(value), _) => Some(value),
            (None, None) => Some(&self.written),
            (None, Some(_)) => None,
        }
    }

    /// Returns the variable at the start of a URL, and the rest.
    pub(crate) fn leading_variable(&self) -> Option<(&str, &str)> {
        let rest = self.written.strip_prefix('$')?;
        let (name, rest) = match rest.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => rest.split_at(rest.find(['/', ':', '?', '#'])?),
        };
        rest.starts_with(['/', ':', '?', '#'])
            .then_some((name, rest))
    }

    /// Returns the looked-up value, else the text as written.
    pub(crate) fn value_or_written(&self) -> &str {
        self.value.as_deref().unwrap_or(&self.written)
    }

    /// Returns what identifies the secret: `true` and its value if that is known, else `false` and the name
    /// of the variable, whichever way it is spelled.
    pub(crate) fn identity(&self) -> (bool, &str) {
        match (self.expose(), self.variable()) {
            (Some(value), _) => (true, value),
            (None, variable) => (false, variable.unwrap_or_default()),
        }
    }

    /// Returns the text as written: the reference, or the literal secret.
    pub(crate) fn as_written(&self) -> &str {
        &self.written
    }

    pub(crate) fn set_value(&mut self, value: String) {
        self.value = Some(value.into());
    }
}

/// Returns the name in `$NAME` or `${NAME}`, if the whole text is such a reference.
fn variable(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let name = match rest.strip_prefix('{') {
        Some(braced) => braced.strip_suffix('}')?,
        None => rest,
    };
    let mut bytes = name.bytes();
    let starts = bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    (starts && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')).then_some(name)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.variable().is_some() {
            "Secret(variable)"
        } else {
            "Secret(literal)"
        })
    }
}

/// Prints a URL without its user info, query and fragment, which may hold secrets.
pub(crate) struct PublicUrl<'a>(pub(crate) &'a str);

impl fmt::Display for PublicUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = match self.0.find("://") {
            Some(at) => self.0.split_at(at + 3),
            None => ("", self.0),
        };
        let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
        let authority = rest.find(['/', '\\']).unwrap_or(rest.len());
        // The last `@` counts: an unescaped password may contain one.
        let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
        let (host, path) = (&rest[host..authority], &rest[authority..]);
        match host.rsplit_once(':') {
            // Not a port, so probably a password without its `@`.
            Some((user, port))
                if !host.starts_with('[') && !port.bytes().all(|b| b.is_ascii_digit()) =>
            {
                write!(f, "{scheme}{user}{path}")
            }
            _ => write!(f, "{scheme}{host}{path}"),
        }
    }
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
        for (written, expected) in [
            ("$OPENAI_API_KEY", Some("OPENAI_API_KEY")),
            ("${_KEY1}", Some("_KEY1")),
            ("sk-123", None),
            ("$", None),
            ("${}", None),
            ("${A", None),
            ("$1A", None),
            ("$A-B", None),
            ("Bearer $A", None),
        ] {
            assert_eq!(variable(written), expected, "{written}");
            let secret = Secret::new(written);
            assert_eq!(secret.expose().is_none(), expected.is_some());
            assert!(!format!("{secret:?}").contains("sk-123"));
        }
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
