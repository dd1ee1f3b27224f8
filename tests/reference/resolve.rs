//! The naive resolver: every target that a name can lead to first, with its exact probability.

use super::tree::Tree;
use super::view::{Hit, Home, View};

/// The answer to a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The targets in file order, without fallbacks and drained members.
    Found {
        alternatives: Vec<Route>,
    },
    Unknown,
    /// The names of the candidates, sorted.
    Ambiguous(Vec<String>),
}

/// One target and the path to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// Numerator and denominator in lowest terms.
    pub(crate) probability: (u128, u128),
    /// From the requested alias to the one that names the target; empty for a model.
    pub(crate) alias_path: Vec<String>,
    /// The entry's `name`, else its `model` as written.
    pub(crate) provider: String,
    /// The id to send.
    pub(crate) model: String,
    /// The endpoint written on the target, else the entry's `base_url`.
    pub(crate) endpoint: Option<String>,
    /// The text form, with the endpoint as written, in full.
    pub(crate) text: String,
}

/// Resolves `asked` in a configuration without errors.
///
/// Exact as long as the reduced fractions fit, which is certain for nine nested splits.
pub(crate) fn resolve(tree: &Tree, asked: &str) -> Answer {
    let view = View::new(tree);
    let mut alternatives = Vec::new();
    match view.requested(asked) {
        Hit::Nothing | Hit::Broken => return Answer::Unknown,
        Hit::Several(entries) => return Answer::Ambiguous(full_names(&view, &entries)),
        hit => walk(&view, &hit, None, &[], (1, 1), &mut alternatives),
    }
    Answer::Found { alternatives }
}

fn full_names(view: &View<'_>, entries: &[usize]) -> Vec<String> {
    let full = |&index: &usize| match &view.entries[index].home {
        Home::Model { prefix, id } => format!("{prefix}/{id}"),
        _ => String::new(),
    };
    let all: Vec<String> = entries.iter().map(full).collect();
    let apart = |(&index, full): (&usize, &String)| {
        let accounts = all.iter().filter(|&other| other == full).count();
        let name = view.entries[index].name.filter(|_| accounts > 1);
        name.map_or_else(|| full.clone(), str::to_owned)
    };
    let mut names: Vec<String> = entries.iter().zip(&all).map(apart).collect();
    names.sort();
    names
}

/// Follows a look-up result to its targets; `endpoint` is the endpoint of the step that led here.
fn walk(
    view: &View<'_>,
    hit: &Hit,
    endpoint: Option<&str>,
    path: &[String],
    probability: (u128, u128),
    routes: &mut Vec<Route>,
) {
    match hit {
        Hit::Model { entry, id } => {
            let entry = &view.entries[*entry];
            let text = entry.text_form(id);
            routes.push(Route {
                probability,
                alias_path: path.to_vec(),
                provider: entry.label(),
                model: id.clone(),
                endpoint: endpoint
                    .or_else(|| entry.node.text_at("base_url"))
                    .map(str::to_owned),
                text: endpoint.map_or(text.clone(), |url| format!("{text}@{url}")),
            });
        }
        Hit::Alias(index) => {
            let alias = &view.aliases[*index];
            let path = [path, &[alias.name.to_owned()]].concat();
            let steps: Vec<_> = alias.primary().collect();
            let weights: Vec<u128> = steps.iter().map(|step| hundredths(step.node)).collect();
            let sum: u128 = weights.iter().sum();
            for (step, weight) in steps.iter().zip(weights) {
                if weight > 0
                    && let Some(text) = step.reference
                {
                    let share = times(probability, (weight, sum));
                    let endpoint = step.node.text_at("endpoint");
                    walk(view, &view.reference(text), endpoint, &path, share, routes);
                }
            }
        }
        Hit::Several(_) | Hit::Broken | Hit::Nothing => {}
    }
}

