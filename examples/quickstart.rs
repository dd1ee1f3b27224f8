//! A minimal gateway: load the configuration once, then resolve each request with one call.
//!
//!     cargo run --example quickstart

use std::error::Error;
use std::io::{self, Write};

use model_aliases::{AliasResolver, Config, ResolveError};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let path = "examples/config.yaml";
    // In a service, `.variables(|name| std::env::var(name).ok())` reads the access keys from the environment.
    let config = Config::from_yaml(path, std::fs::read(path)?)?;
    let resolver = AliasResolver::new(config)?; // reports every problem at once

    for asked in ["arch.summarize.v1", "anthropic/claude-opus-4-1", "gpt-5000"] {
        let body = json!({"model": asked, "messages": []});
        match forward(&resolver, body) {
            Ok((url, body)) => writeln!(io::stdout(), "POST {url} {body}")?,
            Err((status, why)) => writeln!(io::stdout(), "{status} {why}")?,
        }
    }
    Ok(())
}

/// Rewrites the model in the body and returns it with the URL to send it to, or a status and a message.
fn forward(resolver: &AliasResolver, mut body: Value) -> Result<(String, Value), (u16, String)> {
    let asked = body["model"].as_str().unwrap_or_default().to_owned();
    let route = resolver.resolve(&asked).map_err(|error| match error {
        ResolveError::UnknownName { .. } => (404, error.to_string()),
        ResolveError::AmbiguousName { .. } => (400, error.to_string()),
        ResolveError::NotAllowed { .. } | ResolveError::Cooling { .. } => (503, error.to_string()),
        ResolveError::SelectorFault { .. } => (500, error.to_string()),
    })?;
    body["model"] = route.model().into();
    let path = "/v1/chat/completions";
    let default = || format!("https://api.openai.com{path}");
    Ok((route.url(path).unwrap_or_else(default), body))
}
