//! Reads entries of `model_alias_tests`.

use std::fmt;
use std::sync::Arc;

use super::super::entry::Field;
use super::super::finding::Findings;
use super::super::tree::{MapEntry, MapKey, NodeId, NodeValue, TESTS, Top, TreeNode};
use super::entry_reader::EntryReader;
use super::top_level::top_level;
use crate::base::fraction::Fraction;
use crate::base::problem::{Code, Severity};
use crate::base::suggest::closest;
use crate::base::text::Quoted;
use crate::failure::{AssumedFailure, FailureClass};
use crate::load::routing_tests::{Case, ERRORS, Expected, ExpectedDeprecation, NONE, WrittenShare};

const FIELDS: &[&str] = &[
    "name",
    "resolve",
    "key",
    "after",
    "expect",
    "expect_split",
    "expect_error",
    "expect_deprecated",
];

/// Reads the routing tests from a document's tree, each with its node.
pub(in super::super) fn routing_tests(top: Top<'_>) -> (Vec<(NodeId, Case)>, Findings) {
    let mut reader = EntryReader::default();
    if let Some(kind) = top.not_a_mapping {
        reader.report(
            0,
            Code::WrongType,
            format!("a file of routing tests must be a mapping, found {kind}"),
            "begin with `model_alias_tests:`",
        );
    }
    let is_there = top
        .entries
        .iter()
        .any(|(key, _)| TESTS.contains(&&*key.text));
    // If the section is missing, a similar name is an error, because no test would run.
    let severity_of = |name: &str| (TESTS.contains(&name) && !is_there).then_some(Severity::Error);
    let sections = top_level(&mut reader, top.entries, TESTS, severity_of);
    let cases = sections
        .into_iter()
        .flat_map(|section| reader.routing_tests(section.value));
    let cases = cases.collect();
    (cases, reader.findings)
}

/// The test that is being read, for messages. It is named after the requested name.
#[derive(Clone)]
struct TestLabel(Option<Box<str>>);

impl TestLabel {
    fn of(node: &TreeNode<'_>) -> Self {
        let NodeValue::Map(entries) = &node.value else {
            return Self(None);
        };
        let asked = entries.iter().find(|entry| entry.key.text == "resolve");
        Self(asked.and_then(|entry| match &entry.value.value {
            NodeValue::Text(name) => Some((**name).into()),
            _ => None,
        }))
    }

    fn field<'t>(&'t self, name: &'t str) -> TestField<'t> {
        TestField { test: self, name }
    }
}

impl fmt::Display for TestLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, "the test of {}", Quoted(name)),
            None => f.write_str("a test"),
        }
    }
}

struct TestField<'t> {
    test: &'t TestLabel,
    name: &'t str,
}

impl fmt::Display for TestField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of {}", self.name, self.test)
    }
}

/// A test while it is read.
#[derive(Default)]
struct Draft<'a> {
    name: Field<Arc<str>>,
    resolve: Field<Arc<str>>,
    key: Field<Arc<str>>,
    after: Vec<AssumedFailure>,
    /// The field that says where the request must go.
    outcome: Option<MapKey<'a>>,
    expected: Option<Expected>,
    deprecated: Option<ExpectedDeprecation>,
    /// Whether an expectation is written, even a wrong one.
    expects: bool,
}

impl EntryReader {
    /// Reads the section: a list of tests, or null. Leaves out tests that cannot be read.
    fn routing_tests(&mut self, node: TreeNode<'_>) -> Vec<(NodeId, Case)> {
        if let NodeValue::Null = node.value {
            return Vec::new();
        }
        let items = self.list(node, &"`model_alias_tests`", usize::MAX);
        let mut cases = Vec::new();
        for item in items.unwrap_or_default() {
            let id = item.id;
            cases.extend(self.routing_test(item).map(|case| (id, case)));
        }
        cases
    }

