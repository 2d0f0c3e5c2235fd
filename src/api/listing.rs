//! Reads all further pages of the list of zones, several at a time.

use super::zones::Page;
use super::{ApiError, Client};
use crate::model::AccountId;
use futures_util::StreamExt as _;
use futures_util::stream;

/// How many pages are asked for at a time.
const AT_ONCE: usize = 8;

/// The most pages that are read, whatever the API says.
const MOST: u64 = 10_000;

impl Client {
    /// The pages behind the first, in their order.
    pub(super) async fn further_pages(
        &self,
        first: &Page,
        account: Option<&AccountId>,
    ) -> Vec<Result<Page, ApiError>> {
        match first.total {
            Some(total) => {
                let pages = stream::iter(2..=total.min(MOST)).map(|page| self.page(page, account));
                pages.buffered(AT_ONCE).collect().await
            }
            None if first.is_full => self.pages_one_by_one(account).await,
            None => Vec::new(),
        }
    }

    /// The pages behind the first where nothing tells how many there are.
    async fn pages_one_by_one(&self, account: Option<&AccountId>) -> Vec<Result<Page, ApiError>> {
        let mut pages = Vec::new();
        for number in 2..=MOST {
            let page = self.page(number, account).await;
            let is_last = page.as_ref().map_or(true, |page| !page.is_full);
            pages.push(page);
            if is_last {
                break;
            }
        }
        pages
    }
}
