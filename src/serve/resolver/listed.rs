//! The entries of `/v1/models`.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::table::{Deprecation, RoutingTable};

/// The models that are declared, then the aliases, each in file order.
pub(super) fn models(table: &RoutingTable) -> impl Iterator<Item = ListedModel<'_>> {
    let models = table
        .providers
        .iter()
        .zip(&table.targets)
        .filter(|(entry, _)| !entry.is_wildcard() && !entry.is_internal())
        .filter(|(_, target)| !table.is_alias(&target.text))
        .map(|(entry, target)| ListedModel {
            id: &target.text,
            owned_by: entry.provider(),
            is_alias: false,
            created: 0,
            description: None,
            deprecation: None,
        });
    let aliases = table
        .aliases
        .iter()
        .filter(|alias| !alias.hidden)
        .map(|alias| ListedModel {
            id: &alias.name,
            owned_by: "alias",
            is_alias: true,
            created: 0,
            description: alias.description.as_deref(),
            deprecation: alias.deprecation.as_deref(),
        });
    models.chain(aliases)
}

/// An entry of `/v1/models`. Serializes with the field names that OpenAI's API uses, plus
/// `description` and `deprecated` where they are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedModel<'r> {
    id: &'r str,
    owned_by: &'r str,
    is_alias: bool,
    created: u64,
    description: Option<&'r str>,
    deprecation: Option<&'r Deprecation>,
}

impl Serialize for ListedModel<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.id)?;
        map.serialize_entry("object", "model")?;
        map.serialize_entry("created", &self.created)?;
        map.serialize_entry("owned_by", self.owned_by)?;
        if let Some(description) = self.description {
            map.serialize_entry("description", description)?;
        }
        if let Some(deprecation) = self.deprecation {
            map.serialize_entry("deprecated", deprecation)?;
        }
        map.end()
    }
}

impl<'r> ListedModel<'r> {
    /// The name to ask for.
    pub fn id(&self) -> &'r str {
        self.id
    }

    /// The provider, or `alias`. A provider may have that name too: see [`is_alias`](Self::is_alias).
    pub fn owned_by(&self) -> &'r str {
        self.owned_by
    }

    /// Whether it is an alias.
    pub fn is_alias(&self) -> bool {
        self.is_alias
    }

    /// When it was created, in seconds since 1970: 0 unless [`created_at`](Self::created_at) sets it.
    pub fn created(&self) -> u64 {
        self.created
    }

    /// Sets when it was created, for example when the configuration was loaded. Clients of OpenAI's API expect the
    /// field.
    #[must_use]
    pub fn created_at(self, seconds: u64) -> Self {
        Self {
            created: seconds,
            ..self
        }
    }

    /// The alias's description.
    pub fn description(&self) -> Option<&'r str> {
        self.description
    }

    /// The notice of the alias, if it is deprecated.
    pub fn deprecation(&self) -> Option<&'r Deprecation> {
        self.deprecation
    }
}
