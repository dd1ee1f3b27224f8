//! Turns the results of the exploration into reasons in words.

use std::time::Duration;

use indexmap::IndexSet;

use super::explanation::{AnswerMeaning, Considered};
use super::findings::{EntryOutcome, EntryPlace, WalkFindings};
use crate::base::fraction::Fraction;
use crate::failure::{Condition, FailureClass};
use crate::serve::health::{effect, fallbacks};
use crate::serve::plan::{FIRST_STEP, LeftOut, PlanContext, Root};
use crate::serve::request::Request;
use crate::serve::snapshot::Snapshot;
use crate::table::TargetRef;
use crate::table::{Choice, End, Group, GroupId, Step, TargetId};

/// The code and text of a reason.
struct Reason {
    code: &'static str,
    text: String,
    class: Option<FailureClass>,
    returns_in: Option<Duration>,
}

impl Reason {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            class: None,
            returns_in: None,
        }
    }

    fn about(mut self, class: FailureClass) -> Self {
        self.class = Some(class);
        self
    }
}

/// Writes the results, entry by entry.
pub(super) struct Writer<'w> {
    pub(super) snapshot: &'w Snapshot,
    pub(super) root: Root,
    pub(super) request: Request<'w>,
    /// Model id of a name that is passed through unchanged.
    pub(super) passthrough_model: Option<&'w str>,
    pub(super) context: PlanContext<'w>,
}

