//! Which client serves which account and which zone.

use crate::api::{ApiError, Client, ResolveError, Traffic, ZoneEntry};
use crate::model::{AccountId, ZoneId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// Clients for several accounts that act as one: a zone is read and written with the credential of its account. Each
/// client keeps to a request budget of its own, so that N accounts take as long as the largest of them, and a
/// credential that is refused stops the zones of its own accounts only.
///
/// All clients send to the same API address. Cloudflare counts the requests of a user: clients whose tokens belong to
/// one user should share a [`Budget`](crate::api::Budget).
///
/// ```no_run
/// use botform::api::{Client, Clients, Credentials, Lookup, Options, ReadZones};
/// use botform::model::{AccountId, ZoneName};
///
/// # async fn example(retail: AccountId, travel: AccountId) -> Result<(), Box<dyn std::error::Error>> {
/// let client = |token: &str| Client::new(Options::new(Credentials::token(token.to_owned())?)).map_err(Box::<dyn std::error::Error>::from);
/// let clients = Clients::of(retail, client("cfut_0123456789")?).with(travel, client("cfut_9876543210")?);
/// let name = ZoneName::try_from("shop.example.com".to_owned())?;
/// for zone in clients.resolve(&[Lookup::new(name)]).await {
///     let live = clients.get(&zone?).await?;
///     println!("{:?}", live.to_object());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Clients {
    /// At least one.
    clients: Vec<Client>,
    /// The index of the client of each listed account.
    accounts: BTreeMap<AccountId, usize>,
    /// The index of the client of all other accounts.
    rest: Option<usize>,
    /// The index of the client that found a zone; a single client needs no such list.
    homes: Mutex<HashMap<ZoneId, usize>>,
}

/// A client, and the account that it is asked about; without one, all that are not listed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) index: usize,
    pub(super) client: &'a Client,
    pub(super) account: Option<&'a AccountId>,
}

impl From<Client> for Clients {
    /// One client for all accounts.
    fn from(client: Client) -> Self {
        Self { clients: vec![client], accounts: BTreeMap::new(), rest: Some(0), homes: Mutex::default() }
    }
}

impl Clients {
    /// The client of an account, and none for any other.
    #[must_use]
    pub fn of(account: AccountId, client: Client) -> Self {
        let accounts = [(account, 0)].into();
        Self { clients: vec![client], accounts, rest: None, homes: Mutex::default() }
    }

    /// Adds the client of an account, or replaces it. One client may serve several accounts.
    #[must_use]
    pub fn with(mut self, account: AccountId, client: Client) -> Self {
        let index = self.add(client);
        self.accounts.insert(account, index);
        self
    }

    /// Adds a client for all accounts without their own.
    #[must_use]
    pub fn with_rest(mut self, client: Client) -> Self {
        self.rest = Some(self.add(client));
        self
    }

    fn add(&mut self, client: Client) -> usize {
        self.clients.iter().position(|known| known.is_same(&client)).unwrap_or_else(|| {
            self.clients.push(client);
            self.clients.len() - 1
        })
    }

    /// The client of an account.
    ///
    /// # Errors
    /// The account is not listed, and no client serves all others.
    pub fn of_account(&self, account: &AccountId) -> Result<&Client, ApiError> {
        let index = self.accounts.get(account).copied().or(self.rest);
        index.and_then(|index| self.clients.get(index)).ok_or_else(|| unlisted(account))
    }

    /// The listed accounts that a client serves.
    pub(crate) fn accounts_of(&self, client: &Client) -> Vec<&AccountId> {
        let is_it = |index: usize| self.clients.get(index).is_some_and(|own| own.is_same(client));
        self.accounts.iter().filter(|(_, index)| is_it(**index)).map(|(account, _)| account).collect()
    }

    /// All clients, each once, those of the listed accounts first.
    #[must_use]
    pub fn all(&self) -> &[Client] {
        &self.clients
    }

    /// The client of a zone that was found before; for any other zone, the client of all other accounts.
    pub(crate) fn of_zone(&self, zone: &ZoneId) -> &Client {
        // There is at least one.
        self.clients.get(self.lane_of(zone)).unwrap_or(&self.clients[0])
    }

    /// What all of them have sent so far. Their waits overlap, so the longest counts.
    pub(crate) fn traffic(&self) -> Traffic {
        let each = self.clients.iter().map(Client::traffic);
        each.reduce(Traffic::beside).unwrap_or_default()
    }

    /// The client of a run with a single credential.
    pub(super) fn alone(&self) -> Option<&Client> {
        self.clients.first().filter(|_| self.accounts.is_empty())
    }

    /// All clients to ask about zones of an unknown account.
    pub(super) fn scopes(&self) -> Vec<Scope<'_>> {
        let listed = self.accounts.iter().map(|(account, index)| (Some(account), *index));
        let all = listed.chain(self.rest.map(|index| (None, index)));
        all.filter_map(|(account, index)| Some(Scope { index, client: self.clients.get(index)?, account }))
            .collect()
    }

    /// Whether an account has a credential of its own.
    pub(super) fn is_listed(&self, account: &AccountId) -> bool {
        self.accounts.contains_key(account)
    }

    /// The index of the client of an account.
    pub(super) fn lane_of_account(&self, account: &AccountId) -> Option<usize> {
        self.accounts.get(account).copied().or(self.rest)
    }

    pub(super) fn home(&self, zone: &ZoneId) -> Option<usize> {
        if self.clients.len() == 1 {
            return Some(0);
        }
        self.homes.lock().unwrap_or_else(PoisonError::into_inner).get(zone).copied()
    }

    pub(super) fn lane_of(&self, zone: &ZoneId) -> usize {
        self.home(zone).or(self.rest).unwrap_or_default()
    }

    /// Remembers which client found a zone.
    pub(super) fn remember(&self, zone: &ZoneEntry, index: usize) {
        if self.clients.len() > 1 {
            self.homes.lock().unwrap_or_else(PoisonError::into_inner).insert(zone.id.clone(), index);
        }
    }
}

impl Scope<'_> {
    /// Whether a zone belongs to this scope; `is_listed` says which accounts have a credential of their own.
    pub(super) fn holds(&self, zone: &ZoneEntry, is_listed: impl Fn(&AccountId) -> bool) -> bool {
        match (self.account, &zone.account_id) {
            (Some(account), Some(of)) => account == of,
            (None, Some(of)) => !is_listed(of),
            (_, None) => true,
        }
    }
}

/// The error of an account that no client serves.
pub(super) fn unlisted(account: &AccountId) -> ApiError {
    ResolveError::Unlisted { account: account.clone() }.into()
}
