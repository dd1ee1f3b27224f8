//! Reads the answer of a provider from a file.

use std::path::Path;

use model_aliases::AssumedFailure;
use serde_json::{Map, Value};

use crate::{Failure, load};

/// Reads an HTTP response as `curl -i` prints it, or an object in JSON with `status`, `headers` and `body`. Other fields
/// of the object are ignored.
pub(crate) fn read(path: &Path) -> Result<AssumedFailure, Failure> {
    let bytes = load::read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let answer = if text.starts_with("HTTP/") {
        of_response(&text)
    } else {
        of_object(&text)
    };
    answer.map_err(|fault| Failure::Io(format!("{}: {fault}", path.display())))
}

fn of_response(text: &str) -> Result<AssumedFailure, String> {
    let text = text.replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let status = first.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| format!("no status in `{first}`"))?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.trim(), value.trim()));
    Ok(AssumedFailure::answer(status, headers, body))
}

fn of_object(text: &str) -> Result<AssumedFailure, String> {
    let object: Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| format!("neither an HTTP response nor an object in JSON: {error}"))?;
    let status = object.get("status").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    let status = status.ok_or("`status` is not a number of three digits")?;
    let written = |value: &Value| match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let headers = object.get("headers").and_then(Value::as_object);
    let headers = headers.into_iter().flatten();
    let headers = headers.map(|(name, value)| (name.clone(), written(value)));
    let body = object.get("body").map(written).unwrap_or_default();
    Ok(AssumedFailure::answer(status, headers, body))
}
