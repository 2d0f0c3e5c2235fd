//! A report file to fill in: a comment of the table of keys above each member. What only a person knows is left empty,
//! so that nothing can be submitted before it is written.

use crate::config::keys::{Kind, REPORT, likely_expression};
use crate::model::{ReportKind, ZoneName};

/// How wide the comments are.
const WIDTH: usize = 100;

/// The text of a new report file; `schema` is the path of the schema for editors, where there is one.
#[must_use]
pub(crate) fn report_template(zone: &ZoneName, kind: ReportKind, schema: Option<&str>) -> String {
    let mut text = schema.map(|path| format!("# yaml-language-server: $schema={path}\n")).unwrap_or_default();
    text.push_str(
        "# A report cannot be taken back. Fill in what is empty; `botform feedback plan` checks it.\n",
    );
    for key in REPORT.keys {
        let Some(line) = member(key.name, zone, kind) else { continue };
        text.push('\n');
        comment(&mut text, "", key.about);
        match &key.kind {
            Kind::Words(_) => {
                key.choices()
                    .iter()
                    .for_each(|(word, about)| comment(&mut text, "  ", &format!("{word}: {about}")));
            }
            Kind::WordsOrOther(words) => comment(&mut text, "  ", &words.join(", ")),
            _ => {}
        }
        if let Some(example) = example(key.name, key.example(), zone, kind) {
            comment(&mut text, "  ", &format!("Example: {example}"));
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The line of a member; `None` of one that a new report does not need.
fn member(name: &str, zone: &ZoneName, kind: ReportKind) -> Option<String> {
    Some(match name {
        "zone" => format!("zone: {zone}"),
        "type" => format!("type: {}", word(kind)),
        "requests_by_attribute" => "requests_by_attribute: {}".to_owned(),
        "subtype" => "# subtype: Scraping".to_owned(),
        // The name identifies the zone well enough; Cloudflare sets `created_at`.
        "zone_id" | "account_id" | "created_at" => return None,
        name => format!("{name}:"),
    })
}

fn word(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::FalsePositive => "false_positive",
        ReportKind::FalseNegative => "false_negative",
    }
}

/// How a member that is left empty is written.
fn example(name: &str, example: Option<&str>, zone: &ZoneName, kind: ReportKind) -> Option<String> {
    match name {
        "zone" | "type" | "subtype" => None,
        "expression" => Some(likely_expression(zone.as_str(), kind == ReportKind::FalseNegative)),
        "requests_by_attribute" => {
            Some("requests_by_attribute: {topPaths: [{metric: /checkout, requests: 100}]}".to_owned())
        }
        _ => example.map(str::to_owned),
    }
}

/// A text as comments, broken between words.
fn comment(text: &mut String, indent: &str, about: &str) {
    let mut line = format!("# {indent}");
    for word in about.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(line.trim_end());
            line = format!("\n# {indent}");
        }
        line.push_str(word);
        line.push(' ');
    }
    text.push_str(line.trim_end_matches(' '));
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::check_report_text;
    use crate::model::Diagnostic;

    fn template(kind: ReportKind) -> String {
        report_template(&"a.example.com".parse().unwrap(), kind, Some("../schemas/feedback.schema.json"))
    }

    #[test]
    fn nothing_can_be_submitted_before_it_is_filled_in_and_then_it_is_valid() {
        let now = "2026-11-29T00:00:00Z".parse().unwrap();
        for kind in [ReportKind::FalsePositive, ReportKind::FalseNegative] {
            let text = template(kind);
            let (report, problems) = check_report_text("a.yaml", text.as_bytes(), now);
            let empty =
                text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.strip_suffix(':'));
            assert!(report.is_none() && empty.clone().count() == 7, "{problems:?}");
            for key in empty {
                let is_told =
                    |problem: &Diagnostic| problem.message.to_string().contains(&format!("`{key}`"));
                assert!(problems.iter().any(is_told), "{key}: {problems:?}");
            }
            // What the comments show as examples fills it in.
            let filled: String = text
                .lines()
                .map(|line| match line.strip_suffix(':').filter(|_| !line.starts_with('#')) {
                    Some(key) => {
                        let joined = text.replace("\n#   ", " ");
                        let example =
                            joined.lines().find_map(|line| line.split_once(&format!("Example: {key}:")));
                        format!("{key}:{}\n", example.unwrap().1)
                    }
                    None => format!("{line}\n"),
                })
                .collect();
            let (report, problems) = check_report_text("a.yaml", filled.as_bytes(), now);
            assert!(report.is_some() && !problems.iter().any(Diagnostic::is_error), "{filled}\n{problems:?}");
        }
    }

    #[test]
    fn each_member_is_explained_above_it() {
        insta::assert_snapshot!(template(ReportKind::FalsePositive), @r#"
        # yaml-language-server: $schema=../schemas/feedback.schema.json
        # A report cannot be taken back. Fill in what is empty; `botform feedback plan` checks it.

        # The name of the zone, in lower case; an international name in Unicode or in its `xn--` form.
        zone: a.example.com

        # Which way the traffic was misjudged.
        #   false_positive: people, or welcome bots, that were treated as unwelcome bots
        #   false_negative: bots that were let through
        type: false_positive

        # What was misjudged, in words.
        #   Example: description: customers were treated as bots
        description:

        # The filter that matches the misjudged traffic and no other, with a condition on the bot score.
        #   Example: expression: (http.host eq "a.example.com" and http.request.uri.path eq "/checkout" and
        #   cf.bot_management.score lt 30)
        expression:

        # When the first of the requests was seen.
        #   Example: first_request_seen_at: "2026-01-31T08:00:00Z"
        first_request_seen_at:

        # When the last of the requests was seen.
        #   Example: last_request_seen_at: "2026-01-31T09:00:00Z"
        last_request_seen_at:

        # How many requests were misjudged.
        #   Example: requests: 100
        requests:

        # The number of requests by bot score, 1 to 99; the counts add up to `requests`.
        #   Example: requests_by_score: {"1": 100}
        requests_by_score:

        # The number of requests by the engine that scored them; the counts add up to `requests`.
        #   Example: requests_by_score_src: {machine_learning: 100}
        requests_by_score_src:

        # The most frequent values of each attribute; `{}` if there are none.
        #   Example: requests_by_attribute: {topPaths: [{metric: /checkout, requests: 100}]}
        requests_by_attribute: {}

        # The kind of abuse; undocumented kinds are accepted too.
        #   Account Creation Abuse, Ad Fraud, Credit Card Abuse, Cashing Out, Login Abuse, Inventory Abuse,
        #   Denial of Service, Expediting, Fuzzing, Scraping, Spamming, Token Cracking, Vulnerability
        #   Scanning
        # subtype: Scraping
        "#);
    }
}
