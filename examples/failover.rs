//! A gateway with fallbacks: tries one target after another until one serves, and keeps its `Serving`
//! until the body has been sent.
//!
//!     cargo run --example failover
//!
//! The function `send` stands in for the HTTP client of a service.

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use model_aliases::{
    AliasResolver, Attempts, AttemptsError, Config, Failure, Request, SendPhase, Serving,
    TargetState, TransportError,
};

/// The response of a provider.
struct Reply {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
}

/// A body that is being sent to the client. Dropping it ends the request at the target.
struct Body {
    text: &'static str,
    serving: Serving,
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = "examples/config.yaml";
    let resolver = AliasResolver::new(Config::from_yaml(path, std::fs::read(path)?)?)?;
    let mut out = io::stdout();

    for user in ["ada", "grace"] {
        let request = Request::new("arch.summarize.v1").sticky_key(user);
        match forward(&resolver, request) {
            Ok(body) => {
                let target = body.serving.target().into_owned();
                writeln!(out, "{user}: {} (served by {target})", body.text)?;
                body.serving.finished();
            }
            Err(error) => writeln!(out, "{user}: {error}")?,
        }
    }
    // The status for an operator. All targets with the exhausted access key are in a cooldown.
    let is_unhealthy = |state| state != TargetState::Healthy;
    for status in resolver
        .status()
        .iter()
        .filter(|one| is_unhealthy(one.state()))
    {
        writeln!(out, "{}: {:?}", status.target(), status.state())?;
    }
    Ok(())
}

/// Runs all attempts of one request.
fn forward(resolver: &AliasResolver, request: Request<'_>) -> Result<Body, AttemptsError> {
    let mut call = resolver.attempts(request)?; // the first target is chosen
    loop {
        let timeout = call.begin();
        let failure = match send(&call, timeout) {
            // The first byte goes to the client: no other target is tried after this.
            Ok(reply) if reply.status == 200 => {
                return Ok(Body {
                    text: reply.body,
                    serving: call.commit(),
                });
            }
            Ok(reply) => call.classify(reply.status, reply.headers, reply.body.as_bytes()),
            Err(failure) => failure,
        };
        if !call.failed(failure) {
            return Err(call.into_error());
        }
    }
}

/// Stands in for the HTTP client: the first provider's quota is exhausted, the second is unreachable.
fn send(call: &Attempts, _timeout: Option<Duration>) -> Result<Reply, Failure> {
    match call.provider().provider() {
        "openai" => Ok(Reply {
            status: 429,
            headers: vec![("retry-after", "20")],
            body: r#"{"error": {"message": "…", "type": "insufficient_quota", "code": "insufficient_quota"}}"#,
        }),
        "ollama" => Err(Failure::from_transport(
            TransportError::Connect,
            SendPhase::Connecting,
        )),
        _ => Ok(Reply {
            status: 200,
            headers: Vec::new(),
            body: "Good morning.",
        }),
    }
}