/// The weight of a member in hundredths; a missing weight is 1, as in a balancer.
fn hundredths(member: &Tree) -> u128 {
    let text = match member.get("weight") {
        Some(Tree::Int(number)) => number.to_string(),
        Some(Tree::Decimal(text)) => text.clone(),
        _ => "1".to_owned(),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let two: String = fraction.chars().chain("00".chars()).take(2).collect();
    format!("{whole}{two}").parse().unwrap_or(0)
}

fn times(a: (u128, u128), b: (u128, u128)) -> (u128, u128) {
    let (left, right) = (reduced((a.0, b.1)), reduced((b.0, a.1)));
    (left.0 * right.0, left.1 * right.1)
}

fn reduced((num, den): (u128, u128)) -> (u128, u128) {
    let divisor = gcd(num, den);
    (num / divisor, den / divisor)
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::super::tree::{decimal, list, map};
    use super::*;

    fn config() -> Tree {
        let member = |model: &str, weight: Tree| map([("model", model.into()), ("weight", weight)]);
        let balanced = |model: &str, url: &str| {
            map([
                ("model", model.into()),
                ("endpoint", format!("https://{url}").into()),
            ])
        };
        map([
            (
                "model_providers",
                list([
                    map([
                        ("model", "openai/gpt-4o".into()),
                        ("base_url", "http://o".into()),
                    ]),
                    map([("model", "azure/gpt-4o".into()), ("name", "az".into())]),
                    map([("model", "xai/*".into()), ("name", "x".into())]),
                ]),
            ),
            (
                "model_aliases",
                map([
                    ("plain", "split".into()),
                    (
                        "split",
                        map([(
                            "targets",
                            list([
                                member("pool", decimal("99.5")),
                                member("az", decimal("0.50")),
                                member("xai/grok", Tree::Int(0)),
                            ]),
                        )]),
                    ),
                    (
                        "pool",
                        map([
                            ("load_balance", map([])),
                            (
                                "targets",
                                list([
                                    balanced("openai/gpt-4o", "e1"),
                                    balanced("openai/gpt-4o", "e2"),
                                ]),
                            ),
                        ]),
                    ),
                ]),
            ),
        ])
    }

    #[test]
    fn probabilities_multiply_through_nesting() {
        let Answer::Found { alternatives } = resolve(&config(), "plain") else {
            unreachable!("`plain` is an alias");
        };
        let short: Vec<_> = alternatives
            .iter()
            .map(|route| {
                (
                    route.probability,
                    route.text.as_str(),
                    route.alias_path.len(),
                )
            })
            .collect();
        assert_eq!(
            short,
            [
                ((199, 400), "openai/gpt-4o@https://e1", 3),
                ((199, 400), "openai/gpt-4o@https://e2", 3),
                ((1, 200), "az", 2),
            ]
        );
        assert_eq!(alternatives[0].endpoint.as_deref(), Some("https://e1"));
        assert_eq!(alternatives[2].endpoint, None);
    }

    #[test]
    fn models_answer_without_an_alias() {
        let rows = [
            (
                "openai/gpt-4o",
                "openai/gpt-4o",
                "gpt-4o",
                Some("http://o"),
                "openai/gpt-4o",
            ),
            ("azure/gpt-4o", "az", "gpt-4o", None, "az"),
            ("xai/grok", "x", "grok", None, "xai/grok"),
        ];
        for (asked, provider, model, endpoint, text) in rows {
            let route = Route {
                probability: (1, 1),
                alias_path: Vec::new(),
                provider: provider.to_owned(),
                model: model.to_owned(),
                endpoint: endpoint.map(str::to_owned),
                text: text.to_owned(),
            };
            let alternatives = vec![route];
            assert_eq!(
                resolve(&config(), asked),
                Answer::Found { alternatives },
                "{asked}"
            );
        }
        let both = vec!["azure/gpt-4o".to_owned(), "openai/gpt-4o".to_owned()];
        assert_eq!(resolve(&config(), "gpt-4o"), Answer::Ambiguous(both));
        for asked in ["", "xai/*", "x", "PLAIN", "zzz/gpt-4o"] {
            assert_eq!(resolve(&config(), asked), Answer::Unknown, "{asked}");
        }
    }
}
