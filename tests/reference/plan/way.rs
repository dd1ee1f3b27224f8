//! What steps lead to, with the plain aliases on the way, and what is written there.

use std::time::Duration;

use super::super::tree::Tree;
use super::super::view::{Alias, Hit, Home, Identity, Step};
use super::health::{Key, World};
use super::{ATTEMPTS, Asked, Planner, Unknown};

/// Where a request can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) entry: usize,
    /// The id that is sent.
    pub(crate) id: String,
    pub(crate) endpoint: Option<String>,
    pub(crate) text: String,
    /// What is written for an attempt.
    pub(crate) timeout: Option<Duration>,
    /// The most tokens of one reply that its `params` allow, and the number of replies.
    pub(crate) replies: (Option<u64>, u64),
    /// Whether nobody declared the model: it came through a wildcard, or as a name that the
    /// default provider takes.
    pub(crate) is_open: bool,
}

/// What a reference leads to.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// The plain aliases on the way, in their order.
    pub(super) plain: Vec<usize>,
    pub(super) end: WayEnd,
}

#[derive(Debug, Clone)]
pub(super) enum WayEnd {
    Target(Target),
    Group(usize),
}

impl Planner<'_> {
    /// What a client's name leads to.
    pub(super) fn asked(&self, name: &str) -> Option<Way> {
        match self.view.requested(name) {
            Hit::Alias(alias) => Some(self.beyond(alias)),
            Hit::Nothing if self.unknown == Unknown::DefaultProvider => self.passed_through(name),
            hit => self.direct(&hit, None),
        }
    }

    /// What a step leads to.
    pub(super) fn way(&self, step: &Step<'_>) -> Option<Way> {
        match self.view.reference(step.reference?) {
            Hit::Alias(alias) => Some(self.beyond(alias)),
            hit => self.direct(&hit, Some(step)),
        }
    }

    /// What an alias leads to; itself, if it is more than plain.
    fn beyond(&self, alias: usize) -> Way {
        let onward = self.view.aliases[alias].only_step();
        match onward.and_then(|step| self.way(step)) {
            Some(mut way) => {
                way.plain.insert(0, alias);
                way
            }
            None => Way {
                plain: Vec::new(),
                end: WayEnd::Group(alias),
            },
        }
    }

    fn direct(&self, hit: &Hit, step: Option<&Step<'_>>) -> Option<Way> {
        let Hit::Model { entry, id } = hit else {
            return None;
        };
        let written = step.map(|step| step.node);
        let endpoint = written.and_then(|node| node.text_at("endpoint"));
        let timeout = written.and_then(|node| node.text_at("timeout"));
        let text = self.view.entries[*entry].text_form(id);
        let end = WayEnd::Target(Target {
            entry: *entry,
            id: id.clone(),
            text: endpoint.map_or(text.clone(), |url| format!("{text}@{url}")),
            endpoint: endpoint.map(str::to_owned),
            timeout: timeout.map(duration),
            replies: replies(written.and_then(|node| node.get("params"))),
            is_open: self.view.entries[*entry].is_wildcard(),
        });
        let plain = Vec::new();
        Some(Way { plain, end })
    }

    fn passed_through(&self, name: &str) -> Option<Way> {
        let is_default = |entry: &super::super::view::Entry<'_>| {
            entry.node.get("default") == Some(&Tree::Bool(true))
        };
        let entry = self.view.entries.iter().position(is_default)?;
        let Home::Model { prefix, .. } = &self.view.entries[entry].home else {
            return None;
        };
        let end = WayEnd::Target(Target {
            entry,
            id: name.to_owned(),
            endpoint: None,
            text: format!("{prefix}/{name}"),
            timeout: None,
            replies: (None, 1),
            is_open: true,
        });
        let plain = Vec::new();
        Some(Way { plain, end })
    }

    /// Every target that something in the configuration leads to, and each model by itself.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let mut targets: Vec<Target> = Vec::new();
        let steps = self.view.aliases.iter().flat_map(Alias::steps);
        let written = steps.filter_map(|step| self.way(step));
        let declared = self.view.entries.iter().enumerate();
        let declared = declared.filter_map(|(entry, one)| match &one.home {
            Home::Model { id, .. } => {
                let id = id.clone();
                self.direct(&Hit::Model { entry, id }, None)
            }
            _ => None,
        });
        for way in written.chain(declared) {
            if let WayEnd::Target(target) = way.end
                && targets.iter().all(|other| other.text != target.text)
            {
                targets.push(target);
            }
        }
        targets
    }

    /// The target that has this text, as one asked for by this name leads to it.
    pub(crate) fn target(&self, asked: &str, text: &str) -> Option<Target> {
        let named = self.asked(asked).map(|way| way.end);
        let direct = match named {
            Some(WayEnd::Target(target)) => Some(target),
            _ => None,
        };
        let known = direct.into_iter().chain(self.targets());
        known.into_iter().find(|target| target.text == text)
    }

    /// Where the health of a target is kept: those that only a wildcard covers share its state,
    /// and so do names that the default provider takes.
    pub(crate) fn key(&self, target: &Target) -> Key {
        let id = match &self.view.entries[target.entry].home {
            Home::Model { id, .. } => id.clone(),
            _ => "*".to_owned(),
        };
        Key {
            entry: target.entry,
            id,
            endpoint: target.endpoint.clone(),
        }
    }

    /// How the target that is kept under a key is written; a wildcard's is its pattern.
    pub(crate) fn key_text(&self, key: &Key) -> String {
        let text = self.view.entries[key.entry].text_form(&key.id);
        match &key.endpoint {
            Some(url) => format!("{text}@{url}"),
            None => text,
        }
    }

    /// What is left of the time of the alias that was asked, if it is limited.
    pub(crate) fn time_left(&self, asked: &Asked, now: Duration) -> Option<Duration> {
        let Hit::Alias(alias) = self.view.requested(&asked.name) else {
            return None;
        };
        let limit = self.max_latency(alias)?;
        Some((asked.began + limit).saturating_sub(now))
    }

    pub(super) fn identity(target: &Target) -> Identity {
        Identity::Model {
            entry: target.entry,
            id: target.id.clone(),
            endpoint: target.endpoint.clone(),
        }
    }

    pub(super) fn name(&self, alias: usize) -> String {
        self.view.aliases[alias].name.to_owned()
    }

    pub(super) fn group(&self, alias: usize) -> &Alias<'_> {
        &self.view.aliases[alias]
    }

    /// Whether clients of an entry bring their own key.
    pub(super) fn passes_auth(&self, entry: usize) -> bool {
        self.view.entries[entry].node.get("passthrough_auth") == Some(&Tree::Bool(true))
    }

    /// The key that a provider is asked with, if it is ours. `$A` and `${A}` are the same.
    pub(super) fn access_key(&self, entry: usize) -> Option<String> {
        let written = self.view.entries[entry].node.text_at("access_key")?;
        let braced = written.strip_prefix("${");
        let braced = braced.and_then(|rest| rest.strip_suffix('}'));
        let one = braced.map_or(written.to_owned(), |name| format!("${name}"));
        Some(one).filter(|_| !self.passes_auth(entry))
    }

    /// The `max_latency` of an alias.
    pub(super) fn max_latency(&self, alias: usize) -> Option<Duration> {
        let guardrails = self.group(alias).node.get("guardrails")?;
        guardrails.text_at("max_latency").map(duration)
    }

    /// The `max_attempts` written on an alias.
    pub(super) fn max_attempts(&self, alias: usize) -> Option<usize> {
        match self.group(alias).node.get("max_attempts") {
            Some(Tree::Int(most)) => usize::try_from(*most).ok(),
            _ => None,
        }
    }

    /// How many targets a request may touch that begins here.
    pub(super) fn limit(&self, way: &Way) -> usize {
        let mut aliases = way.plain.clone();
        if let WayEnd::Group(alias) = way.end {
            aliases.push(alias);
        }
        let written = aliases.iter().filter_map(|&alias| self.max_attempts(alias));
        let (fewest, most) = ATTEMPTS;
        written
            .min()
            .unwrap_or_else(|| self.length(way).clamp(fewest, most))
    }

    /// The steps on the longest path.
    fn length(&self, way: &Way) -> usize {
        let WayEnd::Group(alias) = way.end else {
            return 1;
        };
        let of = |step: &Step<'_>| self.way(step).map_or(0, |way| self.length(&way));
        let group = self.group(alias);
        let first = group.primary().map(of).max().unwrap_or(0);
        first + group.fallbacks.iter().map(of).sum::<usize>()
    }

    /// Whether another member is chosen after one that failed or was passed over.
    pub(super) fn goes_on(&self, alias: usize) -> bool {
        let group = self.group(alias);
        group.balances() || group.node.get("redistribute") == Some(&Tree::Bool(true))
    }

    /// Whether a target may be tried at all.
    pub(super) fn is_allowed(&self, target: &Target, asked: &Asked, world: &World) -> bool {
        !asked.refused.contains(&target.text) && !world.is_drained(&self.key(target))
    }

    pub(super) fn is_drained(&self, target: &Target, world: &World) -> bool {
        world.is_drained(&self.key(target))
    }

    /// Whether everything behind an alias is drained.
    pub(super) fn is_drained_below(&self, alias: usize, world: &World) -> bool {
        let end = WayEnd::Group(alias);
        let plain = Vec::new();
        !self.leads_to(&Way { plain, end }, &|target| {
            !self.is_drained(target, world)
        })
    }

    /// The name under which a step is listed as drained, if it is.
    pub(super) fn drained_name(&self, step: &Step<'_>, world: &World) -> Option<String> {
        match self.way(step)?.end {
            WayEnd::Target(target) => self.is_drained(&target, world).then_some(target.text),
            WayEnd::Group(alias) => self
                .is_drained_below(alias, world)
                .then(|| self.name(alias)),
        }
    }

    /// The name under which a step with this way is listed.
    pub(super) fn written(&self, way: &Way) -> String {
        match &way.end {
            WayEnd::Target(target) => target.text.clone(),
            WayEnd::Group(alias) => self.name(*alias),
        }
    }

    /// Whether anything on this way may be tried at all.
    pub(super) fn leads_anywhere(&self, way: &Way, asked: &Asked, world: &World) -> bool {
        self.leads_to(way, &|target| self.is_allowed(target, asked, world))
    }

    /// Whether a target like this is on a way, behind members that are ever chosen and fallbacks.
    pub(super) fn leads_to(&self, way: &Way, is_like_this: &dyn Fn(&Target) -> bool) -> bool {
        match &way.end {
            WayEnd::Target(target) => is_like_this(target),
            WayEnd::Group(alias) => {
                let group = self.group(*alias);
                let members = group.primary().filter(|step| weight(step.node) != "0");
                members
                    .chain(&group.fallbacks)
                    .filter_map(|step| self.way(step))
                    .any(|way| self.leads_to(&way, is_like_this))
            }
        }
    }
}

