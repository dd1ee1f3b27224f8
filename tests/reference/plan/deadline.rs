//! The time that an attempt gets.

use std::time::Duration;

use super::walk::{Frame, Stop, Walk};
use super::{Planner, Target};

impl Planner<'_> {
    /// Whether too little is left to begin an attempt. A limit that is shorter than the least time
    /// asks for all of itself.
    pub(super) fn is_short(&self, frames: &[Frame], now: Duration) -> bool {
        frames.iter().any(|frame| {
            frame.max_latency.is_some_and(|limit| {
                frame
                    .left(now)
                    .is_some_and(|left| left < limit.min(self.least_time))
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
        let left = frames.iter().filter_map(|frame| frame.left(now));
        let shares = frames.iter().enumerate().filter_map(|(depth, frame)| {
            let left = frame.left(now)?;
            let is_halved =
                left / 2 >= self.planner.least_time && !is_last && self.goes_on_inside(depth);
            Some(if is_halved { left / 2 } else { left })
        });
        let own = target.timeout.or_else(|| shares.min());
        own.into_iter().chain(left).min()
    }

    /// Whether a timeout of the attempt that is about to begin can lead to another one inside the
    /// alias at this depth: some run of the rules, begun once more, gets there.
    fn goes_on_inside(&self, depth: usize) -> bool {
        let mut script = self.script.supposing();
        loop {
            let mut walk = Walk::new(self.planner, self.asked, self.calls, None, script);
            walk.suppose(self.at, depth);
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
