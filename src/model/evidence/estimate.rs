//! A number of requests as sampled analytics allow it to be known: an estimate with the interval of 95 %.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The quantile of the interval: a little more than 1.96, since the distribution is an approximation.
const Z: f64 = 2.1;

/// How many requests there were: an estimate, and between which numbers the truth is in 95 of 100 cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Estimate {
    /// The estimate.
    pub count: u64,
    /// The lower end of the interval.
    pub lower: u64,
    /// The upper end of the interval; equal to the lower one if all requests were counted.
    pub upper: u64,
}

impl Estimate {
    /// A number that is known exactly.
    #[must_use]
    pub(crate) const fn exact(count: u64) -> Self {
        Self { count, lower: count, upper: count }
    }

    /// The number of requests behind sampled rows, each of which stands for so many (its sampling interval).
    #[must_use]
    pub(crate) fn sampled(weights: impl IntoIterator<Item = u64>) -> Self {
        let (mut whole, mut sum, mut squares, mut largest, mut rows) = (0_u64, 0.0, 0.0, 0.0_f64, 0_u64);
        for weight in weights {
            if weight <= 1 {
                whole = whole.saturating_add(1);
                continue;
            }
            let weight = weight as f64;
            sum += weight;
            squares += weight * weight;
            largest = largest.max(weight);
            rows += 1;
        }
        if rows == 0 {
            return Self::exact(whole);
        }
        // The interval of Fay and Feuer for a weighted sum of counts: a gamma distribution of the same mean and variance.
        let lower = gamma_quantile(sum, squares, -Z).max(rows as f64);
        let upper = gamma_quantile(sum + largest, squares + largest * largest, Z);
        let [count, lower, upper] = [sum.round(), lower.floor(), upper.ceil()].map(|number| number as u64);
        Self { count: whole + count, lower: whole + lower, upper: whole + upper }
    }

    /// The number of requests of both. The two samples are independent, so that their errors are not simply added.
    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        let apart = |one: u64, other: u64| (one as f64).hypot(other as f64).round() as u64;
        let count = self.count.saturating_add(other.count);
        let below = apart(self.count.saturating_sub(self.lower), other.count.saturating_sub(other.lower));
        let above = apart(self.upper.saturating_sub(self.count), other.upper.saturating_sub(other.count));
        Self { count, lower: count.saturating_sub(below), upper: count.saturating_add(above) }
    }

    /// Whether all requests were counted.
    #[must_use]
    pub(crate) const fn is_exact(&self) -> bool {
        self.lower == self.upper
    }
}

/// A quantile of the gamma distribution with this mean and variance (Wilson and Hilferty).
fn gamma_quantile(mean: f64, variance: f64, z: f64) -> f64 {
    let shape = mean * mean / variance;
    let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    mean * root.max(0.0).powi(3)
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, lower, upper } = self;
        match self.is_exact() {
            true => f.write_str(&grouped(*count)),
            false => write!(f, "{} ({} to {})", grouped(*count), grouped(*lower), grouped(*upper)),
        }
    }
}

/// A number with a comma after each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_sampled_is_exact() {
        assert_eq!(Estimate::sampled([1; 12_431]), Estimate::exact(12_431));
        assert_eq!(Estimate::sampled([]), Estimate::exact(0));
        assert_eq!(Estimate::exact(1_234_567).to_string(), "1,234,567");
        assert_eq!(Estimate::exact(999).to_string(), "999");
    }

    #[test]
    fn few_rows_give_a_wide_interval_and_many_a_narrow_one() {
        insta::assert_snapshot!(Estimate::sampled([100; 1]), @"100 (1 to 597)");
        insta::assert_snapshot!(Estimate::sampled([10; 100]), @"1,000 (801 to 1,233)");
        insta::assert_snapshot!(Estimate::sampled([10; 10_000]), @"100,000 (97,911 to 102,122)");
        insta::assert_snapshot!(Estimate::sampled([1, 1, 10, 10]), @"22 (4 to 79)");
    }

    /// A generator of numbers that needs no crate (SplitMix64).
    fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    #[test]
    fn the_interval_holds_the_truth_in_95_of_100_samples() {
        for interval in [1, 10, 100] {
            for truth in [30, 300, 5_000] {
                let mut state = interval * 1_000_003 + truth;
                let holds = (0..400).filter(|_| {
                    let kept = (0..truth).filter(|_| next(&mut state).is_multiple_of(interval)).count();
                    let estimate = Estimate::sampled(std::iter::repeat_n(interval, kept));
                    // Without any row nothing is known, and no number is shown.
                    kept == 0 || (estimate.lower..=estimate.upper).contains(&truth)
                });
                let holds = holds.count();
                assert!(holds >= 380, "{interval}, {truth}: {holds} of 400");
            }
        }
    }

    #[test]
    fn a_sum_is_more_certain_than_its_parts() {
        let one = Estimate { count: 100, lower: 70, upper: 140 };
        assert_eq!(one.plus(one), Estimate { count: 200, lower: 158, upper: 257 });
        assert_eq!(one.plus(Estimate::exact(5)), Estimate { count: 105, lower: 75, upper: 145 });
    }
}
