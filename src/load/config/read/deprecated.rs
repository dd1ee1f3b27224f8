//! Reads `deprecated`.

use super::super::entry::{DeprecatedEntry, Field, Located};
use super::super::tree::{MapEntry, TreeNode};
use super::entry_reader::EntryReader;
use super::phrase::AliasLabel;
use crate::base::problem::Code;
use crate::base::text::Quoted;

impl EntryReader {
    pub(super) fn deprecated(
        &mut self,
        node: TreeNode<'_>,
        alias: AliasLabel<'_>,
    ) -> Field<Box<DeprecatedEntry>> {
        let id = node.id;
        let Some(entries) = self.map(node, &alias.field("deprecated")) else {
            return Field::Wrong;
        };
        let mut deprecated = Box::<DeprecatedEntry>::default();
        for entry in entries {
            let MapEntry { key, value } = entry;
            let what = alias.field(&key.text);
            match &*key.text {
                "replacement" => deprecated.replacement = self.text(value, &what),
                "sunset" => {
                    deprecated.sunset = self.text(value, &what);
                    if let Field::Set(date) = &deprecated.sunset
                        && !is_date(&date.value)
                    {
                        self.report(
                            date.node,
                            Code::InvalidValue,
                            format!("{what} cannot be {}", Quoted(&date.value)),
                            "write a date as `2027-01-31`",
                        );
                        deprecated.sunset = Field::Wrong;
                    }
                }
                "message" => deprecated.message = self.text(value, &what),
                _ => {
                    let known = ["replacement", "sunset", "message"];
                    self.unknown_field(&key, &alias.field("deprecated"), &known);
                }
            }
        }
        Field::Set(Located {
            node: id,
            value: deprecated,
        })
    }
}

/// Whether a text is a valid date, as in `2027-01-31`.
fn is_date(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn days_of_the_calendar() {
        for day in ["2027-01-31", "2028-02-29", "2000-02-29", "0001-12-31"] {
            assert!(is_date(day), "{day}");
        }
        for other in [
            "2027-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "2027-1-31",
            "27-01-31",
            "2027/01/31",
            "2027-01-3a",
            "+027-01-31",
            "",
            "2027-01-311",
        ] {
            assert!(!is_date(other), "{other}");
        }
    }
}
