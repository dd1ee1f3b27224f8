//! A target, as hooks of the embedder see it.

use std::borrow::Cow;
use std::fmt;

use super::entries::Target;
use super::provider::Provider;

/// Where a request could go, for [`Request::allow`](crate::Request::allow) and
/// [`ResolverBuilder::prices`](crate::ResolverBuilder::prices).
#[derive(Clone, Copy)]
pub struct TargetRef<'t> {
    target: &'t Target,
    /// The model id from the requested name: for a name under a wildcard, in the catalog, or sent to the default
    /// provider. `None` for the target's own model.
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
