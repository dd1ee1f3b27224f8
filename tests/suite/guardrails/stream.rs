//! Replies in pieces: however a reply is cut, the violations and the text sent are those of the whole.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use model_aliases::{AliasResolver, ReplyStream, Verdict, Violation};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{Phrase, Words, builder, full_or, sorted};
use crate::counting::counted;

const TEXT: &str = "  mail: {target: a, guardrails: {content_filters: [{type: sensitive_data}]}}
  words: {target: a, guardrails: {content_filters: [{type: words}]}}
  all:
    target: inner
    guardrails: {content_filters: [{type: sensitive_data}, {type: profanity}]}
  inner:
    targets: [{model: a, weight: 50}, {model: b, weight: 50}]
    guardrails: {content_filters: [{type: words}, {type: more}]}
  watched:
    target: all
    guardrails:
      mode: monitor
      block_categories: [PII, hunt]
      content_filters: [{type: words, action: block}]
  strict:
    target: all
    guardrails: {block_categories: [hunt]}
  judged: {target: a, guardrails: {content_filters: [{type: whole}]}}\n";

fn resolver() -> AliasResolver {
    let builder = builder(TEXT)
        .filter("words", Words::new(&["whale", "white whale", "é"]))
        .filter("more", Words::new(&["the white", "ship"]))
        .filter_fn("whole", |text| {
            if text.ends_with("end") {
                Verdict::block("ends")
            } else {
                Verdict::allow()
            }
        })
        .category("hunt", Phrase("hunt the whale"));
    #[cfg(feature = "profanity")]
    let builder = builder.profanity();
    builder.build().unwrap()
}

/// The outcome of a reply.
#[derive(Debug, PartialEq)]
struct Came {
    /// `None` if it was blocked.
    sent: Option<String>,
    violations: Vec<String>,
}

#[track_caller]
fn stream(resolver: &AliasResolver, name: &str) -> ReplyStream {
    let serving = resolver.attempts(name).unwrap().commit();
    let stream = serving.reply_stream();
    serving.finished();
    stream
}

#[track_caller]
fn whole(resolver: &AliasResolver, name: &str, text: &str) -> Came {
    let mut call = resolver.attempts(name).unwrap();
    let checked = call.check_reply(text);
    Came {
        sent: checked.text().map(str::to_owned),
        violations: sorted(checked.violations()),
    }
}

#[track_caller]
fn pieces(resolver: &AliasResolver, name: &str, text: &str, cuts: &[usize]) -> Came {
    let mut stream = stream(resolver, name);
    let mut sent = String::new();
    let mut violations: Vec<Violation> = Vec::new();
    let mut from = 0;
    let mut blocked = false;
    for &cut in cuts {
        let checked = stream.push(&text[from..cut]);
        from = cut;
        match checked.text() {
            Some(piece) if !blocked => sent += piece,
            Some(_) => panic!("a stopped stream went on"),
            None => blocked = true,
        }
        violations.extend_from_slice(checked.violations());
    }
    let _ = stream.push(&text[from..]).text().map(|piece| sent += piece);
    let checked = stream.finish();
    violations.extend_from_slice(checked.violations());
    match checked.text() {
        Some(piece) => sent += piece,
        None => blocked = true,
    }
    Came {
        sent: (!blocked).then_some(sent),
        violations: sorted(&violations),
    }
}

/// Checks that the pieces give the same as the whole. The text's end is the last cut, so the matches in every piece
/// count.
#[track_caller]
fn same(resolver: &AliasResolver, name: &str, text: &str, cuts: &[usize]) {
    let mut cuts = cuts.to_vec();
    cuts.push(text.len());
    let whole = whole(resolver, name, text);
    let pieces = pieces(resolver, name, text, &cuts);
    // A blocked stream stops checking.
    if whole.sent.is_none() {
        assert_eq!(pieces.sent, None, "{name}: {text:?} cut at {cuts:?}");
    } else {
        assert_eq!(pieces, whole, "{name}: {text:?} cut at {cuts:?}");
    }
}

const NAMES: [&str; 6] = ["mail", "words", "all", "watched", "strict", "judged"];

const SMALL: [&str; 10] = [
    "",
    "é",
    "the white whale saw ann@example.org, née é whale",
    "4111 1111 1111 1111 and the whales of +49 30 901820",
    "hunt the whale",
    "they hunt the whale, ship whale the white whale whale",
    "whalewhale whale-whale xwhale whalex éwhale whaleé",
    "a line\nthe white\nwhale ship end",
    "ends with a dam",
    "日本語のship、whale、the white whale。",
];

#[test]
fn a_small_reply_cut_at_every_place_gives_the_same() {
    let resolver = resolver();
    for name in NAMES {
        for text in SMALL {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            same(&resolver, name, text, &[]);
            same(&resolver, name, text, &places);
            for &place in &places {
                same(&resolver, name, text, &[place]);
            }
        }
    }
}

