//! A cooldown and its cause.

use std::time::Duration;

use crate::failure::FailureClass;

/// The failure that began a cooldown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) class: FailureClass,
    pub(crate) status: Option<u16>,
    /// Whether the provider asked for more time than a cooldown may last.
    pub(crate) is_cut: bool,
}

/// The bit of a word that tells whether the time was cut.
const CUT: u32 = 1 << 15;

impl Cause {
    pub(super) fn to_word(self) -> u32 {
        let cut = if self.is_cut { CUT } else { 0 };
        u32::from(self.status.unwrap_or(0)) << 16 | cut | self.class as u32
    }

    pub(super) fn from_word(word: u32) -> Self {
        let class = FailureClass::ALL.get((word & (CUT - 1)) as usize).copied();
        Self {
            class: class.unwrap_or(FailureClass::ServerError),
            status: u16::try_from(word >> 16).ok().filter(|&status| status != 0),
            is_cut: word & CUT != 0,
        }
    }

    /// Whether the target may be all right once the cooldown is over, so that no probe is needed: a rate limit
    /// ends with its time.
    pub(crate) fn ends_by_itself(self) -> bool {
        self.class == FailureClass::RateLimited && !self.is_cut
    }
}

/// A cooldown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cooling {
    /// In the past if the cooldown is over and a probe is awaited.
    pub(crate) until: Duration,
    pub(crate) cause: Cause,
}
