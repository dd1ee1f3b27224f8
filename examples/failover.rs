//! What a gateway writes to get a request through: one target after the other until one serves, the
//! chosen one held for as long as its body streams.
//!
//!     cargo run --example failover
//!
//! The providers are played by a function; where it stands, a service calls its HTTP client.

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use model_aliases::{
    AliasResolver, Attempts, AttemptsError, Config, Failure, Request, SendPhase, Serving,
    TargetState, TransportError,
};

/// What a provider answers.
struct Reply {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
}

/// A body on its way to the client. When it is dropped the target is free again.
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
    // What an operator sees: every target with the key whose quota is used up.
    let unwell = |state| state != TargetState::Healthy;
    for status in resolver.status().iter().filter(|one| unwell(one.state())) {
        writeln!(out, "{}: {:?}", status.target(), status.state())?;
    }
    Ok(())
}

/// One request, all its attempts.
fn forward(resolver: &AliasResolver, request: Request<'_>) -> Result<Body, AttemptsError> {
    let mut call = resolver.attempts(request)?; // the first target is chosen
    loop {
        let timeout = call.begin();
        let failure = match send(&call, timeout) {
            // The first byte goes to the client: from here on nothing else is tried.
            Ok(reply) if reply.status == 200 => {
                return Ok(Body {
                    text: reply.body,
                    serving: call.commit(),
                });
            }
            Ok(reply) => Failure::from_http(reply.status, reply.headers, reply.body.as_bytes()),
            Err(failure) => failure,
        };
        if !call.failed(failure) {
            return Err(call.into_error());
        }
    }
}

/// Stands for the HTTP client: the first provider has run out of quota, the second is not there.
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
