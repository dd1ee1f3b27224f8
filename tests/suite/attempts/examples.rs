//! The worked examples of the rules, by their numbers.

use std::time::Duration;

use model_aliases::{Failure, FailureClass as Class, Request};

use super::{End, Run, Scene, document, fails};

/// The seed's chain: `a` is gpt-4o-mini, `b` llama3.1, `c` claude-3-haiku.
const SEED: &str = "  seed:
    target: a
    fallbacks:
      - {target: b, conditions: [quota_exceeded, timeout]}
      - {target: c, conditions: [primary_and_first_fallback_failed]}
";

const THREE: &str = "    load_balance: {}
    targets:
      - {model: a, endpoint: 'https://e1'}
      - {model: a, endpoint: 'https://e2'}
      - {model: a, endpoint: 'https://e3'}
";

/// A row of the table: what happened before, how each attempt ends, and what the steps are then.
struct Row {
    number: u32,
    aliases: String,
    asked: &'static str,
    before: fn(&Scene),
    ends: Vec<End>,
    steps: &'static str,
    class: Option<Class>,
}

fn row(
    number: u32,
    aliases: &str,
    asked: &'static str,
    ends: &[Class],
    steps: &'static str,
) -> Row {
    Row {
        number,
        aliases: aliases.to_owned(),
        asked,
        before: |_| {},
        ends: ends.iter().map(|&class| fails(class)).collect(),
        steps,
        class: None,
    }
}

impl Row {
    fn before(self, before: fn(&Scene)) -> Self {
        Self { before, ..self }
    }

    fn fails_with(self, class: Class) -> Self {
        let class = Some(class);
        Self { class, ..self }
    }

    #[track_caller]
    fn run(&self) {
        let scene = Scene::new(&self.aliases);
        (self.before)(&scene);
        let run = scene.run(self.asked, &self.ends);
        let what = format!("row {}: {run:?}", self.number);
        assert_eq!(run.steps, self.steps, "{what}");
        assert_eq!(run.class(), self.class, "{what}");
    }
}

fn rows() -> Vec<Row> {
    use Class::{
        AuthFailed, ConnectError, ContentFiltered, Overloaded, RateLimited, ServerError, Timeout,
    };
    let abc = |name: &str, b: &str, c: &str| {
        format!(
            "  {name}: {{target: a, fallbacks: [{{target: b, conditions: [{b}]}}, {{target: c, conditions: [{c}]}}]}}\n"
        )
    };
    let row_12 = format!("{SEED}  outer: {{target: seed, fallbacks: [d]}}\n");
    let row_13 = "  x: {target: a, fallbacks: [v1]}
  v1: {targets: [{model: b, weight: 80}, {model: a, weight: 20}]}\n";
    let row_15 = "  outer: {target: in, fallbacks: [{target: c, conditions: [rate_limited]}]}
  in: {target: a, fallbacks: [{target: b, conditions: [timeout]}]}\n";
    let row_16 = "  x: {target: a, fallbacks: [{target: b, conditions: [primary_failed]}]}\n";
    let row_14 = "  x: {target: a, fallbacks: [b]}\n";
    vec![
        row(
            1,
            SEED,
            "seed",
            &[Timeout, ServerError],
            "a=timeout b=server_error c+",
        ),
        row(2, SEED, "seed", &[ServerError], "a=server_error b~ c~").fails_with(ServerError),
        row(
            3,
            &abc("x", "timeout", "server_error"),
            "x",
            &[ServerError],
            "a=server_error b~ c+",
        ),
        row(4, SEED, "seed", &[], "a-rate_limited b+").before(|scene| {
            scene.cool("a", Failure::new(RateLimited).status(429));
        }),
        row(5, SEED, "seed", &[], "a-server_error b~ c~ a+")
            .before(|scene| scene.cool("a", ServerError)),
        row(
            5,
            SEED,
            "seed",
            &[Overloaded],
            "a-server_error b~ c~ a=overloaded",
        )
        .before(|scene| scene.cool("a", ServerError))
        .fails_with(Overloaded),
        row(
            12,
            &row_12,
            "outer",
            &[Timeout, ServerError, ServerError],
            "a=timeout b=server_error c=server_error d+",
        ),
        row(13, row_13, "x", &[Overloaded], "a=overloaded b+"),
        row(14, row_14, "x", &[AuthFailed], "a=auth_failed b+"),
        row(14, row_14, "x", &[], "a-auth_failed b+").before(|scene| {
            assert_eq!(scene.run("x", &[fails(AuthFailed)]).tried, "a b");
        }),
        row(15, row_15, "outer", &[RateLimited], "a=rate_limited b~ c+"),
        row(16, row_16, "x", &[ContentFiltered], "a=content_filtered b~")
            .fails_with(ContentFiltered),
        row(
            17,
            &abc("x", "content_filtered", "primary_and_first_fallback_failed"),
            "x",
            &[ContentFiltered, ServerError],
            "a=content_filtered b=server_error c+",
        ),
        row(
            18,
            "  x: {target: a, fallbacks: [b, c, d, e]}\n",
            "x",
            &[Overloaded; 4],
            "a=overloaded b=overloaded c=overloaded d=overloaded e+",
        ),
        row(
            8,
            &format!("  x:\n{THREE}"),
            "x",
            &[ConnectError],
            "e1=connect_error e2+",
        ),
    ]
}

#[test]
fn rows_of_the_table() {
    for row in rows() {
        // Balancers begin anywhere: the endpoint that comes first is called e1.
        if row.number != 8 {
            row.run();
        }
    }
}

/// The endpoints in the order in which this balancer picks them.
fn picks(run: &Run) -> Vec<&str> {
    run.tried.split(' ').collect()
}

