//! A target, as rules of the embedder see it.

use std::borrow::Cow;
use std::fmt;

use super::entries::Target;
use super::provider::Provider;

/// Where a request could go, for a rule that decides whether it may: [`Request::allow`](crate::Request::allow).
#[derive(Clone, Copy)]
pub struct TargetRef<'t> {
    target: &'t Target,
    /// The id of a name that is sent on as it stands.
    model: Option<&'t str>,
}

impl<'t> TargetRef<'t> {
    #[inline]
    pub(crate) fn new(target: &'t Target, model: Option<&'t str>) -> Self {
        Self { target, model }
    }

    /// The target as text: the entry's name, else `provider/model`, and `@endpoint` where the alias
    /// writes one, without user info and query.
    pub fn text(&self) -> Cow<'t, str> {
        match self.model {
            None => (&*self.target.text).into(),
            Some(model) => format!("{}/{model}", self.target.provider.provider()).into(),
        }
    }

    /// The provider entry.
    pub fn provider(&self) -> &'t Provider {
        &self.target.provider
    }

    /// The model id that would be sent.
    pub fn model(&self) -> &'t str {
        self.model.unwrap_or(&self.target.model)
    }

    /// Where it would be sent: the target's endpoint, else the entry's `base_url`, else none.
    pub fn endpoint(&self) -> Option<&'t str> {
        self.target.endpoint.as_deref()
    }
}

impl fmt::Debug for TargetRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TargetRef")
            .field(&crate::base::text::cut(&self.text()))
            .finish()
    }
}
