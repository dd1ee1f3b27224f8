//! References to variables inside a text: `$NAME`, `${NAME}` and `${NAME:-default}`.

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Literal(&'t str),
    /// `$${`, which stands for a plain `${`.
    Escape,
    Variable {
        name: &'t str,
        /// The value while the variable is unset or empty.
        default: Option<&'t str>,
    },
}

/// Splits a text into its pieces.
///
/// `${NAME}` and `${NAME:-default}` are references anywhere. `$NAME` is one at the beginning, if it is the
/// whole text or is followed by `/`, `:`, `?` or `#`, as in the URL `$HOST/v1`. Everything else is literal,
/// an unclosed `${` included. A default ends at the first `}`.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let (first, mut rest) = match leading(text) {
        Some((name, rest)) => {
            let default = None;
            (Some(Piece::Variable { name, default }), rest)
        }
        None => (None, text),
    };
    // No reference begins after the last brace. Searched once, so that many `${` take linear time.
    let tail = rest.len() - rest.rfind('}').map_or(0, |at| at + 1);
    let others = std::iter::from_fn(move || {
        let (piece, after) = next(rest, tail)?;
        rest = after;
        Some(piece)
    });
    first.into_iter().chain(others)
}

/// The first piece of a text, and the rest. No reference begins in the last `tail` bytes.
fn next(text: &str, tail: usize) -> Option<(Piece<'_>, &str)> {
    if text.is_empty() {
        return None;
    }
    let piece_at = |at: usize| {
        let rest = &text[at..];
        match rest.strip_prefix("$${") {
            Some(rest) => Some((Piece::Escape, rest)),
            None if text.len() - at > tail => braced(rest),
            None => None,
        }
    };
    let mut dollars = text.match_indices('$').map(|(at, _)| at);
    match dollars.find(|&at| piece_at(at).is_some()) {
        Some(0) => piece_at(0),
        end => {
            let (literal, rest) = text.split_at(end.unwrap_or(text.len()));
            Some((Piece::Literal(literal), rest))
        }
    }
}

/// `${NAME}` or `${NAME:-default}` at the beginning of a text that has a closing brace, and the rest.
fn braced(text: &str) -> Option<(Piece<'_>, &str)> {
    let inner = text.strip_prefix("${")?;
    let (name, rest) = inner.split_at(inner.find(|c| !is_name_char(c))?);
    if !is_name(name) {
        return None;
    }
    let (default, rest) = match rest.strip_prefix(":-") {
        Some(rest) => {
            let (default, rest) = rest.split_once('}')?;
            (Some(default), rest)
        }
        None => (None, rest.strip_prefix('}')?),
    };
    Some((Piece::Variable { name, default }, rest))
}

/// `$NAME` at the beginning of a text, and the rest.
fn leading(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('$')?;
    let (name, rest) = rest.split_at(rest.find(['/', ':', '?', '#']).unwrap_or(rest.len()));
    is_name(name).then_some((name, rest))
}

pub(crate) fn is_name(name: &str) -> bool {
    let starts = |c: char| is_name_char(c) && !c.is_ascii_digit();
    name.starts_with(starts) && name.chars().all(is_name_char)
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |piece| match piece {
            Piece::Literal(text) => format!("<{text}>"),
            Piece::Escape => "esc".to_owned(),
            Piece::Variable { name, default } => match default {
                Some(default) => format!("{name}|{default}"),
                None => name.to_owned(),
            },
        };
        let pieces: Vec<String> = pieces(text).map(show).collect();
        pieces.join(" ")
    }

    #[test]
    fn a_text_is_split_into_pieces() {
        for (text, expected) in [
            ("", ""),
            ("sk-123", "<sk-123>"),
            ("$KEY", "KEY"),
            ("${_K1}", "_K1"),
            ("${K:-sk-1}", "K|sk-1"),
            ("${K:-}", "K|"),
            ("${URL:-http://h:80/v1?a=b}", "URL|http://h:80/v1?a=b"),
            ("Bearer ${K}", "<Bearer > K"),
            (
                "https://${HOST}:${PORT:-443}/v1",
                "<https://> HOST <:> PORT|443 </v1>",
            ),
            ("$HOST/v1", "HOST </v1>"),
            ("$HOST:80/${P}", "HOST <:80/> P"),
            ("$${K}", "esc <K}>"),
            ("a$${b}${C}", "<a> esc <b}> C"),
            // Not references.
            ("Bearer $K", "<Bearer $K>"),
            ("$K-x", "<$K-x>"),
            ("$1", "<$1>"),
            ("${1}", "<${1}>"),
            ("${K", "<${K>"),
            ("${}", "<${}>"),
            ("${A-b}", "<${A-b}>"),
            ("pa$$word", "<pa$$word>"),
            ("${A${B}", "<${A> B"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn many_dollars_take_linear_time() {
        let text = "$".repeat(100_000) + "{";
        assert_eq!(
            pieces(&text).count(),
            2,
            "all but the last two, then an escape"
        );
        for hostile in ["${", "${A", "${A:-", "$${"] {
            let text = hostile.repeat(100_000);
            assert!(pieces(&text).count() <= 100_000, "{hostile}");
            assert!(pieces(&(text + "}")).count() <= 100_001, "{hostile}");
        }
    }
}