/// What `params` say of the replies.
fn replies(params: Option<&Tree>) -> (Option<u64>, u64) {
    let number = |field: &str| match params?.get(field)? {
        Tree::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    };
    let limits = ["max_tokens", "max_completion_tokens", "max_output_tokens"].map(number);
    (
        limits.into_iter().flatten().max(),
        number("n").unwrap_or(1).max(1),
    )
}

/// The weight of a member as it is written, without zeros that say nothing.
pub(super) fn weight(member: &Tree) -> String {
    match member.get("weight") {
        Some(Tree::Int(number)) => number.to_string(),
        Some(Tree::Decimal(text)) => {
            let short = text.trim_end_matches('0').trim_end_matches('.');
            if short.is_empty() { "0" } else { short }.to_owned()
        }
        _ => "1".to_owned(),
    }
}

/// The time that a duration's text means, such as `1m30s`.
pub(crate) fn duration(text: &str) -> Duration {
    let mut total = Duration::ZERO;
    let mut digits = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_digit() {
            digits.push(first);
            rest = &rest[1..];
            continue;
        }
        let units = [("ms", 1_u64), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
        let unit = units.iter().find(|(unit, _)| rest.starts_with(unit));
        let &(unit, millis) = unit.expect("a duration has units");
        let count: u64 = digits.parse().expect("a unit follows a number");
        total += Duration::from_millis(count * millis);
        digits.clear();
        rest = &rest[unit.len()..];
    }
    total
}
