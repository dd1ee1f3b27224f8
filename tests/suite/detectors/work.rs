//! Work grows linearly with the text, whatever the text. This test counts steps; `scripts/detect` measures time.

use super::source::detect::Scanner;
use super::worst::{WORST, repeated};

/// The most bytes that checkers may read per byte of text.
const MOST_READ: u64 = 64;

#[test]
fn no_text_makes_checkers_read_a_byte_more_than_a_fixed_number_of_times() {
    let sizes = [16_384, 65_536];
    let mut over = Vec::new();
    println!(
        "{:26} bytes read per byte at 16 and 64 KiB, limit {MOST_READ}",
        "text"
    );
    for (name, unit) in WORST {
        let bytes_read = sizes.map(|size| {
            let text = repeated(unit, size);
            let mut scanner = Scanner::new();
            scanner.push(&text);
            scanner.finish();
            scanner.bytes_read() / text.len() as u64
        });
        println!("{name:26} {:6} {:6}", bytes_read[0], bytes_read[1]);
        // The count per byte must not grow when the text is four times as long.
        if bytes_read[1] > MOST_READ || bytes_read[1] > bytes_read[0] + 2 {
            over.push(name);
        }
    }
    assert!(over.is_empty(), "{over:?}");
}

/// Pieces of one token each must not make the scanner read waiting bytes over and over.
#[test]
fn small_pieces_cost_a_small_factor() {
    let worst = WORST
        .iter()
        .map(|(name, unit)| (*name, repeated(unit, 32_768)));
    // A block of the greatest length that may stay open.
    let block = ["-----BEGIN PRIVATE KEY-----\n", &"FakeFake".repeat(1_900)].concat();
    for (name, text) in worst.chain([("an open block", block)]) {
        let mut whole = Scanner::new();
        whole.push(&text);
        whole.finish();
        let mut pieces = Scanner::new();
        let mut from = 0;
        while from < text.len() {
            let mut to = (from + 5).min(text.len());
            while !text.is_char_boundary(to) {
                to += 1;
            }
            pieces.push(&text[from..to]);
            from = to;
        }
        pieces.finish();
        let allowed = 20 * whole.bytes_read() + 100 * text.len() as u64;
        assert!(
            pieces.bytes_read() <= allowed,
            "{name}: {} of {allowed}",
            pieces.bytes_read()
        );
    }
}
