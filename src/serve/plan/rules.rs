//! The step rule: what comes next in an alias, and whether an entry may be tried.
//!
//! Functions without effects: they read the clock and the live state and ask the embedder's rule and prices, but
//! take no turn and no probe. The machine acts on their results. The look-ahead calls them for every outcome that
//! an attempt could have.

use super::context::PlanContext;
use super::limits::Budget;
use super::outcome::{Outcome, holds};
use crate::base::money::Cost;
use crate::failure::{Failure, FailureClass};
use crate::serve::state::{Admission, Cause, Cooling};
use crate::table::{Choice, End, Group, GroupId, TargetId};

/// How far an alias is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// The step to look at next: 0 for the members, then the fallbacks.
    step: usize,
    /// Whether a member was chosen.
    has_chosen: bool,
    /// The steps that were taken, one bit each. When a condition is asked, each of them has failed or was passed over.
    taken: u32,
    /// The last outcome.
    pub(super) outcome: Outcome,
}

/// What comes next in an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextStep {
    /// One of its members, if one can be drawn.
    Member,
    /// No further member.
    EndMembers,
    /// The fallback at this index.
    Fallback(usize),
    /// The fallback at this index is left out.
    LeaveOut(usize, LeftOut),
    /// Nothing: the alias ends with its last outcome.
    Done,
}

/// Why a fallback is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LeftOut {
    /// None of its conditions holds.
    Conditions,
    /// Its context window is too small for the request.
    Window,
}

impl Position {
    /// Nothing was looked at. If no entry can be tried, the alias ends with this outcome.
    pub(super) const START: Self = Self {
        step: 0,
        has_chosen: false,
        taken: 0,
        outcome: Outcome::NOTHING,
    };

    pub(super) fn has_chosen(self) -> bool {
        self.has_chosen
    }

    /// The index of the fallback to look at next.
    pub(super) fn next_fallback(self) -> usize {
        self.step.saturating_sub(1)
    }

    /// The position after the outcome of a step.
    pub(super) fn with_outcome(self, outcome: Outcome) -> Self {
        let is_member = self.step == 0;
        Self {
            outcome: if is_member {
                self.outcome.joined(outcome)
            } else {
                self.outcome.then(outcome)
            },
            ..self
        }
    }

    /// The position once this step was taken; its outcome is still to come.
    pub(super) fn after(self, next: NextStep) -> Self {
        match next {
            NextStep::Member => Self {
                has_chosen: true,
                ..self
            },
            NextStep::EndMembers => Self {
                step: 1,
                taken: self.taken | 1,
                ..self
            },
            NextStep::Fallback(at) => Self {
                step: at + 2,
                taken: self.taken | 1 << (at + 1),
                ..self
            },
            NextStep::LeaveOut(at, _) => Self {
                step: at + 2,
                ..self
            },
            NextStep::Done => self,
        }
    }
}

/// What comes next in an alias after its last outcome. `affords_attempt` tells whether the limits allow another
/// member and still leave one attempt for each fallback.
pub(super) fn next_step(
    ctx: &PlanContext<'_>,
    group: &Group,
    position: Position,
    failures: &[Failure],
    affords_attempt: impl FnOnce() -> bool,
) -> NextStep {
    let Position { outcome, .. } = position;
    let Some(at) = position.step.checked_sub(1) else {
        let tries_another = || group.tries_others() && outcome.is_any() && affords_attempt();
        return if !position.has_chosen || tries_another() {
            NextStep::Member
        } else {
            NextStep::EndMembers
        };
    };
    let Some(step) = group.steps.get(at) else {
        return NextStep::Done;
    };
    let conditions = step.conditions.as_deref();
    if !holds(conditions, outcome, position.taken, at, failures) {
        return NextStep::LeaveOut(at, LeftOut::Conditions);
    }
    if ctx.is_too_small(step.hop.end) {
        return NextStep::LeaveOut(at, LeftOut::Window);
    }
    NextStep::Fallback(at)
}

