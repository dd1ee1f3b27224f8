//! The time that an attempt gets.

use std::time::Duration;

use super::walk::{Frame, Stop, Walk};
use super::{Planner, Target};

impl Planner<'_> {
    /// Whether too little is left to begin an attempt: less than the least time, or than a quarter of the
    /// limit if that is shorter.
    pub(super) fn is_short(&self, frames: &[Frame], now: Duration) -> bool {
        frames.iter().any(|frame| {
            frame.max_latency.is_some_and(|limit| {
                frame
                    .left(now)
                    .is_some_and(|left| left < self.least_time.min(limit / 4))
            })
        })
    }
}

impl Walk<'_> {
    /// The time for an attempt here; `is_last` says that nothing can follow it.
    pub(super) fn timeout(
        &self,
        target: &Target,
        frames: &[Frame],
        is_last: bool,
    ) -> Option<Duration> {
        let now = self.world().now;
        let mut times: Vec<Duration> = target.timeout.into_iter().collect();
        // The alias whose time the attempt may use up, with all inside it.
        let mut used_up = None;
        for (depth, frame) in frames.iter().enumerate().rev() {
            let Some(left) = frame.left(now) else {
                continue;
            };
            let is_too_short = left / 2 < self.planner.least_time;
            let may_go_on = target.timeout.is_none() && !is_last && !is_too_short;
            let is_halved = may_go_on && self.goes_on_inside(depth, used_up);
            times.push(if is_halved { left / 2 } else { left });
            if is_too_short {
                used_up = Some(depth);
            }
        }
        times.into_iter().min()
    }

    /// Whether a timeout of the attempt that is about to begin can lead to another one inside the
    /// alias at this depth: some run of the rules, begun once more, gets there.
    fn goes_on_inside(&self, depth: usize, used_up: Option<usize>) -> bool {
        let mut script = self.script.supposing();
        loop {
            let mut walk = Walk::new(self.planner, self.asked, self.calls, None, script);
            walk.suppose(self.at, depth, used_up);
            if matches!(walk.request(), Stop::Found) {
                return true;
            }
            script = walk.script;
            if !script.advance() {
                return false;
            }
        }
    }
}
