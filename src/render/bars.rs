//! Small histograms of counts, as bars of block characters.

/// The characters of a full bar.
const WIDTH: usize = 8;

/// The eighths of a character, from one to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar for a count, in proportion to the largest one; whatever is not zero can be seen.
pub(super) fn bar(count: i64, largest: i64) -> String {
    let (count, largest) = (count.max(0), largest.max(1));
    let full = i128::from(count) * (WIDTH as i128 * 8) / i128::from(largest);
    let eighths = usize::try_from(full).unwrap_or(0).clamp(usize::from(count > 0), WIDTH * 8);
    let mut bar = "█".repeat(eighths / 8);
    bar.extend((eighths % 8).checked_sub(1).and_then(|index| EIGHTHS.get(index)));
    bar
}

/// Counts by score, in tens where there are many different ones.
pub(super) fn scores(counts: &[(&str, i64)]) -> Vec<(String, i64)> {
    const MOST: usize = 10;
    if counts.len() <= MOST {
        return counts.iter().map(|(score, count)| ((*score).to_owned(), *count)).collect();
    }
    let mut tens: Vec<(String, i64)> = Vec::new();
    for (score, count) in counts {
        let name = match score.parse::<u32>() {
            Ok(score) if score < 10 => "1-9".to_owned(),
            Ok(score) => format!("{0}0-{0}9", score / 10),
            Err(_) => (*score).to_owned(),
        };
        match tens.last_mut() {
            Some((last, sum)) if *last == name => *sum = sum.saturating_add(*count),
            _ => tens.push((name, *count)),
        }
    }
    tens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion_and_never_vanish() {
        let bars: Vec<_> = [0, 1, 50, 100, 1000].map(|count| bar(count, 1000)).into();
        assert_eq!(bars, ["", "▏", "▍", "▊", "████████"]);
        assert_eq!(bar(i64::MAX, i64::MAX), "████████");
        assert_eq!((bar(-1, 0), bar(5, 1)), (String::new(), "████████".to_owned()));
    }

    #[test]
    fn many_scores_are_put_together_in_tens() {
        let names: Vec<String> = (1..=12).map(|score| score.to_string()).collect();
        let counts: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
        assert_eq!(scores(&counts), [("1-9".to_owned(), 9), ("10-19".to_owned(), 3)]);
        assert_eq!(scores(&counts[..2]), [("1".to_owned(), 1), ("2".to_owned(), 1)]);
    }
}
