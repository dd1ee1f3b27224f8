//! Documents whose shape is the attack: depth, anchors, density.

use std::fmt::Write;

use model_aliases::Code;

use super::super::End::{Refused, Serves};
use super::super::Kind;
use super::{HEAD, TERSE, beside, fill, kind, pad};

/// Nests as deep as the size allows when each level indents by one more space.
fn indented(head: &str, size: usize, key: &str) -> Vec<u8> {
    let mut text = head.to_owned();
    for depth in 1.. {
        if text.len() >= size {
            break;
        }
        let _ = writeln!(text, "{:depth$}{key}", "");
    }
    text.into_bytes()
}

/// Lists that each hold the one before nine times.
fn laughs(head: &str, size: usize) -> Vec<u8> {
    let mut text = format!("{head}    - &l0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let before = format!("*l{}", level - 1);
        let _ = writeln!(text, "    - &l{level} [{}]", [&*before; 9].join(", "));
    }
    pad(&text, size, "    - [*l9, *l9]\n", "")
}

/// One node of half the size; the other half only refers to it.
fn quadratic(head: &str, size: usize, node: &str, between: &str, tail: &str) -> Vec<u8> {
    let mut text = pad(head, size / 2, node, between);
    let references = "*q, ".repeat((size / 2 - tail.len()) / 4);
    text.extend_from_slice(references.as_bytes());
    text.extend_from_slice(tail.as_bytes());
    text
}