impl Writer<'_> {
    /// Returns the text of a target.
    pub(super) fn target(&self, at: TargetId) -> String {
        let target = self.snapshot.table.target(at);
        TargetRef::new(target, self.passthrough_model)
            .text()
            .into_owned()
    }

    /// Returns what each assumed answer means.
    pub(super) fn answers(&self, findings: &WalkFindings) -> Vec<AnswerMeaning> {
        let answers = findings.answers.iter();
        answers
            .map(|(&(_, at), failure)| {
                let target = self.snapshot.table.target(at);
                let passthrough = self.passthrough_model.is_some();
                AnswerMeaning {
                    target: self.target(at).into(),
                    failure: failure.clone(),
                    fallbacks: fallbacks(target, passthrough, failure.class()),
                    effect: effect(target, passthrough, failure),
                }
            })
            .collect()
    }

    /// Returns every entry of every alias that was entered, each alias once.
    pub(super) fn rows(&self, findings: &WalkFindings) -> Vec<Considered> {
        let mut rows = Vec::new();
        let mut groups = IndexSet::new();
        match self.root.end {
            End::Target { .. } => self.entry(&mut rows, findings, (None, 0), self.root.end),
            End::Group(group) => {
                groups.insert(group);
            }
        }
        let table = &self.snapshot.table;
        let mut at = 0;
        while let Some(&id) = groups.get_index(at) {
            at += 1;
            let group = table.group(id);
            let members = group.members.iter().map(|member| member.end).enumerate();
            let first = usize::from(FIRST_STEP);
            let steps = group.steps.iter().map(|step| step.hop.end);
            for (entry, end) in members.chain((first..).zip(steps)) {
                let place = (Some(id), entry);
                if let End::Group(inner) = end
                    && findings.is_entered(place)
                {
                    groups.insert(inner);
                }
                self.entry(&mut rows, findings, place, end);
            }
        }
        rows
    }

    /// Adds the rows of one entry: one per result.
    fn entry(
        &self,
        rows: &mut Vec<Considered>,
        findings: &WalkFindings,
        place: EntryPlace,
        end: End,
    ) {
        let table = &self.snapshot.table;
        let group = place.0.map(|id| table.group(id));
        let alias = group.map_or(self.root.alias, |group| group.alias);
        let alias = table.aliases.get(alias as usize).map(|alias| &*alias.name);
        let target = match end {
            End::Target { target, .. } => self.target(target),
            End::Group(id) => table.aliases[table.group(id).alias as usize]
                .name
                .to_string(),
        };
        let step = place.1.checked_sub(usize::from(FIRST_STEP));
        let mut row = |reason: Reason, probability| {
            rows.push(Considered {
                alias: alias.map(Into::into),
                target: target.clone().into(),
                step: step.map_or(0, |step| step + 1),
                probability,
                code: reason.code,
                reason: reason.text.into(),
                class: reason.class,
                returns_in: reason.returns_in,
            });
        };
        let step = group.zip(step).and_then(|(group, at)| group.steps.get(at));
        match findings.outcomes.get(&place) {
            Some(outcomes) => {
                for (&outcome, &part) in outcomes {
                    row(self.reason(outcome, group, step, end), part);
                }
            }
            None => row(
                self.unreached(findings, place, group, step, end),
                Fraction::ZERO,
            ),
        }
    }

    fn reason(
        &self,
        outcome: EntryOutcome,
        group: Option<&Group>,
        step: Option<&Step>,
        end: End,
    ) -> Reason {
        match outcome {
            EntryOutcome::Next(Some(class)) => Reason::new(
                "next",
                format!("{} holds after {class}", conditions_of(step)),
            )
            .about(class),
            EntryOutcome::Next(None) => Reason::new("next", self.chosen(group)),
            EntryOutcome::LastResort(class) => {
                let text =
                    format!("last resort: cooling down after {class}, but its cooldown ends first");
                Reason {
                    returns_in: self.returns_in(end),
                    ..Reason::new("last-resort", text).about(class)
                }
            }
            EntryOutcome::Failed(class) | EntryOutcome::Ended(class) => {
                Reason::new("failed", format!("failed: {class}")).about(class)
            }
            EntryOutcome::LeftOut(LeftOut::Window, _) => too_small(),
            EntryOutcome::LeftOut(LeftOut::Conditions, class) => {
                let text = format!(
                    "left out: {} does not hold after {class}",
                    conditions_of(step)
                );
                Reason::new("left-out", text).about(class)
            }
            EntryOutcome::Repeated(class) => {
                let text = format!("already had an outcome in this request: {class}");
                Reason::new("repeated", text).about(class)
            }
            EntryOutcome::PassedOver(FailureClass::CostExceeded) => {
                Reason::new("cost", "passed over: it may cost more than the limit")
            }
            EntryOutcome::PassedOver(FailureClass::NotAllowed) => {
                self.ruled_out(end).unwrap_or_else(|| {
                    Reason::new(
                        "not-allowed",
                        "passed over: none of its targets may be chosen",
                    )
                })
            }
            EntryOutcome::PassedOver(class) => self.cools(class, end),
        }
    }

    /// Describes how a member is chosen.
    fn chosen(&self, group: Option<&Group>) -> String {
        let Some(group) = group else {
            return "the only target".to_owned();
        };
        let is_keyed = self.request.key().is_some();
        match &group.choice {
            Choice::Only => "the only target".to_owned(),
            Choice::Split | Choice::Sticky(_) if is_keyed => "chosen by the sticky key".to_owned(),
            Choice::Split if self.snapshot.hooks.draws() => {
                "drawn by a selector; weights are shown instead".to_owned()
            }
            Choice::Split => "drawn by weight".to_owned(),
            choice => {
                let algorithm = self.snapshot.hooks.algorithm(choice).unwrap_or("selector");
                let is_hook = matches!(choice, Choice::Hook(_));
                let how = if is_hook {
                    "; weights are shown instead"
                } else {
                    ""
                };
                format!("balanced by {algorithm}{how}")
            }
        }
    }

    fn cools(&self, class: FailureClass, end: End) -> Reason {
        let returns_in = self.returns_in(end);
        let text = match returns_in {
            // Rounded up, so that a request sent after this time finds the target available.
            Some(time) => {
                let seconds = time.as_millis().div_ceil(1000);
                format!("passed over: cooling down after {class}, for another {seconds} s")
            }
            None if self.is_marked(end) => {
                format!("passed over: a probe is under way after {class}")
            }
            None => format!(
                "passed over: cooling down after {class}, like every target with its access key"
            ),
        };
        Reason {
            returns_in,
            ..Reason::new("cooling", text).about(class)
        }
    }

    /// Returns the reason if the request or an operator excludes every target behind an entry.
    fn ruled_out(&self, end: End) -> Option<Reason> {
        if self.context.is_drained(end) {
            return Some(Reason::new(
                "drained",
                "passed over: drained by an operator",
            ));
        }
        let reason = || Reason::new("not-allowed", "passed over: the request rules it out");
        (!self.context.leaves_any(end)).then(reason)
    }

    /// Explains why an entry is not reached.
    fn unreached(
        &self,
        findings: &WalkFindings,
        (id, _): EntryPlace,
        group: Option<&Group>,
        step: Option<&Step>,
        end: End,
    ) -> Reason {
        if let Some(reason) = self.ruled_out(end) {
            return reason;
        }
        if step.is_some() && self.context.is_too_small(end) {
            return too_small();
        }
        if step.is_some() {
            return Reason::new(
                "waiting",
                format!("not needed: a fallback for {}", conditions_of(step)),
            );
        }
        let members = group.map_or(&[][..], |group| &group.members);
        let entry = members.iter().find(|member| member.end == end);
        if entry.is_some_and(|member| member.weight == 0) {
            return Reason::new("weight-0", "weight 0");
        }
        let has_other = |id: GroupId| findings.outcomes.keys().any(|(at, _)| *at == Some(id));
        if self.request.key().is_some() && id.is_some_and(has_other) {
            return Reason::new("other-key", "the sticky key chooses another");
        }
        if !findings.unexplored.is_zero() {
            return Reason::new("unreached", "unexplored");
        }
        Reason::new("unreached", "not chosen")
    }

    fn is_marked(&self, end: End) -> bool {
        match end {
            End::Target { target, .. } => self.snapshot.is_marked(target),
            End::Group(_) => false,
        }
    }

    fn returns_in(&self, end: End) -> Option<Duration> {
        let End::Target { target, .. } = end else {
            return None;
        };
        let health = self.snapshot.table.target(target).health;
        let cooling = self.snapshot.live.health[health as usize].cooling()?;
        let left = cooling.until.checked_sub(self.snapshot.clock.now())?;
        Some(left).filter(|left| !left.is_zero())
    }
}

/// Reason for a fallback that is skipped regardless of its conditions.
fn too_small() -> Reason {
    Reason::new("window", "left out: its context window is too small")
}

/// Writes the conditions of a fallback as in the configuration.
fn conditions_of(step: Option<&Step>) -> String {
    let conditions = step.and_then(|step| step.conditions.as_deref());
    let words: Vec<String> = match conditions {
        Some(conditions) => conditions.iter().map(Condition::to_string).collect(),
        None => vec!["any".to_owned()],
    };
    format!("[{}]", words.join(", "))
}
