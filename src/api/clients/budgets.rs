//! The budgets of several clients, weighted by each one's share of a run's work. They are waited for at the same time,
//! so the longest wait counts and not the sum.

use super::Clients;
use crate::api::budget::{Budget, Wait};
use crate::model::AccountId;
use std::time::Duration;

/// The request budgets of a run.
#[derive(Clone, Debug)]
pub(crate) struct Budgets(Vec<(Budget, u64)>);

impl Budgets {
    /// How long that many further requests wait at least, each budget having its share of them.
    pub(crate) fn eta(&self, requests: u64) -> Duration {
        let all = self.0.iter().map(|(_, share)| share).sum::<u64>().max(1);
        // Rounded up: each budget may get one request more than its share.
        let of =
            |(budget, share): &(Budget, u64)| budget.eta((requests.saturating_mul(*share)).div_ceil(all));
        self.0.iter().map(of).max().unwrap_or_default()
    }

    /// What requests are waiting for, the longest wait of all; `None` if nothing holds them back.
    pub(crate) fn waiting(&self) -> Option<Wait> {
        self.0.iter().filter_map(|(budget, _)| budget.waiting()).max_by_key(|wait| wait.left)
    }
}

impl From<&Budget> for Budgets {
    fn from(budget: &Budget) -> Self {
        Self(vec![(budget.clone(), 1)])
    }
}

impl Clients {
    /// The budgets of analytics queries, with even shares.
    pub(crate) fn query_budgets(&self) -> Budgets {
        Budgets(self.all().iter().map(|client| (client.queries().clone(), 1)).collect())
    }

    /// The budgets for work on zones of these accounts. A zone of an unknown account may belong to any client.
    pub(crate) fn budgets<'a>(&self, accounts: impl IntoIterator<Item = Option<&'a AccountId>>) -> Budgets {
        let mut shares = vec![0_u64; self.all().len()];
        let mut unknown = 0;
        for account in accounts {
            match account.and_then(|account| shares.get_mut(self.lane_of_account(account)?)) {
                Some(share) => *share += 1,
                None => unknown += 1,
            }
        }
        // All are multiplied by the number of clients, so that the unknown zones can be shared out evenly.
        let count = shares.len() as u64;
        let weighed = shares.into_iter().map(|share| share * count + unknown);
        Budgets(self.all().iter().map(|client| client.budget().clone()).zip(weighed).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rate;

    #[test]
    fn the_longest_wait_counts_and_not_the_sum() {
        let budgets =
            |shares: [u64; 2]| Budgets(shares.map(|share| (Budget::new(Rate::CLOUDFLARE), share)).into());
        assert_eq!(budgets([1, 1]).eta(2400).as_secs(), 0);
        assert_eq!(budgets([1, 1]).eta(4800).as_secs(), 300);
        assert_eq!(budgets([3, 1]).eta(4800).as_secs(), 2 * 300);
        assert_eq!(budgets([1, 0]).eta(4800).as_secs(), 3 * 300);
        assert_eq!(budgets([0, 0]).eta(4800).as_secs(), 0, "there is no work");
    }
}