/// What an entry leads to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Every target of it is drained: it is skipped as if it were deleted.
    Drained,
    /// An alias, which is walked next.
    Enter(GroupId),
    /// An entry that was looked at before in this request: its outcome stands.
    Repeat(Outcome),
    /// A target, with its options.
    Target(TargetId, u32, TargetGate),
}

/// Whether a target may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetGate {
    Open,
    /// The cooldown is over: one request may try it, as the probe.
    Probe,
    Cooling(Cooling),
    /// It is passed over for another reason.
    PassOver(FailureClass),
}

/// The time and money left for an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) is_short_of_time: bool,
    pub(super) spent: Cost,
    pub(super) budget: Option<Budget>,
}

/// What an entry of the group `enclosing` leads to now.
pub(super) fn gate(
    ctx: &PlanContext<'_>,
    enclosing: Option<GroupId>,
    end: End,
    repeated: Option<Outcome>,
    room: Room,
) -> Gate {
    match (repeated, end) {
        (Some(outcome), _) => Gate::Repeat(outcome),
        // The alias asked for is entered, so that its members are listed.
        (None, End::Group(group)) if enclosing.is_none() => Gate::Enter(group),
        (None, end) if ctx.is_drained(end) => Gate::Drained,
        (None, End::Group(group)) => Gate::Enter(group),
        (None, End::Target { target, options }) => Gate::Target(
            target,
            options,
            target_gate(ctx, enclosing, (target, options), room),
        ),
    }
}

/// Whether a target may be tried. Cooling is asked last: a target that is passed over for another reason is no
/// last resort.
fn target_gate(
    ctx: &PlanContext<'_>,
    enclosing: Option<GroupId>,
    (at, options): (TargetId, u32),
    room: Room,
) -> TargetGate {
    if ctx.rules_out() && !ctx.allows_target(at) {
        return TargetGate::PassOver(FailureClass::NotAllowed);
    }
    if ctx.is_too_costly(at, options, room.spent, room.budget) {
        return TargetGate::PassOver(FailureClass::CostExceeded);
    }
    if room.is_short_of_time {
        return TargetGate::PassOver(FailureClass::LatencyExceeded);
    }
    match ctx.health(at).admission(|| ctx.now()) {
        Admission::Open => TargetGate::Open,
        Admission::Probe => TargetGate::Probe,
        Admission::Closed(cooling)
            if may_be_the_network(cooling.cause)
                && enclosing.is_some_and(|id| ignores_cooldowns(ctx, id)) =>
        {
            TargetGate::Open
        }
        Admission::Closed(cooling) => TargetGate::Cooling(cooling),
    }
}

/// Whether too many members of a balanced alias cool now to respect cooldowns.
fn ignores_cooldowns(ctx: &PlanContext<'_>, id: GroupId) -> bool {
    let Some(threshold) = ctx.snapshot.panic_threshold else {
        return false;
    };
    let group = ctx.snapshot.table.group(id);
    if matches!(group.choice, Choice::Only | Choice::Split) {
        return false;
    }
    let cools = |end: End| match end {
        End::Target { target, .. } => ctx
            .health(target)
            .cooling()
            .is_some_and(|cooling| may_be_the_network(cooling.cause) && cooling.until > ctx.now()),
        End::Group(_) => false,
    };
    let members = group.members.iter().filter(|member| member.weight > 0);
    let cooling = members.clone().filter(|member| cools(member.end)).count();
    cooling * 100 > members.count() * usize::from(threshold)
}

/// Whether the network may have caused a cooldown, not the target.
fn may_be_the_network(cause: Cause) -> bool {
    matches!(
        cause.class,
        FailureClass::Timeout
            | FailureClass::ConnectError
            | FailureClass::ServerError
            | FailureClass::Overloaded
    )
}
