//! However a text is cut, the matches are those of the whole text, and no match appears in text that was already
//! settled.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::cases::{ordinary, positives};
use super::source::detect::{Detection, REACH, Scanner, find};

/// Scans a text cut at these offsets.
#[track_caller]
fn scanned(text: &str, cuts: &[usize]) -> Vec<Detection> {
    let mut scanner = Scanner::new();
    let mut finds: Vec<Detection> = Vec::new();
    let mut from = 0;
    for &cut in cuts {
        let settled = scanner.settled();
        scanner.push(&text[from..cut]);
        from = cut;
        let new = scanner.take();
        for find in &new {
            assert!(
                find.range.start >= settled,
                "{find:?} was settled: {settled}"
            );
        }
        finds.extend(new);
        let now = scanner.settled();
        assert!(text.is_char_boundary(now), "{now}");
        assert!((settled..=cut).contains(&now), "{settled}, {now}, {cut}");
        assert!(cut - now <= REACH, "{} bytes are held back", cut - now);
        assert!(
            finds.last().is_none_or(|find| find.range.end <= now),
            "{finds:?}, {now}"
        );
    }
    let settled = scanner.settled();
    scanner.push(&text[from..]);
    scanner.finish();
    let new = scanner.take();
    for find in &new {
        assert!(
            find.range.start >= settled,
            "{find:?} was settled: {settled}"
        );
    }
    finds.extend(new);
    assert_eq!(scanner.settled(), text.len());
    finds
}

#[track_caller]
fn same(text: &str, cuts: &[usize]) {
    assert_eq!(scanned(text, cuts), find(text), "{text:?} cut at {cuts:?}");
}

fn places(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).skip(1).collect()
}

#[test]
fn a_text_cut_anywhere_gives_the_finds_of_the_whole() {
    for case in positives() {
        // Cut once: near the match at every offset, elsewhere at every sixteenth, since long keys are uniform.
        for (count, cut) in places(&case.text).into_iter().enumerate() {
            let at_an_edge = [case.range.start, case.range.end]
                .iter()
                .any(|edge| edge.abs_diff(cut) < 128);
            if at_an_edge || count % 16 == 0 {
                same(&case.text, &[cut]);
            }
        }
        // Cut into single characters.
        same(&case.text, &places(&case.text));
    }
    for (_, text) in ordinary() {
        same(&text, &places(&text));
    }
}

/// Joins the whole test set in random order and cuts it at random.
#[test]
fn many_texts_in_one_cut_at_random_give_the_finds_of_the_whole() {
    let mut texts: Vec<String> = positives().into_iter().map(|case| case.text).collect();
    texts.extend(ordinary().into_iter().map(|(_, text)| text));
    let rounds = if std::env::var_os("MODEL_ALIASES_FULL").is_some() {
        2_000
    } else {
        60
    };
    let mut finds = 0;
    for seed in 0..rounds {
        let mut random = StdRng::seed_from_u64(seed);
        let between = [" ", "\n", "", ", ", "\u{3000}", "-", ".", "@"];
        let mut text = String::new();
        for _ in 0..120 {
            text += &texts[random.random_range(0..texts.len())];
            text += between[random.random_range(0..between.len())];
        }
        let longest = [1, 3, 8, 40, 200, 4_000][random.random_range(0..6)];
        let mut cuts = Vec::new();
        let mut at = 0;
        loop {
            at += random.random_range(1..=longest);
            while at < text.len() && !text.is_char_boundary(at) {
                at += 1;
            }
            if at >= text.len() {
                break;
            }
            cuts.push(at);
        }
        let whole = find(&text);
        assert_eq!(scanned(&text, &cuts), whole, "seed {seed}");
        finds += whole.len();
        let mut last = 0;
        for find in &whole {
            assert!(
                last <= find.range.start && find.range.start < find.range.end,
                "{whole:?}"
            );
            assert!(text.get(find.range.clone()).is_some());
            last = find.range.end;
        }
    }
    println!("{rounds} texts cut at random, {finds} finds, all those of the whole");
}

/// Prose is settled word by word; only text that may still become a match waits.
#[test]
fn prose_is_settled_at_each_word() {
    let text = "It rained for a while and then the sun came out again over the hills ";
    let mut scanner = Scanner::new();
    let mut held = 0;
    let mut sent = 0;
    for word in text.split_inclusive(' ') {
        scanner.push(word);
        sent += word.len();
        held = held.max(sent - scanner.settled());
    }
    println!("at most {held} bytes of prose are held back, limit 16");
    assert!(held <= 16, "{held}");
}
