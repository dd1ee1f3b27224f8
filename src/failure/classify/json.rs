//! Reads errors from JSON of any shape. The only file that names the JSON crate.
//!
//! No provider's schema is modelled: errors nest differently, proxies wrap them, and a strict schema
//! would reject unknown ones. Instead a visitor walks the parts that hold errors and records the
//! values of well-known fields. It records them immediately, so JSON that is truncated or invalid
//! later still yields what came before.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::evidence::{CodeField, Evidence};
use super::headers;
use super::knowledge;
use crate::failure::class::FailureClass;

/// The maximum depth of the walk; the deepest known error is at 8. Deeper values are skipped without
/// recursion.
const DEEPEST: u8 = 16;

/// How many levels of JSON inside JSON strings are read.
const MOST_WRAPPED: u8 = 2;

/// Reads all JSON values of a text. Returns whether the part that was read is valid.
pub(super) fn read(text: &str, evidence: &mut Evidence<'_>) -> bool {
    read_wrapped(text, 0, evidence)
}

fn read_wrapped(text: &str, wrapped: u8, evidence: &mut Evidence<'_>) -> bool {
    let text = closed(evidence.take_marks(text));
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    loop {
        let walk = ErrorReader {
            role: Role::Part,
            depth: 0,
            wrapped,
            evidence: &mut *evidence,
        };
        match walk.deserialize(&mut deserializer) {
            // JSON lines hold several values. Checking for another value first would cost a walk over
            // everything read so far.
            Ok(()) => {}
            Err(error) => return error.is_eof() || evidence.is_full(),
        }
    }
}

/// Closes the string at the end of truncated JSON, so that its text can be read. Truncation usually hits
/// a string; elsewhere the extra quote is just one more error at the end.
fn closed(text: &str) -> Cow<'_, str> {
    if text.ends_with(['}', ']', '"']) && !text.ends_with("\\\"") {
        return Cow::Borrowed(text);
    }
    // A partial escape at the end (at most `\ud83d\ude0`) would invalidate the whole string.
    let tail = text.len().saturating_sub(11);
    let escape = text.as_bytes()[tail..]
        .iter()
        .position(|&byte| byte == b'\\');
    let end = escape.map_or(text.len(), |at| {
        let at = tail + at;
        let run = text.as_bytes()[..at]
            .iter()
            .rev()
            .take_while(|&&byte| byte == b'\\');
        // The backslash may itself be escaped.
        if run.count() % 2 == 0 { at } else { at + 1 }
    });
    // INVARIANT: a backslash is ASCII, so `end` is a character boundary.
    Cow::Owned([&text[..end], "\""].concat())
}

/// The meaning of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// May hold an error; a string is a message.
    Part,
    /// May hold an error; a string is ignored.
    Container,
    /// A code, a status or an error type.
    Code(CodeField),
    /// A message in prose.
    Message,
    /// The finish reason of a reply.
    Finish,
    /// The reason why Gemini refused a prompt.
    Block,
    /// The name of a Google quota.
    Quota,
    /// A delay in protobuf notation: `17.3s`.
    Delay,
    /// Anything else.
    Other,
}

impl Role {
    fn of(name: &str) -> Self {
        match name {
            "code" | "__type" | "reason" | "error_code" | "errorCode" | "status_code" => {
                Self::Code(CodeField::Code)
            }
            "type" | "status" | "error_type" => Self::Code(CodeField::Type),
            "message" | "Message" | "msg" | "status_msg" | "originalMessage" | "error_message"
            | "error_description" => Self::Message,
            "error" | "Error" | "errors" | "detail" | "details" | "raw" | "fault" | "cause"
            | "base_resp" => Self::Part,
            "innererror" | "inner_error" | "metadata" | "violations" | "response"
            | "incomplete_details" | "promptFeedback" | "candidates" | "choices" | "delta" => {
                Self::Container
            }
            "finish_reason" | "finishReason" | "stop_reason" | "stopReason" => Self::Finish,
            "blockReason" => Self::Block,
            "quotaId" => Self::Quota,
            "retryDelay" => Self::Delay,
            _ => Self::Other,
        }
    }
}

