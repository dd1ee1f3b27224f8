//! Which member of a group serves.

use crate::entropy::{Source, splitmix64};
use crate::table::Group;

/// The random bits of one request.
pub(crate) struct Draws<'a> {
    source: &'a Source,
    given: Option<u64>,
}

impl<'a> Draws<'a> {
    pub(crate) fn new(source: &'a Source, given: Option<u64>) -> Self {
        Self { source, given }
    }

    /// Bits for the next draw. Nested groups draw one after the other and must not be related,
    /// so bits that the request brought are mixed once more for each.
    fn next(&mut self) -> u64 {
        match self.given {
            Some(bits) => {
                self.given = Some(splitmix64(bits ^ 0x9e37_79b9_7f4a_7c15));
                bits
            }
            None => self.source.next_u64(),
        }
    }
}

/// Draws a member by weight.
///
/// # Complexity
///
/// `O(members)`, without a branch for each: at most 64 additions.
pub(crate) fn draw(group: &Group, draws: &mut Draws<'_>) -> usize {
    let Some(&total) = group.cumulative.last() else {
        return 0;
    };
    // A multiplication maps 64 bits onto the weights; the bias is below total / 2⁶⁴.
    let point = (u128::from(draws.next()) * u128::from(total)) >> 64;
    group
        .cumulative
        .iter()
        .map(|&sum| usize::from(u128::from(sum) <= point))
        .sum()
}
