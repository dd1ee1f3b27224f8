//! References of aliases: unknown, ambiguous and misplaced references, equal members, cycles.

use super::super::view::{Hit, Step, TARGET_FIELDS, View};
use super::Findings;

pub(super) fn check(view: &View<'_>, found: &mut Findings) {
    for alias in &view.aliases {
        for step in alias.steps() {
            reference(view, step, found);
        }
        found.error_if(view.has_equal_members(alias), "duplicate-member");
        let deprecated = alias.node.get("deprecated");
        if let Some(name) = deprecated.and_then(|notice| notice.text_at("replacement")) {
            let unknown = view.requested(name) == Hit::Nothing;
            found.error_if(unknown, "unknown-replacement");
        }
    }
    let reached: Vec<Vec<usize>> = (0..view.aliases.len())
        .map(|index| view.reachable(index))
        .collect();
    let circular = |index: usize| reached[index].contains(&index);
    found.error_if((0..reached.len()).any(circular), "alias-cycle");
    // A path into a cycle has no end; `alias-cycle` already covers it.
    let endless =
        |index: usize| circular(index) || reached[index].iter().any(|&next| circular(next));
    let finite: Vec<usize> = (0..reached.len())
        .filter(|&index| !endless(index))
        .collect();
    found.error_if(longest_path(view, &finite) > 16, "path-too-long");
}

fn reference(view: &View<'_>, step: &Step<'_>, found: &mut Findings) {
    let Some(text) = step.reference else {
        return;
    };
    match view.reference(text) {
        Hit::Model { .. } | Hit::Broken => {}
        Hit::Alias(_) => {
            let stray = TARGET_FIELDS
                .iter()
                .any(|field| step.node.get(field).is_some());
            found.error_if(stray, "misplaced-field");
        }
        Hit::Several(_) => found.error("ambiguous-target"),
        Hit::Nothing => found.error("unknown-target"),
    }
}

/// The number of aliases on the longest path from one of these.
fn longest_path(view: &View<'_>, finite: &[usize]) -> usize {
    let next: Vec<Vec<usize>> = finite.iter().map(|&index| view.next(index)).collect();
    let mut longest = vec![1; view.aliases.len()];
    // A path has at most as many aliases as exist, so the lengths are final after that many rounds.
    for _ in finite {
        for (&index, next) in finite.iter().zip(&next) {
            let behind = next.iter().map(|&next| longest[next]).max();
            longest[index] = 1 + behind.unwrap_or(0);
        }
    }
    finite
        .iter()
        .map(|&index| longest[index])
        .max()
        .unwrap_or(0)
}