    fn routing_test(&mut self, node: TreeNode<'_>) -> Option<Case> {
        let (id, test) = (node.id, TestLabel::of(&node));
        let mut draft = Draft::default();
        for entry in self.map(node, &test)? {
            self.test_field(entry, &test, &mut draft);
        }
        if draft.resolve.is_absent() {
            self.report(
                id,
                Code::MissingField,
                format!("{test} has no `resolve`"),
                "write `resolve:` with the requested name",
            );
        }
        if !draft.expects {
            self.report(
                id,
                Code::MissingField,
                format!("{test} expects nothing"),
                "write `expect`, `expect_split`, `expect_error` or `expect_deprecated`",
            );
        }
        Some(Case {
            name: draft.name.get().cloned(),
            resolve: draft.resolve.get().cloned()?,
            key: draft.key.get().cloned(),
            after: draft.after,
            expected: draft.expected,
            deprecated: draft.deprecated,
        })
    }

    fn test_field<'a>(&mut self, entry: MapEntry<'a>, test: &TestLabel, draft: &mut Draft<'a>) {
        let MapEntry { key, value: node } = entry;
        let what = test.field(&key.text);
        match &*key.text {
            "name" => draft.name = self.text(node, &what),
            "resolve" => draft.resolve = self.text(node, &what),
            "key" => draft.key = self.sticky_key(node, &what),
            "after" => draft.after = self.failures(node, test),
            "expect" | "expect_split" | "expect_error" => {
                draft.expects = true;
                if let Some(first) = &draft.outcome {
                    self.report(
                        key.id,
                        Code::MisplacedField,
                        format!("`{}` stands beside `{}` in {test}", key.text, first.text),
                        "keep one of the two, and write another test for the other",
                    );
                    return;
                }
                draft.expected = match &*key.text {
                    "expect" => self.text(node, &what).get().cloned().map(Expected::Target),
                    "expect_split" => self.shares(node, test).map(Expected::Split),
                    _ => {
                        let words: Vec<_> = ERRORS.iter().map(|&word| (word, word)).collect();
                        let word = self.word(node, &what, &words).value();
                        word.map(|word| Expected::Error(word.into()))
                    }
                };
                draft.outcome = Some(key);
            }
            "expect_deprecated" => {
                draft.expects = true;
                draft.deprecated = match node.value {
                    NodeValue::Bool(is_so) => Some(ExpectedDeprecation::Any(is_so)),
                    NodeValue::Text(name) => Some(ExpectedDeprecation::Replacement(name.into())),
                    _ => {
                        let help = "write the name of the replacement, or `true` or `false`";
                        self.wrong_type(&node, &what, "a name, `true` or `false`", help);
                        None
                    }
                };
            }
            _ => match self.unknown_field(&key, test, FIELDS) {
                Some("resolve") => draft.resolve = Field::Wrong,
                Some(meant) => draft.expects |= meant.starts_with("expect"),
                None => {}
            },
        }
    }

    fn sticky_key(&mut self, node: TreeNode<'_>, what: &dyn fmt::Display) -> Field<Arc<str>> {
        let key = self.text(node, what);
        if let Field::Set(at) = &key
            && at.value.is_empty()
        {
            self.report(
                at.node,
                Code::InvalidValue,
                format!("{what} is empty"),
                "remove the field, or write a key",
            );
            return Field::Wrong;
        }
        key
    }

    fn failures(&mut self, node: TreeNode<'_>, test: &TestLabel) -> Vec<AssumedFailure> {
        let what = test.field("after");
        let items = self.list(node, &what, usize::MAX);
        let mut words = Vec::new();
        for item in items.unwrap_or_default() {
            let id = item.id;
            let word = match item.value {
                NodeValue::Int(status) => status.to_string(),
                NodeValue::Map(_) => {
                    words.extend(self.answer(item, test));
                    continue;
                }
                _ => match self.text(item, &format!("an entry of {what}")).get() {
                    Some(word) => (**word).to_owned(),
                    None => continue,
                },
            };
            let Some(failure) = AssumedFailure::from_word(&word) else {
                let classes = FailureClass::ALL.iter().map(|class| class.as_str());
                let help = match closest(&word, classes) {
                    Some(meant) => format!("did you mean {}?", Quoted(meant)),
                    None => {
                        "write a class of failures such as `timeout` or `rate_limited`, a status \
                             from 400 to 599, or an answer such as `{status: 412, body: …}`"
                            .to_owned()
                    }
                };
                let message = format!("unknown failure {} in {what}", Quoted(&word));
                self.report(id, Code::InvalidValue, message, help);
                continue;
            };
            words.push(failure);
        }
        words
    }

    /// Reads the answer of a target.
    fn answer(&mut self, node: TreeNode<'_>, test: &TestLabel) -> Option<AssumedFailure> {
        let (id, what) = (node.id, format!("an answer in {test}"));
        let mut status = Field::Absent;
        let mut headers = Vec::new();
        let mut body = Field::Absent;
        for MapEntry { key, value } in self.map(node, &what)? {
            let field = format!("`{}` of {what}", key.text);
            match &*key.text {
                "status" => status = self.whole(&value, &field, 200..=599),
                "body" => body = self.text(value, &field),
                "headers" => {
                    for MapEntry { key, value } in self.map(value, &field)? {
                        let value = match value.value {
                            NodeValue::Int(number) => number.to_string().into(),
                            _ => self.text(value, &field).get().cloned()?,
                        };
                        headers.push((key.text.into_owned(), value));
                    }
                }
                _ => match self.unknown_field(&key, &what, &["status", "headers", "body"]) {
                    Some("status") => status = Field::Wrong,
                    _ => body = Field::Wrong,
                },
            }
        }
        if status.is_absent() {
            let help = "write `status:` with the status of the answer";
            self.report(
                id,
                Code::MissingField,
                format!("{what} has no `status`"),
                help,
            );
        }
        let status = u16::try_from(status.value()?).ok()?;
        let body = body.get().map_or("", |body| &**body);
        let headers = headers.iter().map(|(name, value)| (name, value.as_bytes()));
        Some(AssumedFailure::answer(status, headers, body))
    }

    fn shares(
        &mut self,
        node: TreeNode<'_>,
        test: &TestLabel,
    ) -> Option<Vec<(Arc<str>, WrittenShare)>> {
        let (id, what) = (node.id, test.field("expect_split"));
        let before = self.findings.iter().len();
        let entries = self.map(node, &what)?;
        // A duplicate target is one mistake, and the sum of the others is not checked then.
        let is_whole = self.findings.iter().len() == before;
        if entries.is_empty() {
            let help = "write every target with its share";
            self.report(id, Code::EmptyList, format!("{what} is empty"), help);
            return None;
        }
        let count = entries.len();
        let mut parts = Vec::with_capacity(count);
        for MapEntry { key, value } in entries {
            let part = self.share(&value, &key, test);
            parts.extend(part.map(|part| (key.text.into(), part)));
        }
        if parts.len() < count || !is_whole {
            return None;
        }
        let sum = parts
            .iter()
            .map(|(_, part): &(Arc<str>, WrittenShare)| part.share);
        let sum = sum.fold(Fraction::ZERO, Fraction::plus);
        if !sum.is_same(Fraction::ONE) {
            let percent = |share: Fraction| share.times(Fraction::new(100, 1)).to_decimal();
            let missing = Fraction::ONE.minus(sum);
            let fault = if missing.is_zero() {
                format!("{} are too many", percent(sum.minus(Fraction::ONE)))
            } else {
                let missing = percent(missing);
                format!(
                    "{missing} are missing; add `{NONE}: {missing}` if the other requests end without a target"
                )
            };
            let message = format!("shares of {test} sum to {}, expected 100", percent(sum));
            self.report(id, Code::WeightSum, message, fault);
            return None;
        }
        Some(parts)
    }

    fn share(
        &mut self,
        node: &TreeNode<'_>,
        key: &MapKey<'_>,
        test: &TestLabel,
    ) -> Option<WrittenShare> {
        const HELP: &str =
            "write percent up to 100, such as `99.5`, or a fraction up to 1, such as `1/3`";
        let written = match &node.value {
            NodeValue::Int(percent) => percent.to_string(),
            NodeValue::Float(percent) => percent.to_string(),
            NodeValue::BigInt(percent) => percent.to_string(),
            NodeValue::Text(share) => share.clone().into_owned(),
            _ => {
                let what = format!("the share of {} in {test}", Quoted(&key.text));
                self.wrong_type(node, &what, "a number or a fraction", HELP);
                return None;
            }
        };
        // Text must be a fraction: any other text is a percentage in quotes, or with a sign.
        let is_text = matches!(node.value, NodeValue::Text(_));
        let part = WrittenShare::read(&written).filter(|_| !is_text || written.contains('/'));
        if part.is_none() {
            let message = format!("invalid share of {} in {test}", Quoted(&key.text));
            self.report(node.id, Code::InvalidWeight, message, HELP);
        }
        part
    }
}
