//! Lists zones of several accounts, each with its own credential.

use super::Clients;
use super::clients::Scope;
use crate::api::zones::AT_ONCE;
use crate::api::{ApiError, Client, Listed, ZoneEntry};
use crate::model::{AccountId, ZoneId, ZoneName};
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};

impl Clients {
    /// The zones that the clients see, of one account or of all, followed by the entries that cannot be used.
    ///
    /// # Errors
    /// The list of one of the accounts cannot be read: zones that were not listed must not look deleted.
    pub(crate) async fn list_zones(&self, account: Option<&AccountId>) -> Result<Vec<Listed>, ApiError> {
        if let Some(client) = self.alone() {
            return client.list_zones(account).await;
        }
        self.list(&self.scopes_of(account)?, account).await
    }

    /// The zones of the accounts of one client.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn zones_of(&self, client: &Client) -> Result<Vec<Listed>, ApiError> {
        let is_own = |scope: &Scope<'_>| scope.client.is_same(client);
        let own: Vec<_> = self.scopes().into_iter().filter(is_own).collect();
        self.list(&own, None).await
    }

    async fn list(&self, scopes: &[Scope<'_>], account: Option<&AccountId>) -> Result<Vec<Listed>, ApiError> {
        let lists =
            join_all(scopes.iter().map(|scope| scope.client.list_zones(scope.account.or(account)))).await;
        let mut zones = Vec::new();
        for (scope, list) in scopes.iter().zip(lists) {
            // An account that cannot be listed is an error: if it were left out, its zones would look deleted.
            let list = list?.into_iter();
            zones.extend(list.filter(|zone| zone.as_ref().map_or(true, |zone| self.is_own(scope, zone))));
        }
        // Usable ones by name, then the others, as a single client lists them.
        zones.sort_by(|one, other| match (one, other) {
            (Ok(one), Ok(other)) => (&one.name, &one.id).cmp(&(&other.name, &other.id)),
            (one, other) => one.is_err().cmp(&other.is_err()),
        });
        // Two clients may see the same zone if the API reports no account for it.
        zones.dedup_by(|one, other| matches!((one, other), (Ok(one), Ok(other)) if one.id == other.id));
        Ok(zones)
    }

    /// The zones with these ids; `None` if one of them cannot be read by any client.
    pub(crate) async fn zones_with_ids(&self, ids: &[ZoneId]) -> Option<Vec<ZoneEntry>> {
        if let Some(client) = self.alone() {
            return client.zones_with_ids(ids).await;
        }
        // Indices, since a closure over references makes the future not `Send` for the compiler.
        let each =
            stream::iter(0..ids.len()).map(async |index| self.locate(&ids[index], ids[index].as_str()).await);
        each.buffered(AT_ONCE).collect::<Vec<_>>().await.into_iter().collect::<Result<_, _>>().ok()
    }

    /// The zones of these names, of one account or of all, by name.
    ///
    /// # Errors
    /// A request fails, or the list of a name is incomplete.
    pub(crate) async fn zones_named(
        &self,
        names: &[ZoneName],
        account: Option<&AccountId>,
    ) -> Result<Vec<ZoneEntry>, ApiError> {
        if let Some(client) = self.alone() {
            return client.zones_named(names, account).await;
        }
        let scopes = self.scopes_of(account)?;
        let lists = scopes.iter().map(|scope| scope.client.zones_named(names, scope.account.or(account)));
        let lists = join_all(lists).await;
        let mut zones = Vec::new();
        for (scope, list) in scopes.iter().zip(lists) {
            zones.extend(list?.into_iter().filter(|zone| self.is_own(scope, zone)));
        }
        zones.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        Ok(zones)
    }

    /// Finds the client that sees a zone by its id.
    ///
    /// # Errors
    /// No client does. An error that leaves this open takes precedence over one that says the zone does not exist.
    pub(super) async fn locate(&self, id: &ZoneId, name: &str) -> Result<ZoneEntry, ApiError> {
        let mut worst: Option<ApiError> = None;
        for scope in self.scopes() {
            match scope.client.by_id(id, name).await {
                Ok(zone) if scope.holds(&zone, |of| self.is_listed(of)) => {
                    self.remember(&zone, scope.index);
                    return Ok(zone);
                }
                // One account's credential may also see another account's zone, which must be written with its own.
                Ok(_) => {}
                Err(error) if worst.as_ref().is_none_or(ApiError::is_elsewhere) => worst = Some(error),
                Err(_) => {}
            }
        }
        Err(worst.unwrap_or_else(|| crate::api::zones::incomplete(Some(name))))
    }

    /// The clients to ask about one account, or about all.
    fn scopes_of(&self, account: Option<&AccountId>) -> Result<Vec<Scope<'_>>, ApiError> {
        let Some(account) = account else { return Ok(self.scopes()) };
        self.of_account(account)?;
        let lane = self.is_listed(account).then_some(account);
        Ok(self.scopes().into_iter().filter(|scope| scope.account == lane).collect())
    }

    /// Whether a listed zone belongs to a scope; if so, its client is remembered.
    fn is_own(&self, scope: &Scope<'_>, zone: &ZoneEntry) -> bool {
        let is_own = scope.holds(zone, |of| self.is_listed(of));
        if is_own {
            self.remember(zone, scope.index);
        }
        is_own
    }
}
