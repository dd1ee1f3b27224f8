//! Draws of one request that brings its random bits are not related: rules 11 and 40.

use std::collections::BTreeSet;

use model_aliases::{FailureClass as Class, Request};

use super::{Scene, document, short};

const SPLIT: &str = "  s:
    targets: [{model: a, weight: 34}, {model: b, weight: 33}, {model: c, weight: 33}]
    redistribute: true\n";

/// The first two targets of each of 300 requests.
fn pairs(scene: &Scene, name: &str) -> BTreeSet<(String, String)> {
    let pair = |request: u64| {
        // Spread evenly, as the first draw of a split reads the highest bits.
        let bits = request.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let request = Request::new(name).entropy(bits);
        let mut call = scene.resolver.attempts(request).unwrap();
        let before = short(&call.target());
        assert!(call.failed(Class::Timeout));
        let after = short(&call.target());
        call.succeeded();
        // Five failures in a row would take it out.
        scene.resolver.reset(&format!("p{before}/{before}"));
        (before, after)
    };
    (0..300).map(pair).collect()
}

#[test]
fn a_second_draw_says_nothing_about_the_first() {
    // By draws alone, and where a selector is asked on the way.
    let asked = "  x: {load_balance: {algorithm: first}, targets: [{model: s}, {model: d}]}\n";
    let scene = Scene::of(&document(&format!("{SPLIT}{asked}")), |builder| {
        builder.selector_fn("first", |_, candidates| {
            (!candidates.is_empty()).then_some(0)
        })
    });
    for name in ["s", "x"] {
        let pairs = pairs(&scene, name);
        assert_eq!(pairs.len(), 6, "{name}: {pairs:?}");
    }
}
