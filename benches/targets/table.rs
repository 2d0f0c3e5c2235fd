//! The table that is printed.

use std::fmt;

/// Rows: what, measured, target, and whether it holds.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<[String; 4]>,
}

impl Table {
    /// A measured value that must not be more than a target.
    pub(crate) fn most(&mut self, what: &str, measured: Option<f64>, most: f64, unit: &str) {
        let verdict = measured.map_or("", |measured| if measured <= most { "hit" } else { "MISS" });
        self.row([what, &shown(measured, unit), &format!("≤ {most} {unit}"), verdict]);
    }

    /// A ratio that must not be more than a target.
    pub(crate) fn times(&mut self, what: &str, ratio: Option<f64>, most: f64) {
        self.most(what, ratio, most, "×");
    }

    /// A value without a target.
    pub(crate) fn told(&mut self, what: &str, measured: Option<f64>, unit: &str) {
        self.row([what, &shown(measured, unit), "", ""]);
    }

    fn row(&mut self, row: [&str; 4]) {
        if std::env::args().any(|argument| argument == "--each") {
            println!("{}", row.join("  "));
        }
        self.rows.push(row.map(str::to_owned));
    }
}

fn shown(measured: Option<f64>, unit: &str) -> String {
    match measured {
        Some(value) if value >= 100.0 => format!("{value:.0} {unit}"),
        Some(value) => format!("{value:.2} {unit}"),
        None => "not measured".to_owned(),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest =
            |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (what, measured, target) = (widest(0), widest(1).max(8), widest(2).max(6));
        writeln!(f, "| {:what$} | {:>measured$} | {:>target$} |      |", "what", "measured", "target")?;
        writeln!(f, "|-{:-<what$}-|-{:->measured$}:|-{:->target$}:|------|", "", "", "")?;
        for [name, value, most, verdict] in &self.rows {
            writeln!(f, "| {name:what$} | {value:>measured$} | {most:>target$} | {verdict:4} |")?;
        }
        Ok(())
    }
}
