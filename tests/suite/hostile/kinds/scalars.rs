//! Large scalars, and texts that are barely YAML.

use model_aliases::Code;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::super::End::{Refused, Serves};
use super::super::Kind;
use super::{HEAD, TERSE, aliases, beside, fill, kind, pad};

/// Pieces in a pseudo-random order that is always the same.
fn shuffled(head: &str, size: usize, pieces: &[&str]) -> Vec<u8> {
    let mut random = StdRng::seed_from_u64(3);
    let mut text = head.to_owned();
    while text.len() < size {
        text.push_str(pieces[random.random_range(0..pieces.len())]);
    }
    text.into_bytes()
}

fn bytes(size: usize) -> Vec<u8> {
    let mut random = StdRng::seed_from_u64(4);
    (0..size).map(|_| random.random()).collect()
}

pub(super) const KINDS: &[Kind] = &[
    // Large scalars.
    kind("plain scalar", Serves, |n| {
        beside("  b: {target: gpt-4o, description: ", n, "x", "}")
    }),
    kind("plain scalar of words", Serves, |n| {
        beside("  b: {target: gpt-4o, description: ", n, "xy ", "x}")
    }),
    kind("plain scalar of lines", Serves, |n| {
        beside(
            "  b:\n    target: gpt-4o\n    description: x\n",
            n,
            "      x\n",
            "",
        )
    }),
    kind("empty lines", Serves, |n| {
        beside(
            "  b:\n    target: gpt-4o\n    description: x\n",
            n,
            "\n",
            "      x\n",
        )
    }),
    kind("double quotes", Serves, |n| {
        beside("  b: {target: gpt-4o, description: \"", n, "x", "\"}")
    }),
    kind("single quotes", Serves, |n| {
        beside("  b: {target: gpt-4o, description: '", n, "''", "'}")
    }),
    kind("literal scalar", Serves, |n| {
        beside(
            "  b:\n    target: gpt-4o\n    description: |\n",
            n,
            "      x\n",
            "",
        )
    }),
    kind("folded scalar", Serves, |n| {
        beside(
            "  b:\n    target: gpt-4o\n    description: >\n",
            n,
            "      x\n\n",
            "",
        )
    }),
    kind("escapes", Serves, |n| {
        beside("  b: {target: gpt-4o, description: \"", n, "\\u0041", "\"}")
    }),
    kind("short escapes", Serves, |n| {
        beside("  b: {target: gpt-4o, description: \"", n, "\\L", "\"}")
    }),
    kind("one long name", Refused(Code::InvalidAliasName), |n| {
        pad("model_aliases:\n  ? ", n, "x", "\n  : b")
    }),
    kind("one long reference", Refused(Code::UnknownTarget), |n| {
        pad("model_aliases:\n  b: ", n, "x", "")
    }),
    kind("one long key of ours", Refused(Code::UnknownField), |n| {
        pad(
            "model_aliases:\n  b:\n    ? ",
            n,
            "x",
            "\n    : b\n    target: x",
        )
    }),
    kind(
        "a long key without a mark",
        Refused(Code::InvalidYaml),
        |n| pad("model_aliases:\n  ", n, "x", ": b"),
    ),
    kind("one long model", Refused(Code::MissingProvider), |n| {
        pad("model_providers:\n  - model: ", n, "x", "")
    }),
    kind("a long number", Refused(Code::UnknownTarget), |n| {
        pad("model_aliases:\n  b: ", n, "1", "")
    }),
    kind("a long weight", Refused(Code::WeightSum), |n| {
        pad(
            "model_aliases:\n  b: {targets: [{model: x, weight: 1.",
            n,
            "0",
            "1}]}",
        )
    }),
    kind(
        "a long chain to a long name",
        Refused(Code::PathTooLong),
        |n| {
            let head = pad(
                "model_providers: [{model: p/*}]\nmodel_aliases:\n  b0: p/",
                n / 2,
                "x",
                "\n",
            );
            let head = String::from_utf8(head).unwrap_or_default();
            fill(&head, n, |at| format!("  b{}: b{at}\n", at + 1)).into_bytes()
        },
    ),
    kind(
        "mistakes below a long name",
        Refused(Code::InvalidAliasName),
        |n| {
            let head = pad("model_aliases:\n  ? ", n / 2, "x", "\n  :\n");
            let head = String::from_utf8(head).unwrap_or_default();
            fill(&head, n, |at| format!("    k{at}: 1\n")).into_bytes()
        },
    )
    .at_most(TERSE),
    // Encodings, lines, documents.
    kind("byte order marks", Refused(Code::ControlCharacter), |n| {
        pad("", n, "\u{feff}", "")
    }),
    kind(
        "a byte order mark inside",
        Refused(Code::ControlCharacter),
        |n| beside("#", n, "x", "\n\u{feff}b: c\n"),
    ),
    kind("a byte order mark before", Serves, |n| {
        pad(&format!("\u{feff}{HEAD}#"), n, "x", "")
    }),
    kind("lines that end in CRLF", Serves, |n| {
        String::from_utf8_lossy(&aliases(n, |at| format!("  n{at}: a\n")))
            .replace('\n', "\r\n")
            .into_bytes()
    })
    .at_most(TERSE),
    kind("lines that end in CR", Serves, |n| {
        String::from_utf8_lossy(&aliases(n, |at| format!("  n{at}: a\n")))
            .replace('\n', "\r")
            .into_bytes()
    })
    .at_most(TERSE),
    kind("NULs", Refused(Code::ControlCharacter), |n| vec![0; n]),
    kind("a NUL at the end", Refused(Code::ControlCharacter), |n| {
        beside("#", n, "x", "\0")
    }),
    kind("no UTF-8", Refused(Code::InvalidUtf8), |n| vec![0xff; n]),
    kind("no UTF-8 at the end", Refused(Code::InvalidUtf8), |n| {
        let mut text = beside("#", n, "x", "");
        text.push(0xc3);
        text
    }),
    kind("UTF-16", Refused(Code::ControlCharacter), |n| {
        String::from_utf8_lossy(&aliases(n / 2, |_| "#\n".to_owned()))
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect()
    }),
    kind("many documents", Refused(Code::MultipleDocuments), |n| {
        pad("", n, "---\n", "")
    }),
    kind("many ends", Serves, |n| beside("", n, "...\n", "")),
    kind(
        "a large second document",
        Refused(Code::MultipleDocuments),
        |n| beside("---\n", n, "- x\n", ""),
    ),
    kind("many directives", Refused(Code::InvalidYaml), |n| {
        pad("", n, "%YAML 1.1\n", "---\na: b")
    }),
    kind("many tag directives", Refused(Code::InvalidYaml), |n| {
        fill("", n, |at| format!("%TAG !a{at}! !b\n")).into_bytes()
    }),
    kind("comments", Serves, |n| beside("", n, "# x\n", "")),
    kind("a long comment", Serves, |n| beside("# ", n, "x", "")),
    kind("spaces", Serves, |n| beside("", n, " ", "")),
    kind("line breaks", Serves, |n| beside("", n, "\n", "")),
    kind("tabs", Refused(Code::InvalidYaml), |n| {
        beside("", n, "\t", "x: y")
    }),
    kind("an open double quote", Refused(Code::InvalidYaml), |n| {
        beside("other: \"", n, "x", "")
    }),
    kind("an open single quote", Refused(Code::InvalidYaml), |n| {
        beside("other: '", n, "x\n ", "")
    }),
    kind("open quotes", Refused(Code::InvalidYaml), |n| {
        beside("other:\n", n, "- \"\n", "")
    }),
    kind("block scalar marks", Refused(Code::InvalidYaml), |n| {
        pad("", n, "|", "")
    }),
    kind("keys of many lines", Refused(Code::InvalidYaml), |n| {
        pad("model_aliases:\n  b", n, "\n  b", ": c")
    }),
    kind("random bytes", Refused(Code::InvalidUtf8), bytes),
    kind("random tokens", Refused(Code::DuplicateAnchor), |n| {
        shuffled(
            "",
            n,
            &[
                "a", " ", "\n", "'", "\"", "&x", "*x", "[", "]", "{", "}", "|", ":", "-", "?", "#",
                ",", "!", "%", "@",
            ],
        )
    }),
    kind("random lines", Refused(Code::InvalidYaml), |n| {
        shuffled(
            "model_aliases:\n",
            n,
            &[
                "  a: b\n",
                "    targets:\n",
                "  c:\n",
                "    - {model: a}\n",
                "    - b\n",
                "  <<: x\n",
                "    target: [a]\n",
            ],
        )
    }),
];
