//! Laws of cost: a tighter limit never admits what a looser one denied, a bill is the sum over the attempts, and no
//! amount is rounded down.

use std::collections::BTreeSet;
use std::fmt::Write;

use model_aliases::{AliasResolver, Config, Cost, FailureClass, FakeClock, Request, Usage};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::full_or;

/// The price of a million tokens, input and output alike, in hundredths of a cent; `None` if unknown.
type Price = Option<u32>;

/// The guardrails on cost of one alias.
#[derive(Debug, Clone, Copy)]
struct Limit {
    /// `max_cost_per_request`, in thousandths of a cent.
    most: Option<u32>,
    is_lenient: bool,
}

impl Limit {
    fn random(rng: &mut StdRng) -> Self {
        Self {
            most: rng.random_bool(0.6).then(|| rng.random_range(200..8_000)),
            is_lenient: rng.random_bool(0.5),
        }
    }

    fn tighten(&mut self, rng: &mut StdRng) {
        match self.most {
            Some(most) if rng.random_bool(0.7) => self.most = Some(rng.random_range(200..=most)),
            Some(_) => self.is_lenient = false,
            None => *self = Self::random(rng),
        }
    }

    fn write(self) -> String {
        let word = if self.is_lenient { "allow" } else { "refuse" };
        let most = self
            .most
            .map(|most| format!("max_cost_per_request: 0.{most:05}, "));
        format!("{{{}on_unverifiable: {word}}}", most.unwrap_or_default())
    }
}

/// Three nested aliases. Each tries models of its own before and after the nested alias; the first model costs
/// next to nothing.
fn load(limits: &[Limit; 3], prices: &[Price; 6]) -> AliasResolver {
    let mut text =
        "model_providers:\n  - {model: p/start, pricing: {input: 1, output: 1}}\n".to_owned();
    for (name, price) in ["a", "b", "c", "d", "e", "f"].iter().zip(prices) {
        let price = price.map(|price| {
            let price = format!("{}.{:04}", price / 10_000, price % 10_000);
            format!(", pricing: {{input: {price}, output: {price}}}")
        });
        let price = price.unwrap_or_default();
        writeln!(text, "  - {{model: p/{name}{price}}}").unwrap();
    }
    let aliases = [
        ("x", "start, fallbacks: [a, y, b]"),
        ("y", "c, fallbacks: [z, d]"),
        ("z", "e, fallbacks: [f]"),
    ];
    text += "model_aliases:\n";
    for ((name, steps), limit) in aliases.iter().zip(limits) {
        let limit = limit.write();
        writeln!(
            text,
            "  {name}: {{target: {steps}, max_attempts: 8, guardrails: {limit}}}"
        )
        .unwrap();
    }
    let builder = AliasResolver::builder(Config::from_yaml("config.yaml", text).unwrap());
    builder.seed(1).clock(FakeClock::new()).build().unwrap()
}

/// The models tried if the first attempt used this many tokens and all attempts fail free of charge.
fn tried(resolver: &AliasResolver, used: u64) -> BTreeSet<String> {
    let request = Request::new("x").estimate(Usage::new(700, 300));
    let mut call = resolver.attempts(request);
    let mut tried = BTreeSet::new();
    while let Ok(mut at) = call {
        let is_first = tried.is_empty();
        tried.insert(at.model().to_owned());
        if is_first {
            at.used(Usage::new(used, 0));
        }
        call = if at.failed(FailureClass::ConnectError) {
            Ok(at)
        } else {
            Err(at.into_error())
        };
    }
    tried
}

/// Both sides have the same bill. Otherwise a denied target would spend nothing and leave more for later ones.
#[test]
fn a_tighter_limit_never_admits_what_was_denied() {
    let mut rng = StdRng::seed_from_u64(36);
    let (mut denied, mut tighter) = (0, 0);
    for _ in 0..full_or(1_000, 50_000) {
        let mut limits = [(); 3].map(|()| Limit::random(&mut rng));
        let prices = [(); 6].map(|()| {
            let price = rng.random_range(0..80_000);
            rng.random_bool(0.8).then_some(price)
        });
        let loose = load(&limits, &prices);
        let used = rng.random_range(0..20_000);
        let before = tried(&loose, used);
        limits[rng.random_range(0..3)].tighten(&mut rng);
        let after = tried(&load(&limits, &prices), used);
        denied += usize::from(before.len() < 7);
        tighter += usize::from(before != after);
        assert!(
            after.is_subset(&before),
            "{after:?} of {before:?}: {limits:?} {prices:?} {used}"
        );
    }
    println!("{denied} requests were denied something, {tighter} more afterwards; both above 0");
    assert!(denied > 0 && tighter > 0);
}

