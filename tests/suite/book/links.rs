//! Checks that no page has a dead link, neither on a code host nor in rustdoc.
//!
//! A page in `docs` links by labels and defines them at its end as files. `docs/rustdoc/links.md` defines the
//! same labels as items, and rustdoc reads it first. Rustdoc itself reports missing items.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::blocks::{anchors, prose};
use super::{pages, read};
use crate::program::root;

/// Links of a page.
#[derive(Debug, Default)]
struct Links {
    /// Targets in round brackets.
    inline: Vec<String>,
    /// Labels in square brackets.
    labels: BTreeSet<String>,
    /// Definitions of the labels.
    defined: BTreeMap<String, String>,
}

/// Parses a line that defines a label.
fn definition(line: &str) -> Option<(&str, &str)> {
    let (label, target) = line.strip_prefix('[')?.split_once("]: ")?;
    (!label.contains(']') && !target.contains(' ')).then_some((label, target))
}

fn links(page: &str) -> Links {
    let mut links = Links::default();
    let mut text = String::new();
    for line in prose(page).lines() {
        if let Some((label, target)) = definition(line) {
            links.defined.insert(label.to_owned(), target.to_owned());
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    // Backticks inside of brackets belong to a label; brackets inside of backticks are code.
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['`', '[']) {
        rest = &rest[at..];
        if let Some(code) = rest.strip_prefix('`') {
            rest = code.split_once('`').map_or("", |(_, behind)| behind);
            continue;
        }
        let Some((label, behind)) = rest[1..].split_once(']') else {
            break;
        };
        rest = behind;
        if let Some(target) = behind.strip_prefix('(') {
            let target = target.split(')').next().unwrap_or_default();
            links.inline.push(target.to_owned());
        } else if let Some(named) = behind.strip_prefix('[') {
            let named = named.split(']').next().unwrap_or_default();
            links.labels.insert(named.replace('\n', " "));
            rest = &behind[named.len() + 2..];
        } else {
            links.labels.insert(label.replace('\n', " "));
        }
    }
    links
}

/// Returns why a link is dead.
fn dead(page: &str, text: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(page).parent().unwrap();
    let path = if file.is_empty() {
        Path::new(page).to_owned()
    } else {
        folder.join(file)
    };
    let known = match (file.is_empty(), anchor) {
        (_, "") => root().join(&path).exists(),
        (true, anchor) => anchors(text).iter().any(|known| known == anchor),
        (false, anchor) => fs::read_to_string(root().join(&path))
            .is_ok_and(|text| anchors(&text).iter().any(|known| known == anchor)),
    };
    (!known).then(|| format!("{page}: `{target}` leads nowhere"))
}

/// Returns whether a source file appears to define an item, judged by its text.
fn is_defined(source: &str, name: &str) -> bool {
    let before = ["fn ", "struct ", "enum ", "trait ", "    "];
    before.iter().any(|word| {
        let whole = format!("{word}{name}");
        let found = source.match_indices(&whole);
        let mut behind = found.map(|(at, found)| source[at + found.len()..].chars().next());
        behind.any(|next| next.is_none_or(|c| !c.is_alphanumeric() && c != '_'))
    })
}

/// Returns all problems with the links of a page.
fn faults(page: &str, text: &str, items: &BTreeMap<String, String>) -> Vec<String> {
    let links = links(text);
    let is_chapter = page.starts_with("docs/");
    let mut faults = Vec::new();
    for target in links.inline.iter().chain(links.defined.values()) {
        faults.extend(dead(page, text, target));
    }
    for target in &links.inline {
        if is_chapter && !target.starts_with("https://") && !target.starts_with('#') {
            faults.push(format!(
                "{page}: `{target}` needs a label, or it is dead in rustdoc"
            ));
        }
    }
    for label in &links.labels {
        if !links.defined.contains_key(label) {
            faults.push(format!("{page}: nothing defines `{label}`"));
        }
    }
    for (label, target) in &links.defined {
        if !links.labels.contains(label) {
            faults.push(format!("{page}: nothing uses `{label}`"));
        }
        if !is_chapter || target.starts_with("https://") {
            continue;
        }
        match (items.get(label), target.split_once(".md")) {
            (None, _) => faults.push(format!("{page}: links.md does not define `{label}`")),
            (Some(item), Some((chapter, anchor))) if !chapter.contains('/') => {
                let expected = format!("crate::book::{}{anchor}", chapter.replace('-', "_"));
                if *item != expected {
                    faults.push(format!("{page}: `{label}` is {expected}, not {item}"));
                }
            }
            (Some(item), _) => {
                let source = fs::read_to_string(root().join("docs").join(target));
                let name = item.rsplit("::").next().unwrap_or_default();
                if !is_defined(&source.unwrap_or_default(), name) {
                    faults.push(format!("{page}: `{target}` does not define `{label}`"));
                }
            }
        }
    }
    faults
}

fn items() -> BTreeMap<String, String> {
    links(&read("docs/rustdoc/links.md")).defined
}

#[test]
fn every_link_leads_somewhere() {
    let items = items();
    let pages = pages();
    let found: Vec<String> = pages
        .iter()
        .flat_map(|page| faults(page, &read(page), &items))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let used = pages.iter().flat_map(|page| links(&read(page)).labels);
    let used: BTreeSet<String> = used.collect();
    let unused: Vec<_> = items
        .keys()
        .filter(|label| !used.contains(*label))
        .collect();
    assert!(unused.is_empty(), "links.md defines for nobody: {unused:?}");
}

#[test]
fn every_page_is_a_chapter() {
    let book = read("src/book.rs");
    let pages = pages();
    for page in &pages[1..] {
        let included = format!(
            "doc = include_str!(\"../docs/rustdoc/links.md\"))]\n    #![doc = include_str!(\"../{page}\")]\n"
        );
        assert!(book.contains(&included), "{page}");
    }
    assert_eq!(
        book.matches("#![doc = include_str!(").count(),
        pages.len() - 1
    );
}

#[test]
fn a_dead_link_is_found() {
    let items = BTreeMap::from([
        ("b".to_owned(), "crate::book::hooks#no".to_owned()),
        ("`c`".to_owned(), "crate::AliasResolver".to_owned()),
    ]);
    for (text, fault) in [
        ("[a](no.md)\n", "`no.md` leads nowhere"),
        ("[a](#no)\n", "`#no` leads nowhere"),
        ("[a](hooks.md#no-such-heading)\n", "leads nowhere"),
        ("[a](hooks.md)\n", "needs a label"),
        ("[b]\n", "nothing defines `b`"),
        ("see\n\n[b]: hooks.md#no\n", "nothing uses `b`"),
        ("[x][a]\n\n[a]: hooks.md\n", "does not define `a`"),
        ("[b]\n\n[b]: hooks.md\n", "is crate::book::hooks, not"),
        ("[`c`]\n\n[`c`]: ../src/lib.rs\n", "does not define ``c``"),
    ] {
        let found = faults("docs/embedder.md", text, &items);
        assert!(
            found.iter().any(|one| one.contains(fault)),
            "{text}: {found:?}"
        );
    }
    let text = "# A Title, here\n\n[a](#a-title-here), `[code]`, [x](https://example.com)\n";
    assert_eq!(
        faults("docs/embedder.md", text, &items),
        Vec::<String>::new()
    );
}