#[test]
fn row_8_another_endpoint_after_a_failure() {
    let scene = Scene::new(&format!("  x:\n{THREE}"));
    let run = scene.run("x", &[fails(Class::ConnectError)]);
    let [first, second] = picks(&run)[..] else {
        panic!("{run:?}");
    };
    assert_ne!(first, second);
    assert_eq!(run.steps, format!("{first}=connect_error {second}+"));
}

#[test]
fn row_9_one_attempt_is_left_for_the_fallback() {
    let scene = Scene::new(&format!(
        "  x:\n{THREE}    fallbacks: [b]\n    max_attempts: 3\n"
    ));
    for _ in 0..4 {
        let run = scene.run(
            "x",
            &[fails(Class::ConnectError), fails(Class::ConnectError)],
        );
        let tried = picks(&run);
        assert_eq!((tried.len(), tried[2]), (3, "b"), "{run:?}");
        assert_ne!(tried[0], tried[1]);
        for endpoint in &tried[..2] {
            scene.resolver.reset(&format!("pa/a@https://{endpoint}"));
        }
    }
}

fn cool_endpoint(scene: &Scene, host: &str, seconds: u64) {
    let failure = Failure::new(Class::RateLimited).retry_after(Duration::from_secs(seconds));
    loop {
        let route = scene.resolver.resolve("x").unwrap();
        if route.target().ends_with(host) {
            return route.failed(failure);
        }
    }
}

#[test]
fn row_10_the_endpoint_that_does_not_cool() {
    let scene = Scene::new(&format!("  x:\n{THREE}"));
    cool_endpoint(&scene, "e1", 30);
    cool_endpoint(&scene, "e2", 30);
    for _ in 0..10 {
        assert_eq!(scene.run("x", &[]).tried, "e3");
    }
}

#[test]
fn row_11_the_first_to_return_is_the_last_resort() {
    let scene = Scene::new(&format!("  x:\n{THREE}"));
    cool_endpoint(&scene, "e1", 30);
    cool_endpoint(&scene, "e3", 50);
    cool_endpoint(&scene, "e2", 4);
    for _ in 0..5 {
        assert_eq!(scene.run("x", &[]).tried, "e2!");
    }
    let run = scene.run("x", &[fails(Class::Timeout)]);
    assert_eq!(
        (run.tried.as_str(), run.class()),
        ("e2!", Some(Class::Timeout))
    );
}

#[test]
fn rows_6_and_7_a_broken_canary_stays_visible() {
    let canary = |redistribute| {
        Scene::new(&format!(
            "  x: {{redistribute: {redistribute}, targets: [{{model: a, weight: 95}}, {{model: b, weight: 5}}]}}\n"
        ))
    };
    for (redistribute, expected) in [(false, "b!"), (true, "a")] {
        let scene = canary(redistribute);
        let keys = (0..1_000).map(|key: u32| key.to_le_bytes());
        let key = keys
            .map(|key| key.to_vec())
            .find(|key| scene.run(Request::new("x").sticky_key(key), &[]).tried == "b")
            .unwrap();
        scene.cool("b", Class::ServerError);
        let run = scene.run(Request::new("x").sticky_key(&key), &[]);
        assert_eq!(run.tried, expected);
    }
}

fn timeouts(scene: &Scene, asked: &str, ends: &[End]) -> Vec<f64> {
    let mut call = scene.resolver.attempts(asked).unwrap();
    let mut times = Vec::new();
    let mut ends = ends.iter();
    loop {
        let timeout = call.begin().unwrap();
        times.push(timeout.as_secs_f64());
        let failure = if let Some(End::After(seconds, failure)) = ends.next() {
            scene.wait(*seconds);
            failure.clone()
        } else {
            scene.clock.advance(timeout);
            Class::Timeout.into()
        };
        if !call.failed(failure) {
            return times;
        }
    }
}

#[test]
fn row_20_half_of_what_is_left() {
    let scene = Scene::new("  x: {target: a, fallbacks: [b, c], guardrails: {max_latency: 5s}}\n");
    let found = timeouts(&scene, "x", &[]);
    for (found, expected) in found.iter().zip([2.5, 1.25, 1.25]) {
        assert!((found - expected).abs() < 1e-6, "{found:?}");
    }
    assert_eq!(found.len(), 3);
}

#[test]
fn row_21_a_nested_alias_has_its_own_time() {
    let scene = Scene::new(
        "  outer: {target: a, fallbacks: [inner], guardrails: {max_latency: 10s}}
  inner: {target: b, guardrails: {max_latency: 2s}}\n",
    );
    let found = timeouts(&scene, "outer", &[End::After(3, Class::Timeout.into())]);
    assert_eq!(found, [5.0, 2.0]);
    // The whole request ended after five seconds.
    let now = model_aliases::Clock::now(&scene.clock);
    assert_eq!(now, Duration::from_secs(5));
}

#[test]
fn row_23_an_ambiguous_name_is_an_error_where_an_alias_uses_it() {
    let text = |fast: &str| {
        format!(
            "model_providers: [{{model: openai/gpt-4o}}, {{model: azure_openai/gpt-4o}}]
model_aliases: {{gpt-4o: azure_openai/gpt-4o{fast}}}\n"
        )
    };
    let with = super::config(&text(", fast: gpt-4o"));
    let error = model_aliases::AliasResolver::builder(with)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("in alias `fast`"), "{error}");
    let scene = Scene::of(&text(""), |builder| builder);
    let run = scene.run("gpt-4o", &[]);
    assert_eq!(run.steps, "gpt-4o+");
    assert_eq!(
        scene
            .resolver
            .resolve("gpt-4o")
            .unwrap()
            .provider()
            .provider(),
        "azure_openai"
    );
    assert!(!document("").is_empty());
}
