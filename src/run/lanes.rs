//! Work on zones of several lanes, each with its own request budget: while one waits, the others go on.

use futures_util::{Stream, StreamExt as _, stream};
use std::collections::BTreeMap;

/// Works on each item, in the order of the items where possible, and returns the results in that order.
/// The lanes share `concurrency` evenly, and each has at least one: a lane that waits for its budget holds no place
/// that another one could use.
pub(in crate::run) async fn in_lanes<I, F: Future>(
    items: Vec<I>,
    concurrency: usize,
    lane: impl Fn(&I) -> usize,
    work: impl Fn(I) -> F,
) -> Vec<F::Output> {
    // Each result has its place from the start, so that thousands of them need no sorting.
    let mut results: Vec<Option<F::Output>> = (0..items.len()).map(|_| None).collect();
    let first = items.first().map(&lane);
    if items.iter().all(|item| Some(lane(item)) == first) {
        settle(begin(items.into_iter().enumerate(), concurrency, &work), &mut results).await;
    } else {
        let mut lanes: BTreeMap<usize, Vec<(usize, I)>> = BTreeMap::new();
        for (index, item) in items.into_iter().enumerate() {
            lanes.entry(lane(&item)).or_default().push((index, item));
        }
        let each = concurrency / lanes.len().max(1);
        let lanes = lanes.into_values().map(|items| begin(items.into_iter(), each, &work));
        settle(stream::select_all(lanes), &mut results).await;
    }
    results.into_iter().flatten().collect()
}

/// The work of a lane.
fn begin<I, F: Future>(
    items: impl Iterator<Item = (usize, I)>,
    concurrency: usize,
    work: impl Fn(I) -> F,
) -> impl Stream<Item = (usize, F::Output)> + Unpin {
    let begun = stream::iter(items).map(move |(index, item)| {
        let work = work(item);
        async move { (index, work.await) }
    });
    // Unordered, so that one slow zone does not hold up the start of others behind it.
    begun.buffer_unordered(concurrency.max(1))
}

async fn settle<T>(mut done: impl Stream<Item = (usize, T)> + Unpin, results: &mut [Option<T>]) {
    while let Some((index, result)) = done.next().await {
        if let Some(place) = results.get_mut(index) {
            *place = Some(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Budget;
    use crate::model::Rate;
    use tokio::time::Instant;

    /// Reads zones of lanes that have a budget of 10 in 10 s each, and tells how many seconds it took.
    async fn seconds(lanes: &[usize], concurrency: usize) -> u64 {
        let budgets: Vec<_> = (0..4).map(|_| Budget::new(Rate::new(10, 10).unwrap())).collect();
        let begun = Instant::now();
        let items: Vec<_> = lanes.iter().copied().enumerate().collect();
        let work = async |(index, lane): (usize, usize)| {
            drop(budgets[lane].place().await);
            index
        };
        let done = in_lanes(items, concurrency, |(_, lane)| *lane, work).await;
        assert!(done.into_iter().eq(0..lanes.len()), "the order is kept");
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn lanes_do_not_wait_for_each_other() {
        let one_after_the_other: Vec<_> = [[0; 40], [1; 40], [2; 40]].concat();
        assert_eq!(seconds(&[0; 120], 4).await, 110);
        for concurrency in [1, 3, 4, 50, 500] {
            assert_eq!(seconds(&one_after_the_other, concurrency).await, 30, "{concurrency}");
        }
        assert_eq!(seconds(&[], 4).await, 0);
    }
}
