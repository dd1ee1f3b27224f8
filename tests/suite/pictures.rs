//! Pictures: whole texts, the effect of a user's words on them, and how names are shown.

use std::fs;

use model_aliases::{AliasResolver, Config, Graph, UnknownNames};

use crate::program::root;

fn resolver(text: &str) -> AliasResolver {
    let config = Config::from_yaml("config.yaml", text).unwrap();
    AliasResolver::builder(config)
        .selector_fn("cheapest", |_, candidates| {
            (!candidates.is_empty()).then_some(0)
        })
        .catalog(["anthropic/claude"])
        .seed(1)
        .build()
        .unwrap()
}

const EVERYTHING: &str = "\
model_providers:
  - {model: openai/gpt-4o, base_url: 'https://u:hush@api.example.com?k=hush'}
  - {model: azure_openai/gpt-4o, name: azure, access_key: hush}
  - {model: anthropic/*}
model_aliases:
  fast: chat
  chat:
    targets: [{model: openai/gpt-4o, weight: 99.5}, {model: bulk, weight: 0.5}, {model: anthropic/x, weight: 0}]
    fallbacks:
      - {target: azure, endpoint: 'https://u:hush@eu.example.com/v1?k=hush', conditions: [429, 5xx, quota_exceeded, latency_exceeded]}
      - bulk
  bulk:
    load_balance: {algorithm: cheapest}
    targets: [{model: openai/gpt-4o, weight: 2}, {model: azure, weight: 1}]
    deprecated: {replacement: chat}
";

#[test]
fn everything_is_drawn_for_mermaid() {
    assert_eq!(
        resolver(EVERYTHING).graph().to_mermaid(),
        r#"---
config:
  layout: elk
  flowchart:
    wrappingWidth: 400
---
flowchart LR
  n0("fast")
  n1("chat")
  n2["openai/gpt-4o"]
  n3{{"bulk<br>cheapest<br>deprecated"}}
  n4["anthropic/x"]
  n5["azure<br>azure_openai/gpt-4o<br>@https://eu.example.com/v1"]
  n6[("openai")]
  n7["azure<br>azure_openai/gpt-4o"]
  n8[("anthropic")]
  n9[("azure_openai")]
  n10["anthropic/#42;"]
  n0 --> n1
  n1 -->|"99.5%"| n2
  n1 -->|"0.5%"| n3
  n1 -.->|"0%"| n4
  n1 -.->|"1: 429, 5xx, quota_exceeded,<br>latency_exceeded"| n5
  n1 -.->|"2: any"| n3
  n2 --- n6
  n3 -->|"≈66.67%"| n2
  n3 -->|"≈33.33%"| n7
  n4 --- n8
  n5 --- n9
  n7 --- n9
  n10 --- n8
  linkStyle 4,5 stroke-dasharray:8 4
  linkStyle 3 stroke-dasharray:1 4
  linkStyle 6,9,10,11,12 stroke:#bdc1c6
"#
    );
}

#[test]
fn everything_is_drawn_for_graphviz() {
    assert_eq!(
        resolver(EVERYTHING).graph().to_dot(),
        r##"digraph aliases {
  rankdir=LR
  nodesep=0.2
  ranksep=1
  mclimit=20
  nslimit=20
  node [fontname="Helvetica" fontsize=11 height=0.3]
  edge [fontname="Helvetica" fontsize=9]
  n0 [label="fast" shape=box style="rounded,filled" fillcolor="#e8f0fe"]
  n1 [label="chat" shape=box style="rounded,filled" fillcolor="#e8f0fe"]
  n2 [label="openai/gpt-4o" shape=box]
  n3 [label="bulk\ncheapest\ndeprecated" shape=hexagon style=filled fillcolor="#e8f0fe"]
  n4 [label="anthropic/x" shape=box]
  n5 [label="azure\nazure_openai/gpt-4o\n@https://eu.example.com/v1" shape=box]
  n6 [label="openai" shape=cylinder style=filled fillcolor="#f1f3f4"]
  n7 [label="azure\nazure_openai/gpt-4o" shape=box]
  n8 [label="anthropic" shape=cylinder style=filled fillcolor="#f1f3f4"]
  n9 [label="azure_openai" shape=cylinder style=filled fillcolor="#f1f3f4"]
  n10 [label="anthropic/*" shape=box]
  n0 -> n1 []
  n1 -> n2 [label="99.5%"]
  n1 -> n3 [label="0.5%"]
  n1 -> n4 [label="0%" style=dotted]
  n1 -> n5 [label="1: 429, 5xx, quota_exceeded,\nlatency_exceeded" style=dashed color="#5f6368"]
  n1 -> n3 [label="2: any" style=dashed color="#5f6368"]
  n2 -> n6 [dir=none color="#bdc1c6" weight=2]
  n3 -> n2 [label="≈66.67%"]
  n3 -> n7 [label="≈33.33%"]
  n4 -> n8 [dir=none color="#bdc1c6" weight=2]
  n5 -> n9 [dir=none color="#bdc1c6" weight=2]
  n7 -> n9 [dir=none color="#bdc1c6" weight=2]
  n10 -> n8 [dir=none color="#bdc1c6" weight=2]
  { rank=same; n2; n4; n5; n7; n10 }
  { rank=sink; n6; n8; n9 }
}
"##
    );
}

/// The labels of the nodes, as Mermaid writes them.
fn labels(graph: &Graph) -> Vec<String> {
    let text = graph.to_mermaid();
    let nodes = text
        .lines()
        .filter(|line| line.starts_with("  n") && !line[3..].contains(" n"));
    nodes
        .filter_map(|line| Some(line.split('"').nth(1)?.to_owned()))
        .collect()
}

#[test]
fn a_name_is_drawn_with_what_it_leads_to() {
    let resolver = resolver(EVERYTHING);
    for (name, shown) in [
        (
            "bulk",
            &[
                "bulk<br>cheapest<br>deprecated",
                "openai/gpt-4o",
                "azure<br>azure_openai/gpt-4o",
                "openai",
                "azure_openai",
            ][..],
        ),
        ("azure", &["azure<br>azure_openai/gpt-4o", "azure_openai"]),
        ("openai/gpt-4o", &["openai/gpt-4o", "openai"]),
        ("anthropic/y", &["anthropic/y", "anthropic"]),
        ("claude", &["anthropic/claude", "anthropic"]),
    ] {
        assert_eq!(labels(&resolver.graph_of(name).unwrap()), shown, "{name}");
    }
    for name in ["nobody", "gpt-4o"] {
        let error = resolver.graph_of(name).unwrap_err();
        assert_eq!(Some(error), resolver.resolve(name).err(), "{name}");
    }
}

#[test]
fn a_default_is_drawn_where_it_takes_the_name() {
    let text = "model_providers: [{model: openai/gpt-4o, default: true}]";
    let config = Config::from_yaml("config.yaml", text).unwrap();
    let resolver = AliasResolver::builder(config)
        .unknown_names(UnknownNames::DefaultProvider)
        .build()
        .unwrap();
    assert_eq!(
        labels(&resolver.graph_of("gpt-5").unwrap()),
        ["openai/gpt-5", "openai"]
    );
}

/// Words that would end a label, begin a comment, a list or a directive, or garble a terminal.
const HOSTILE: &[&str] = &[
    "\"",
    "\\",
    "\\N",
    "\\\"",
    "]",
    ")]",
    "}}",
    "|",
    "<b>",
    "<br>",
    "`a`",
    "#quot;",
    "&lt;",
    "%%{init: {}}%%",
    "- x",
    "1. x",
    "\n",
    "\r\n",
    "\u{0}",
    "\u{202e}",
    ";",
    "-->",
    "é漢",
    "$$x$$",
    "__x__",
    "n0",
    "end",
];

#[test]
fn no_word_of_a_user_gets_out_of_its_label() {
    for word in HOSTILE {
        let quoted = serde_json::to_string(&format!("p/{word}"))
            .unwrap()
            .replace('\u{202e}', "\\u202e");
        let text =
            format!("model_providers: [{{model: {quoted}}}]\nmodel_aliases: {{a: {quoted}}}\n");
        let graph = resolver(&text).graph();
        let shown: String = format!("p/{word}")
            .chars()
            .map(|c| match c {
                '\n' | '\r' | '\0' | '\u{202e}' => c.escape_default().to_string(),
                _ => c.to_string(),
            })
            .collect();

        // Of the user's words, only letters, digits and a few marks appear unescaped.
        let lines: Vec<String> = graph.to_mermaid().lines().map(str::to_owned).collect();
        let [.., alias, target, provider, first, second, style] = &*lines else {
            panic!("{lines:?}");
        };
        assert_eq!(alias, "  n0(\"a\")");
        let label = target
            .strip_prefix("  n1[\"")
            .and_then(|rest| rest.strip_suffix("\"]"));
        let label = label.unwrap_or_else(|| panic!("{target}"));
        assert!(
            !label.contains([
                '"', '<', '>', '`', '{', '}', '[', ']', '(', ')', '|', '*', '\\', '&'
            ]),
            "{label}"
        );
        assert!(!label.contains("- ") && !label.contains(". "), "{label}");
        assert!(!numbered(label).contains("$$"));
        assert_eq!(numbered(label).replace('\u{2060}', ""), shown);
        assert_eq!(
            [provider, first, second, style].map(String::as_str),
            [
                "  n2[(\"p\")]",
                "  n0 --> n1",
                "  n1 --- n2",
                "  linkStyle 1 stroke:#bdc1c6"
            ]
        );
        assert_eq!(lines.len(), 7 + 6);

        let dot = graph.to_dot();
        let target = dot
            .lines()
            .find(|line| line.starts_with("  n1 [label="))
            .unwrap();
        let label = target
            .strip_prefix("  n1 [label=\"")
            .and_then(|rest| rest.strip_suffix("\" shape=box]"));
        let label = label.unwrap_or_else(|| panic!("{target}"));
        let mut plain = String::new();
        let mut chars = label.chars();
        while let Some(c) = chars.next() {
            assert_ne!(c, '"', "{label}");
            let escaped = chars.clone().next().filter(|_| c == '\\');
            assert!(c != '\\' || matches!(escaped, Some('"' | '\\')), "{label}");
            plain.push(if c == '\\' { chars.next().unwrap() } else { c });
        }
        assert_eq!(plain.replace("&amp;", "&"), shown);
        assert!(!label.replace("&amp;", "").contains('&'), "{label}");
        assert_eq!(dot.lines().count(), 8 + 3 + 2 + 2 + 1, "{dot}");
    }
}

/// Decodes the numeric character references in a label.
fn numbered(label: &str) -> String {
    let mut pieces = label.split('#');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once(';').unwrap();
        text.push(char::from_u32(number.parse().unwrap()).unwrap());
        text.push_str(rest);
    }
    text
}

#[test]
fn a_long_word_is_cut() {
    let long = format!("p/{}", "x".repeat(500));
    let graph = resolver(&format!("model_providers: [{{model: {long}}}]")).graph();
    assert_eq!(labels(&graph)[0], format!("p/{}…", "x".repeat(126)));
}

#[test]
fn an_empty_configuration_is_an_empty_picture() {
    let graph = resolver("model_aliases:").graph();
    assert!(graph.to_mermaid().ends_with("---\nflowchart LR\n"));
    assert!(graph.to_dot().ends_with("fontsize=9]\n}\n"));
}

/// `scripts/pictures` draws the pictures. Run it again after a change to the example.
#[test]
fn the_committed_pictures_are_of_the_example_as_it_is() {
    let config = fs::read(root().join("examples/config.yaml")).unwrap();
    let resolver = AliasResolver::new(Config::from_yaml("config.yaml", config).unwrap()).unwrap();
    let whole = resolver.graph();
    let one = resolver.graph_of("resilient").unwrap();
    for (graph, names) in [
        (whole, ["config", "config-mermaid"]),
        (one, ["resilient", "resilient-mermaid"]),
    ] {
        for name in names {
            let picture = root().join("docs").join(name).with_extension("svg");
            let picture = fs::read_to_string(picture).unwrap();
            for line in labels(&graph).iter().flat_map(|label| label.split("<br>")) {
                // The comparison skips text that XML escapes.
                let longest = line.split('#').next().unwrap_or_default();
                let spaced = longest.replace('-', "&#45;");
                assert!(
                    picture.contains(longest) || picture.contains(&spaced),
                    "{name} does not show `{longest}`: run scripts/pictures"
                );
            }
        }
    }
}
