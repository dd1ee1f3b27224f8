//! Numbers the nodes of a document and enforces the limits while it is read.

use serde::de::Error;

use super::node::{EVERY_SECTION, MERGE, NodeId};
use super::place::Places;

/// The maximum nesting depth. The YAML crate has the same limit; for other formats this one bounds
/// the recursion.
pub(crate) const MAX_DEPTH: u32 = 128;

/// The error for a document over its node budget.
pub(crate) const OVER_BUDGET: &str = "node budget exceeded";
/// The error for a document whose scalars are too large after its YAML aliases are expanded.
pub(crate) const REPEATED: &str = "scalars repeated too often";
/// The error for a document that nests too deep.
pub(crate) const TOO_DEEP: &str = "nesting limit exceeded";

/// The maximum size of a document after its YAML aliases are expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeBudget {
    pub(crate) nodes: u32,
    /// Bytes of all scalars together.
    pub(crate) text: usize,
}

/// One pass over a document.
pub(crate) struct ReadPass<'w> {
    /// The top-level sections to read. Other sections would number the nodes differently.
    sections: &'static [&'static str],
    next: NodeId,
    budget: NodeBudget,
    depth: u32,
    places: Option<&'w mut Places>,
}

impl<'w> ReadPass<'w> {
    pub(crate) fn new(
        sections: &'static [&'static str],
        budget: NodeBudget,
        places: Option<&'w mut Places>,
    ) -> Self {
        Self {
            sections,
            next: 1,
            budget,
            depth: 0,
            places,
        }
    }

    /// Whether the value of a top-level key is read as a tree.
    pub(super) fn reads(&self, key: &str) -> bool {
        key == MERGE || self.sections.contains(&key) || self.sections == EVERY_SECTION
    }

    /// The number of nodes so far, including the document itself.
    pub(crate) fn count(&self) -> u32 {
        self.next
    }

    pub(super) fn number<E: Error>(&mut self) -> Result<NodeId, E> {
        let id = self.next;
        if let Some(places) = &self.places
            && places.found.len() == places.wanted.len()
        {
            return Err(E::custom("every place is found"));
        }
        if id > self.budget.nodes {
            return Err(E::custom(OVER_BUDGET));
        }
        self.next += 1;
        Ok(id)
    }

    /// Subtracts the text of a scalar from the budget.
    pub(super) fn spend_text<E: Error>(&mut self, text: &str) -> Result<(), E> {
        match self.budget.text.checked_sub(text.len()) {
            Some(left) => self.budget.text = left,
            None => return Err(E::custom(REPEATED)),
        }
        Ok(())
    }

    /// Returns the places to add to, if the place of the next node is wanted.
    pub(super) fn wanted(&mut self) -> Option<&mut Places> {
        let next = self.next;
        let places = self.places.as_deref_mut()?;
        // A tagged value has no place of its own: the YAML crate does not report one. It gets the last
        // place found, which is that of its tag if the tag is wanted too.
        while places
            .wanted
            .get(places.found.len())
            .is_some_and(|&node| node < next)
        {
            let last = places.found.last().copied().unwrap_or((1, 1));
            places.found.push(last);
        }
        (places.wanted.get(places.found.len()) == Some(&next)).then_some(places)
    }

    pub(super) fn deeper<E: Error, T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(TOO_DEEP));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}
