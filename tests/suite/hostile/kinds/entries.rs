//! Many entries: repeated, chained, invalid.

use model_aliases::Code;

use super::super::End::{Refused, Serves};
use super::super::Kind;
use super::{HEAD, TERSE, TERSEST, aliases, beside, fill, kind, pad};

pub(super) const KINDS: &[Kind] = &[
    // Many equal entries.
    kind(
        "one alias, again and again",
        Refused(Code::DuplicateAlias),
        |n| beside("", n, "  a: gpt-4o\n", ""),
    )
    .at_most(TERSE),
    kind(
        "one field, again and again",
        Refused(Code::DuplicateKey),
        |n| beside("  b:\n", n, "    target: a\n", ""),
    )
    .at_most(TERSE),
    kind(
        "one short key, again and again",
        Refused(Code::DuplicateKey),
        |n| beside("  b: {", n, "target,", "}"),
    )
    .at_most(TERSE),
    kind(
        "one parameter, again and again",
        Refused(Code::DuplicateKey),
        |n| {
            beside(
                "  b:\n    target: gpt-4o\n    params:\n",
                n,
                "      k: 1\n",
                "",
            )
        },
    )
    .at_most(TERSE),
    kind(
        "one section, again and again",
        Refused(Code::DuplicateKey),
        |n| beside("", n, "model_aliases:\n", ""),
    ),
    kind(
        "one foreign section, again",
        Refused(Code::DuplicateKey),
        |n| beside("", n, "x:\n", ""),
    )
    .at_most(TERSEST),
    kind("many foreign sections", Serves, |n| {
        aliases(n, |at| format!("x{at}:\n"))
    }),
    kind("many misspelt sections", Serves, |n| {
        aliases(n, |at| format!("model_aliase{at}:\n"))
    })
    .at_most(TERSE),
    kind("many aliases", Serves, |n| {
        aliases(n, |at| format!("  n{at}: gpt-4o\n"))
    })
    .at_most(TERSE),
    kind("many splits", Serves, |n| {
        let head = HEAD.replace(']', ", {model: o/3}]");
        let targets = "[{model: gpt-4o, weight: 60}, {model: o/3, weight: 40}]";
        fill(&head, n, |at| format!("  n{at}: {{targets: {targets}}}\n")).into_bytes()
    }),
    kind("many providers", Serves, |n| {
        fill(
            "model_aliases: {a: gpt-4o}\nmodel_providers:\n  - model: openai/gpt-4o\n",
            n,
            |at| format!("  - model: p/m{at}\n"),
        )
        .into_bytes()
    })
    .at_most(TERSE),
    kind("many providers of one id", Serves, |n| {
        fill(
            "model_aliases: {a: gpt-4o}\nmodel_providers:\n  - model: openai/gpt-4o\n",
            n,
            |at| format!("  - model: p{at}/m\n"),
        )
        .into_bytes()
    })
    .at_most(TERSE),
    kind("many accounts of one model", Serves, |n| {
        fill(
            "model_aliases: {a: gpt-4o}\nmodel_providers:\n  - model: openai/gpt-4o\n",
            n,
            |at| format!("  - {{model: p/m, name: n{at}}}\n"),
        )
        .into_bytes()
    })
    .at_most(TERSE),
    kind(
        "one model, again and again",
        Refused(Code::DuplicateModel),
        |n| pad("model_providers:\n", n, "  - model: p/m\n", ""),
    )
    .at_most(TERSE),
    kind("one wildcard, again and again", Serves, |n| {
        pad(
            "model_aliases: {a: gpt-4o}\nmodel_providers:\n  - model: openai/gpt-4o\n",
            n,
            "  - model: p/*\n",
            "",
        )
    })
    .at_most(TERSE),
    // The graph.
    kind("a long chain", Refused(Code::PathTooLong), |n| {
        fill(&HEAD.replace("a: gpt-4o", "n0: gpt-4o"), n, |at| {
            format!("  n{}: n{at}\n", at + 1)
        })
        .into_bytes()
    })
    .at_most(TERSE),
    kind(
        "a long chain, last first",
        Refused(Code::PathTooLong),
        |n| {
            fill(&HEAD.replace("a: gpt-4o", "m: gpt-4o"), n, |at| {
                format!("  n{at}: n{}\n", at + 1)
            })
            .into_bytes()
        },
    )
    .at_most(TERSE),
    kind("a large cycle", Refused(Code::AliasCycle), |n| {
        let last = n / 19;
        let piece = |at| format!("  n{at:06}: n{:06}\n", if at < last { at + 1 } else { 0 });
        let lines: String = (0..=last).map(piece).collect();
        format!("model_aliases:\n{lines}").into_bytes()
    })
    .at_most(TERSE),
    kind("many small cycles", Refused(Code::AliasCycle), |n| {
        fill("model_aliases:\n", n, |at| {
            format!("  n{at}: m{at}\n  m{at}: n{at}\n")
        })
        .into_bytes()
    })
    .at_most(TERSE),
    kind("cycles in each other", Refused(Code::AliasCycle), |n| {
        fill("model_aliases:\n", n, |at| {
            format!(
                "  n{at}: {{targets: [{{model: n{}, weight: 50}}, {{model: n0, weight: 50}}]}}\n",
                at + 1
            )
        })
        .into_bytes()
    })
    .at_most(TERSE),
    kind("all aliases into one", Serves, |n| {
        aliases(n, |at| format!("  n{at}: a\n"))
    })
    .at_most(TERSE),
    kind("one salt above a lattice", Serves, |n| {
        const WIDTH: usize = 10;
        let all = |name: &str| -> String {
            let members = (0..WIDTH).map(|at| format!("{{model: {name}{at}, weight: 10}}, "));
            members.collect()
        };
        let mut head = HEAD.replace(']', ", {model: o/*}]");
        for at in 0..WIDTH {
            let (inner, leaves) = (all("inner"), all(&format!("o/{at}-")));
            head.extend([format!("  outer{at}: {{targets: [{inner}]}}\n")]);
            head.extend([format!("  inner{at}: {{targets: [{leaves}]}}\n")]);
        }
        head.extend([format!("  top: {{targets: [{}]}}\n", all("outer"))]);
        fill(&head, n, |at| {
            format!(
                "  n{at}: {{targets: [{{model: top, weight: 1}}, {{model: a, weight: 99}}], sticky: {{salt: s}}}}\n"
            )
        })
        .into_bytes()
    })
    .at_most(TERSE),
    kind("all into a priced chain", Serves, |n| {
        aliases(n, |at| {
            format!("  n{at}: {{target: a, guardrails: {{max_cost_per_request: 1}}}}\n")
        })
    })
    .at_most(TERSE),
    kind("layers of 64", Refused(Code::UnknownTarget), |n| {
        fill(HEAD, n, |at| {
            let first = (at / 64 + 1) * 64;
            let targets = fill("", 64 * 8, |to| format!("{{model: n{}}},", first + to % 64));
            format!("  n{at}: {{load_balance: {{}}, targets: [{targets}]}}\n")
        })
        .into_bytes()
    })
    .at_most(TERSE),
    // Many mistakes.
    kind("misspelt targets", Refused(Code::UnknownTarget), |n| {
        fill(
            "model_providers: [{model: openai/gpt-4o}]\nmodel_aliases:\n",
            n,
            |at| format!("  n{at}: gpt-{at}o\n"),
        )
        .into_bytes()
    })
    .at_most(TERSE),
    kind("misspelt aliases", Refused(Code::UnknownTarget), |n| {
        fill("model_aliases:\n", n, |at| {
            format!("  name-{at}: nmae-{at}\n")
        })
        .into_bytes()
    })
    .at_most(TERSE),
    kind("misspelt fields", Refused(Code::UnknownField), |n| {
        aliases(n, |at| format!("  n{at}: {{target: a, guardrail: 1}}\n"))
    })
    .at_most(TERSE),
    kind("unknown fields", Refused(Code::UnknownField), |n| {
        aliases(n, |at| {
            if at == 0 {
                "  b:\n    target: a\n".to_owned()
            } else {
                format!("    k{at}: 1\n")
            }
        })
    })
    .at_most(TERSE),
    kind("unknown short fields", Refused(Code::UnknownField), |n| {
        aliases(n, |at| {
            if at == 0 {
                "  b: {target: a,".to_owned()
            } else {
                format!("{at:x},")
            }
        })
        .into_iter()
        .chain(*b"}")
        .collect()
    })
    .at_most(TERSE),
    kind(
        "misspelt conditions",
        Refused(Code::UnknownCondition),
        |n| {
            beside(
                "  b: {target: a, fallbacks: [{conditions: [",
                n,
                "timeuot, ",
                "], target: gpt-4o}]}",
            )
        },
    )
    .at_most(TERSE),
    kind("wrong weights", Refused(Code::InvalidWeight), |n| {
        aliases(n, |at| {
            format!("  n{at}: {{targets: [{{model: a, weight: -1}}]}}\n")
        })
    })
    .at_most(TERSE),
    kind("no values", Refused(Code::NullAlias), |n| {
        aliases(n, |at| format!("  n{at}:\n"))
    })
    .at_most(TERSE),
    kind("empty aliases", Refused(Code::MissingTarget), |n| {
        aliases(n, |at| format!("  n{at}: {{}}\n"))
    })
    .at_most(TERSE),
    kind("empty providers", Refused(Code::MissingModel), |n| {
        pad("model_providers: [", n, "{},", "]")
    })
    .at_most(TERSEST),
    kind("providers of another type", Refused(Code::WrongType), |n| {
        pad("model_providers: [", n, "1,", "]")
    })
    .at_most(TERSEST),
    kind(
        "unknown targets that look like every name",
        Refused(Code::UnknownTarget),
        |n| {
            aliases(n, |at| {
                format!("  alias-name-number-{at}: {{target: alias-name-nunber-{at}}}\n")
            })
        },
    )
    .at_most(TERSE),
    kind("ambiguous targets", Refused(Code::AmbiguousTarget), |n| {
        let head = fill("model_providers:\n", n / 2, |at| {
            format!("  - model: p{at}/m\n")
        });
        fill(&(head + "model_aliases:\n"), n, |at| {
            format!("  n{at}: m\n")
        })
        .into_bytes()
    })
    .at_most(TERSE),
    kind(
        "unknown replacements",
        Refused(Code::UnknownReplacement),
        |n| {
            aliases(n, |at| {
                format!("  n{at}: {{target: a, deprecated: {{replacement: m{at}}}}}\n")
            })
        },
    )
    .at_most(TERSE),
    kind(
        "one mistake used many times",
        Refused(Code::UnknownField),
        |n| {
            let head = format!("other: &m {{target: b, x: 1}}\n{HEAD}  b: a\n");
            fill(&head, n, |at| format!("  n{at}: *m\n")).into_bytes()
        },
    )
    .at_most(TERSE),
    kind("unreachable fallbacks", Serves, |n| {
        aliases(n, |at| {
            format!(
                "  n{at}: {{target: a, fallbacks: [{{target: a, conditions: [cost_exceeded]}}]}}\n"
            )
        })
    })
    .at_most(TERSE),
];
