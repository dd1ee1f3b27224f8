//! The detection rate and the false alarm rate.

use super::cases::{ORDINARY, ordinary, positives};
use super::source::detect::{DataKind, Detection, find};

/// The least detection rate, in percent of the positives, and the highest false alarm rate, in percent of the ordinary
/// lines.
const FOUND: usize = 95;
const FALSE_ALARMS: usize = 1;

#[test]
fn each_kind_is_found_where_it_is_and_nowhere_else() {
    let positives = positives();
    let ordinary = ordinary();
    let near = |file: &str| matches!(file, "near" | "generated");
    let near_misses = ordinary.iter().filter(|(file, _)| near(file)).count();
    assert!(ordinary.len() >= 1_000 && near_misses >= 200);
    println!(
        "{:12} {:>9} {:>9} {:>8}   {:>12} {:>12}",
        "kind", "found", "hard", "limit", "false alarms", "limit"
    );
    let mut over = Vec::new();
    for kind in DataKind::ALL {
        let of_kind: Vec<_> = positives.iter().filter(|case| case.kind == kind).collect();
        let hard = of_kind.iter().filter(|case| case.hard).count();
        assert!(of_kind.len() >= 30 && hard * 3 >= of_kind.len(), "{kind:?}");

        let (mut found, mut hard_found) = (0, 0);
        for case in &of_kind {
            let finds = find(&case.text);
            if finds
                .iter()
                .any(|find| find.kind == kind && find.range == case.range)
            {
                found += 1;
                hard_found += usize::from(case.hard);
            } else {
                println!("  missed in {:?}: {finds:?}", case.text);
            }
        }
        let mut alarms = 0;
        for (file, text) in &ordinary {
            let finds = find(text);
            if finds.iter().any(|find| find.kind == kind) {
                alarms += 1;
                println!("  false alarm in {file}: {text:?}: {finds:?}");
            }
        }
        println!(
            "{:12} {found:4}/{:4} {hard_found:4}/{hard:4} {FOUND:>7}%   {alarms:5}/{:6} {FALSE_ALARMS:>11}%",
            kind.as_str(),
            of_kind.len(),
            ordinary.len()
        );
        if found * 100 < FOUND * of_kind.len() || alarms * 100 > FALSE_ALARMS * ordinary.len() {
            over.push(kind);
        }
    }
    for file in ORDINARY {
        let lines: Vec<_> = ordinary.iter().filter(|(from, _)| *from == file).collect();
        let alarms = lines.iter().filter(|(_, text)| !find(text).is_empty());
        println!(
            "ordinary/{file}: {} of {} lines",
            alarms.count(),
            lines.len()
        );
    }
    let alarms = ordinary.iter().filter(|(_, text)| !find(text).is_empty());
    let alarms = alarms.count();
    println!(
        "all kinds: {alarms} of {} ordinary lines, {near_misses} of them near misses; limit {FALSE_ALARMS}%",
        ordinary.len()
    );
    assert!(over.is_empty(), "over their limits: {over:?}");
    assert!(alarms * 100 <= FALSE_ALARMS * ordinary.len());
}

/// A text with one item gives one match: no other kind matches a part of it.
#[test]
fn a_text_with_one_thing_in_it_gives_one_find() {
    let (mut more, mut all) = (0, 0);
    for case in positives() {
        let finds = find(&case.text);
        all += 1;
        if finds.iter().any(|find| find.range != case.range) {
            more += 1;
            println!("  {:?}: {finds:?}", case.text);
        }
    }
    println!("{more} of {all} texts give something besides; limit 1%");
    assert!(more * 100 <= all);
}

/// The checksums of cards and accounts detect every single wrong digit.
#[test]
fn a_wrong_digit_makes_it_no_card_and_no_account() {
    for case in positives() {
        if !matches!(case.kind, DataKind::Card | DataKind::Iban) || case.text.contains("%20") {
            continue;
        }
        for at in case.range.clone() {
            let digit = case.text.as_bytes()[at];
            if digit.is_ascii_digit() {
                let wrong = char::from(if digit == b'9' { b'0' } else { digit + 1 });
                let mut text = case.text.clone();
                text.replace_range(at..=at, wrong.encode_utf8(&mut [0; 4]));
                let finds = find(&text);
                let whole = |find: &&Detection| find.kind == case.kind && find.range == case.range;
                assert_eq!(finds.iter().find(whole), None, "{text:?}");
            }
        }
    }
}