pub(super) const KINDS: &[Kind] = &[
    // Depth.
    kind("block mappings", Refused(Code::TooDeep), |n| {
        indented("model_aliases:\n", n, "a:")
    }),
    kind("block mappings, not ours", Serves, |n| {
        indented(&format!("{HEAD}other:\n"), n, "a:")
    }),
    kind("block lists", Refused(Code::TooDeep), |n| {
        pad("model_aliases:\n  ", n, "- ", "x")
    }),
    kind("block lists, not ours", Refused(Code::TooDeep), |n| {
        beside("other:\n  ", n, "- ", "x")
    }),
    kind("explicit keys", Refused(Code::TooDeep), |n| {
        pad("model_aliases:\n  ", n, "? ", "x")
    }),
    kind("explicit keys at the top", Refused(Code::TooDeep), |n| {
        pad("", n, "? ", "x")
    }),
    kind("open lists", Refused(Code::TooDeep), |n| {
        pad("model_aliases: ", n, "[", "")
    }),
    kind("open lists at the top", Refused(Code::TooDeep), |n| {
        pad("", n, "[", "")
    }),
    kind("closed lists", Refused(Code::TooDeep), |n| {
        let half = n / 2;
        beside("other: ", n, "[", &"]".repeat(half))
    }),
    kind("open mappings", Refused(Code::TooDeep), |n| {
        pad("", n, "{a: ", "")
    }),
    kind("open mappings, not ours", Refused(Code::TooDeep), |n| {
        beside("other: ", n, "{a: ", "")
    }),
    kind("open lists of mappings", Refused(Code::TooDeep), |n| {
        pad("", n, "[{", "")
    }),
    kind("open lists of pairs", Refused(Code::TooDeep), |n| {
        pad("", n, "[a: ", "")
    }),
    kind("lists 120 deep", Serves, |n| {
        beside(
            "other:\n",
            n,
            &format!("  - {}{}\n", "[".repeat(120), "]".repeat(120)),
            "",
        )
    })
    .at_most(TERSE),
    kind("tags", Refused(Code::InvalidYaml), |n| {
        pad("model_aliases: ", n, "!t ", "x")
    }),
    kind("nested tags", Refused(Code::TooDeep), |n| {
        pad("model_aliases: ", n, "!t [", "x")
    }),
    // Anchors.
    kind("exponential", Refused(Code::TooManyNodes), |n| {
        laughs("model_aliases:\n  b:\n", n)
    })
    .at_most(TERSE),
    kind("exponential, not ours", Serves, |n| {
        laughs(&format!("{HEAD}other:\n  b:\n"), n)
    }),
    kind("quadratic in nodes", Refused(Code::TooManyNodes), |n| {
        quadratic("other: &q [", n, "x, ", "]\nmodel_aliases:\n  b: [", "]")
    })
    .at_most(TERSE),
    kind("quadratic in bytes", Refused(Code::TooManyNodes), |n| {
        let mut text = pad("other: &q \"", n / 2, "x, ", "\"\nmodel_aliases:\n");
        text.extend(fill("", n / 2, |at| format!("  n{at}: *q\n")).bytes());
        text
    }),
    kind("quadratic in keys", Refused(Code::TooManyNodes), |n| {
        let mut text = pad("other: &q ", n / 2, "xxxx", "\nmodel_aliases:\n");
        text.extend(fill("", n / 2, |_| "  ? *q\n  : b\n".to_owned()).bytes());
        text
    }),
    kind("quadratic, not ours", Serves, |n| {
        quadratic(&format!("{HEAD}other: &q ["), n, "x, ", "]\nmore: [", "]")
    }),
    kind("merges of merges", Refused(Code::TooManyNodes), |n| {
        let mut text = "model_aliases:\n  b0: &m0 {target: x}\n".to_owned();
        for level in 1..12 {
            let before = level - 1;
            let _ = writeln!(
                text,
                "  b{level}: &m{level}\n    <<: [*m{before}, *m{before}, *m{before}, *m{before}]"
            );
        }
        fill(&text, n, |at| format!("  c{at}: {{<<: [*m11, *m11]}}\n")).into_bytes()
    })
    .at_most(TERSE),
    kind("a merge of many keys", Refused(Code::UnknownField), |n| {
        let keys = fill("model_aliases:\n  b: &m {", n / 2, |at| format!("k{at}, "));
        fill(&(keys + "}\n  c:\n"), n, |at| format!("    l{at}: 1\n")).into_bytes()
    })
    .at_most(TERSE),
    kind("merged many times", Refused(Code::TooManyNodes), |n| {
        let head = "other: &m {description: x, hidden: false, target: a}\nmodel_aliases:\n";
        fill(head, n, |at| {
            format!("  b{at}: {{<<: [*m,*m,*m,*m,*m,*m,*m,*m,*m,*m,*m,*m,*m,*m]}}\n")
        })
        .into_bytes()
    })
    .at_most(TERSE),
    kind("many anchors", Serves, |n| {
        fill(&format!("{HEAD}other:\n"), n, |at| format!("- &q{at} x\n")).into_bytes()
    }),
    kind(
        "one anchor, again and again",
        Refused(Code::DuplicateAnchor),
        |n| beside("other:\n", n, "- &q x\n", ""),
    ),
    kind("unknown anchors", Refused(Code::InvalidYaml), |n| {
        beside("other:\n", n, "- *q\n", "")
    }),
    kind("ampersands", Refused(Code::InvalidYaml), |n| {
        pad("", n, "&", "")
    }),
    kind("ampersands apart", Refused(Code::InvalidYaml), |n| {
        pad("", n, "& ", "")
    }),
    kind("stars", Refused(Code::InvalidYaml), |n| pad("", n, "*", "")),
    kind("exclamation marks", Refused(Code::WrongType), |n| {
        pad("", n, "!", "")
    }),
    // Density.
    kind("a list of letters", Refused(Code::WrongType), |n| {
        pad("model_aliases: [", n, "a,", "]")
    })
    .at_most(TERSE),
    kind("a list of letters, not ours", Serves, |n| {
        beside("other: [", n, "a,", "]")
    })
    .at_most(TERSE),
    kind(
        "a set of letters, not ours",
        Refused(Code::TooManyNodes),
        |n| beside("other: {", n, "a,", "}"),
    ),
    kind(
        "a list of pairs, not ours",
        Refused(Code::InvalidYaml),
        |n| beside("other: [", n, "?,", "]"),
    ),
    kind("empty lists, not ours", Serves, |n| {
        beside("other: [", n, "[],", "]")
    })
    .at_most(TERSE),
    kind("empty mappings, not ours", Serves, |n| {
        beside("other: [", n, "{},", "]")
    })
    .at_most(TERSE),
    kind("dashes, not ours", Serves, |n| {
        beside("other:\n", n, "-\n", "")
    }),
    kind("colons, not ours", Refused(Code::TooManyNodes), |n| {
        beside("other: {", n, ":,", "}")
    }),
    kind("parameters", Serves, |n| {
        beside("  b: {target: gpt-4o, params: {x: [", n, "1,", "]}}")
    })
    .at_most(TERSE),
    kind("extra of a provider", Serves, |n| {
        pad(
            "model_aliases: {a: gpt-4o}\nmodel_providers: [{model: openai/gpt-4o, x: [",
            n,
            "1,",
            "]}]",
        )
    })
    .at_most(TERSE),
    kind("commas", Refused(Code::TooManyNodes), |n| {
        pad("[", n, ",", "")
    }),
];
