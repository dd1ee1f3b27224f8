//! The profanity check, against its part of the test set.

use super::cases::{of_kind, ordinary};
use super::source::detect::DataKind;
use super::source::detect::profanity::{find, settled};

#[test]
fn words_that_hurt_are_found_and_others_are_not() {
    let positives = of_kind(DataKind::Profanity);
    let mut found = 0;
    for case in &positives {
        let finds = find(&case.text);
        if finds.len() == 1 && finds[0].range == case.range {
            found += 1;
        } else {
            println!("  missed in {:?}: {finds:?}", case.text);
        }
    }
    let ordinary = ordinary();
    let mut alarms = 0;
    for (file, text) in &ordinary {
        if let Some(find) = find(text).first() {
            alarms += 1;
            println!("  false alarm in {file}: {:?}", &text[find.range.clone()]);
        }
    }
    println!(
        "profanity: {found} of {} found, limit 90%; {alarms} of {} ordinary lines, limit 1%",
        positives.len(),
        ordinary.len()
    );
    assert!(found * 100 >= positives.len() * 90);
    assert!(alarms * 100 <= ordinary.len());
}

/// Text that follows does not change the matches in settled text.
#[test]
fn a_text_cut_where_it_is_settled_gives_the_same() {
    for case in of_kind(DataKind::Profanity) {
        let whole = find(&case.text);
        for (cut, _) in case.text.char_indices() {
            let settled = settled(&case.text[..cut]);
            let mut finds = find(&case.text[..settled]);
            finds.extend(find(&case.text[settled..]).into_iter().map(|mut find| {
                find.range.start += settled;
                find.range.end += settled;
                find
            }));
            assert_eq!(finds, whole, "{:?} cut at {settled}", case.text);
        }
    }
}