struct ErrorReader<'e, 'r> {
    role: Role,
    depth: u8,
    wrapped: u8,
    evidence: &'e mut Evidence<'r>,
}

impl<'r> ErrorReader<'_, 'r> {
    fn below(&mut self, role: Role) -> ErrorReader<'_, 'r> {
        ErrorReader {
            role,
            depth: self.depth + 1,
            wrapped: self.wrapped,
            evidence: self.evidence,
        }
    }

    /// Reads a string as a message, and as JSON from the first brace on.
    fn read_text(&mut self, text: &str) {
        let at = text.find('{').filter(|_| self.wrapped < MOST_WRAPPED);
        let (words, json) = text.split_at(at.unwrap_or(text.len()));
        self.evidence.note_message(words);
        if json.is_empty() {
            return;
        }
        // After words, the JSON may be an echo of what the client sent.
        let is_hearsay = !words.trim().is_empty();
        let before = self.evidence.set_hearsay(is_hearsay);
        self.evidence.set_hearsay(before || is_hearsay);
        if !read_wrapped(json, self.wrapped + 1, self.evidence) {
            self.evidence.note_message(json);
        }
        self.evidence.set_hearsay(before);
    }
}

impl<'de> DeserializeSeed<'de> for ErrorReader<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.role == Role::Other || self.depth > DEEPEST {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ErrorReader<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        match self.role {
            Role::Code(field) => self.evidence.note_code(text, field),
            Role::Part | Role::Message => self.read_text(text),
            // Most finish reasons are fine, and `length` is not a failure of the provider.
            Role::Finish if knowledge::is_filter(text) => {
                self.evidence.note_code(text, CodeField::Code);
            }
            Role::Block if text != "BLOCK_REASON_UNSPECIFIED" => {
                let why = "a reason why the prompt was blocked";
                self.evidence
                    .note_certain(FailureClass::ContentFiltered, why);
                self.evidence.note_code(text, CodeField::Code);
            }
            // A daily quota is exhausted; a quota per minute recovers soon.
            Role::Quota if text.contains("PerDay") => {
                let why = "the id of a daily quota";
                self.evidence
                    .note_certain(FailureClass::QuotaExhausted, why);
            }
            Role::Delay => {
                let delay = text.strip_suffix('s').and_then(headers::seconds);
                self.evidence.note_delay(delay);
            }
            Role::Finish | Role::Block | Role::Quota | Role::Container | Role::Other => {}
        }
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        match self.role {
            // Three digits are a status, more are a code of the provider's own.
            Role::Code(field) if number > 999 => {
                self.evidence.note_code(&number.to_string(), field);
            }
            Role::Code(_) => self.evidence.note_number(number),
            _ => {}
        }
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(self.below(self.role))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(role) = map.next_key_seed(NameReader(self.evidence))? {
            map.next_value_seed(self.below(role))?;
        }
        Ok(())
    }
}

/// Reads a field name, and records names that are evidence by themselves.
struct NameReader<'e, 'r>(&'e mut Evidence<'r>);

impl<'de> DeserializeSeed<'de> for NameReader<'_, '_> {
    type Value = Role;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Role, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameReader<'_, '_> {
    type Value = Role;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Role, E> {
        // Bedrock names its events after the exception.
        if name.ends_with("Exception") {
            self.0.note_code(name, CodeField::Code);
            return Ok(Role::Part);
        }
        // OpenRouter quotes the input that its moderation flagged; the field alone is enough.
        if name == "flagged_input" {
            let why = "the field `flagged_input`";
            self.0.note_certain(FailureClass::ContentFiltered, why);
        }
        Ok(Role::of(name))
    }
}
