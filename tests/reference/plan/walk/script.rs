//! The choices of a run, recorded so that every possible run is walked once.

/// The choices of a run in order: the option taken, and the number of options.
#[derive(Debug, Default)]
pub(in super::super) struct Script {
    taken: Vec<(usize, usize)>,
    next: usize,
    /// Number of leading choices that may not change.
    fixed: usize,
}

impl Script {
    pub(super) fn choose(&mut self, options: usize) -> usize {
        if self.next == self.taken.len() {
            self.taken.push((0, options));
        }
        self.next += 1;
        self.taken[self.next - 1].0
    }

    /// Goes on to the next run; whether there is one.
    pub(in super::super) fn advance(&mut self) -> bool {
        self.taken.truncate(self.next);
        self.next = 0;
        while self.taken.len() > self.fixed {
            if let Some((taken, options)) = self.taken.last_mut()
                && *taken + 1 < *options
            {
                *taken += 1;
                return true;
            }
            self.taken.pop();
        }
        false
    }

    /// A script that begins with what was chosen until now and varies what comes.
    pub(in super::super) fn supposing(&self) -> Self {
        Self {
            taken: self.taken[..self.next].to_vec(),
            next: 0,
            fixed: self.next,
        }
    }
}