/// A text so long that every reader settles many times.
fn long(rng: &mut StdRng) -> String {
    let parts = [
        "whale",
        "white whale",
        "the white whale",
        "ship",
        "ships",
        "é",
        "née",
        "and so on",
        "ann@example.org",
        "4111 1111 1111 1111",
        "192.0.2.17",
        "sentence. Next",
        "\n\n",
        "→",
        "GB82 WEST 1234 5698 7654 32",
        "+1 202 555 0143",
        "x",
        "shit",
        "f u d g e",
        "1.2.3",
    ];
    let mut text = String::new();
    for _ in 0..rng.random_range(1..200) {
        text += parts[rng.random_range(0..parts.len())];
        text += [" ", " ", " ", ", ", "", "-"][rng.random_range(0..6)];
    }
    text
}

fn cuts(rng: &mut StdRng, text: &str) -> Vec<usize> {
    let most = [1, 4, 40, 400][rng.random_range(0..4)];
    let mut cuts = Vec::new();
    let mut at = 0;
    while at < text.len() {
        at = text.ceil_char_boundary((at + rng.random_range(0..=most)).min(text.len()));
        cuts.push(at);
    }
    cuts
}

#[test]
fn a_long_reply_in_any_pieces_gives_the_same() {
    let resolver = resolver();
    let mut rng = StdRng::seed_from_u64(38);
    for _ in 0..full_or(60, 5_000) {
        let mut text = long(&mut rng);
        if rng.random_range(0..3) == 0 {
            let at = text.floor_char_boundary(rng.random_range(0..=text.len()));
            text.insert_str(at, " hunt the whale ");
        }
        for name in NAMES {
            let cuts = cuts(&mut rng, &text);
            same(&resolver, name, &text, &cuts);
        }
    }
}

/// A stream sends nothing of the text that blocks it.
#[test]
fn a_stream_stops_before_what_blocks_it() {
    let resolver = resolver();
    let text = format!(
        "{}hunt the whale, and so on for many days",
        "the sea is calm. ".repeat(40)
    );
    let mut stream = stream(&resolver, "strict");
    let mut sent = String::new();
    let mut stopped = false;
    for piece in text.as_bytes().chunks(5) {
        let checked = stream.push(std::str::from_utf8(piece).unwrap());
        match checked.text() {
            Some(piece) => sent += piece,
            None => stopped = true,
        }
        if stopped {
            let violation = checked.blocked().unwrap();
            assert_eq!(
                violation.to_string(),
                "content blocked by category `hunt`: phrase"
            );
        }
    }
    assert!(stopped && stream.finish().text().is_none());
    assert!(text.starts_with(&sent) && !sent.contains("hunt"), "{sent}");
    assert!(sent.len() > 500, "{} bytes were sent", sent.len());
}

/// A bounded check sees each byte nine times, whatever the pieces, and holds back a quarter more than its context.
#[test]
fn what_a_check_reads_and_holds_back_is_bounded() {
    let long =
        Words::new(&["0123456789012345678901234567890123456789012345678901234567890123456789"]);
    let read = Arc::clone(&long.read);
    let look = model_aliases::Check::context_bytes(&long);
    let resolver = builder("  x: {target: a, guardrails: {content_filters: [{type: long}]}}\n")
        .filter("long", long)
        .build()
        .unwrap();
    let mut stream = stream(&resolver, "x");
    let (mut pushed, mut sent, mut held) = (0, 0, 0);
    for _ in 0..20_000 {
        pushed += 1;
        sent += stream.push("x").text().unwrap().len();
        held = held.max(pushed - sent);
    }
    sent += stream.finish().text().unwrap().len();
    assert_eq!(sent, pushed);
    let read = read.load(Ordering::Relaxed);
    println!("a check of {look} bytes read {read} of {pushed} bytes, limit 10 for one");
    println!("{held} bytes were held back, limit {}", look + look / 4);
    assert!(read <= 10 * pushed);
    assert!(held <= look + look / 4);
}

/// A stream frees the text that it has sent: it allocates what it returns and little more.
#[test]
fn what_is_kept_of_a_stream_is_bounded() {
    let resolver = builder("  x: {target: a, guardrails: {content_filters: [{type: words}]}}\n")
        .filter("words", Words::new(&["whale"]))
        .build()
        .unwrap();
    let mut stream = stream(&resolver, "x");
    let piece = "the sea is calm, the wind is low and the crew sleeps. ".repeat(2);
    let (sent, allocated) = counted(|| {
        let pieces = (0..2_000).map(|_| stream.push(&piece).text().unwrap().len());
        pieces.sum::<usize>()
    });
    let most = sent + sent / 4;
    println!(
        "{sent} bytes were sent, and {} allocated, limit {most}",
        allocated.bytes
    );
    assert!(sent > 200_000 && allocated.bytes <= most);
}

/// Without a bound, the whole reply waits.
#[test]
fn a_check_that_names_no_bound_sees_the_whole_reply() {
    let resolver = resolver();
    for (text, expected) in [("the end", None), ("the end.", Some("the end."))] {
        let mut stream = stream(&resolver, "judged");
        for piece in text.split_inclusive(' ') {
            assert_eq!(stream.push(piece).text(), Some(""));
        }
        assert_eq!(stream.finish().text(), expected);
    }
}
