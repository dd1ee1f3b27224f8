//! The names of an alias and its parts in messages.

use std::fmt;

use crate::base::text::Quoted;

/// The alias that is being read, for messages.
#[derive(Clone, Copy)]
pub(super) struct AliasLabel<'a>(pub(super) &'a str);

impl<'a> AliasLabel<'a> {
    pub(super) fn name(self) -> Phrase<'a> {
        Phrase {
            alias: self,
            part: AliasPart::Whole,
        }
    }

    pub(super) fn field(self, field: &'a str) -> Phrase<'a> {
        Phrase {
            alias: self,
            part: AliasPart::Field(field),
        }
    }

    pub(super) fn entry(self, list: &'a str) -> Phrase<'a> {
        Phrase {
            alias: self,
            part: AliasPart::Entry(list),
        }
    }
}

/// An alias or a part of it, formatted only if there is something to report.
#[derive(Clone, Copy)]
pub(super) struct Phrase<'a> {
    alias: AliasLabel<'a>,
    part: AliasPart<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum AliasPart<'a> {
    Whole,
    Field(&'a str),
    Entry(&'a str),
}

impl fmt::Display for Phrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            AliasPart::Whole => {}
            AliasPart::Field(field) => write!(f, "{} of ", Quoted(field))?,
            AliasPart::Entry(list) => write!(f, "an entry of {} of ", Quoted(list))?,
        }
        write!(f, "alias {}", Quoted(self.alias.0))
    }
}