/// A limit equal to the estimate admits it; a limit smaller by the least amount does not.
#[test]
fn no_amount_is_rounded() {
    let mut rng = StdRng::seed_from_u64(35);
    for _ in 0..full_or(300, 20_000) {
        let price: [u64; 2] = [(); 2].map(|()| rng.random_range(1..3_000_000));
        let tokens: [u64; 2] = [(); 2].map(|()| rng.random_range(0..40_000));
        // A millionth of a dollar for a million tokens is 10⁻¹² dollars for one.
        let exact = u128::from(price[0] * tokens[0] + price[1] * tokens[1]).max(1);
        let [input, output] =
            price.map(|price| format!("{}.{:06}", price / 1_000_000, price % 1_000_000));
        let dollars = |amount: u128| {
            let unit = 1_000_000_000_000;
            format!("{}.{:012}", amount / unit, amount % unit)
        };
        let text = format!(
            "model_providers: [{{model: p/m, pricing: {{input: {input}, output: {output}}}}}]
model_aliases:
  enough: {{target: m, guardrails: {{max_cost_per_request: {}}}}}
  less: {{target: m, guardrails: {{max_cost_per_request: {}}}}}\n",
            dollars(exact),
            dollars(exact - 1),
        );
        let resolver =
            AliasResolver::builder(Config::from_yaml("config.yaml", text.clone()).unwrap())
                .seed(1)
                .build()
                .unwrap();
        let usage = Usage::new(tokens[0], tokens[1]);
        let call = resolver.attempts(Request::new("enough").estimate(usage));
        let bill = call.expect(&text).commit().bill();
        assert!(
            bill.spent() == Cost::from_picodollars(exact) || tokens == [0, 0],
            "{text}"
        );
        assert!(!bill.is_exceeded());
        let call = resolver.attempts(Request::new("less").estimate(usage));
        assert!(call.is_err() || tokens == [0, 0], "{text}");
    }
}

/// However the attempts end, the cost of a request is the sum of their costs.
#[test]
fn a_bill_is_the_sum_over_the_attempts() {
    let mut rng = StdRng::seed_from_u64(38);
    let limits = [Limit {
        most: None,
        is_lenient: true,
    }; 3];
    for _ in 0..full_or(300, 20_000) {
        let prices = [(); 6].map(|()| Some(rng.random_range(0..80_000)));
        let resolver = load(&limits, &prices);
        let estimate = Usage::new(700, 300);
        let request = Request::new("x").estimate(estimate);
        let mut call = resolver.attempts(request).unwrap();
        let mut sum = 0;
        let bill = loop {
            let pricing = *call.provider().pricing().as_ref().unwrap();
            let used = rng
                .random_bool(0.5)
                .then(|| Usage::new(rng.random_range(0..2_000), rng.random_range(0..2_000)));
            if let Some(usage) = used {
                call.used(usage);
            }
            let (failure, tokens) = match rng.random_range(0..4) {
                0 => (Some(FailureClass::RateLimited), used.unwrap_or_default()),
                1 => (Some(FailureClass::ServerError), used.unwrap_or(estimate)),
                2 if rng.random_bool(0.3) => (None, used.unwrap_or(estimate)),
                _ => (Some(FailureClass::Timeout), used.unwrap_or(estimate)),
            };
            let part = |price: Cost, tokens: u64| price.as_picodollars() * u128::from(tokens);
            sum += part(pricing.input_token(), tokens.input());
            sum += part(pricing.output_token(), tokens.output());
            match failure {
                None => break call.commit().bill(),
                Some(class) => {
                    if !call.failed(class) {
                        break call.bill();
                    }
                }
            }
        };
        assert_eq!(bill.spent().as_picodollars(), sum, "{prices:?}");
    }
}
