//! Checks of each format, whatever it reports: readable by an independent parser, with the counts of the JSON document,
//! and consistent with the exit code.

use crate::story::{Run, Story};
use pulldown_cmark::{Event, Options, Parser, Tag};
use quick_junit::{NonSuccessKind, Report as Junit, TestCaseStatus};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;

/// The flags that ask for all formats at once.
pub(crate) const ALL: &str = "--output json=r.json --output markdown=r.md --output github=r.github \
    --output sarif=r.sarif --output junit=r.xml --output gitlab=r.gitlab --output html=r.html --output text";

/// The command with all formats, in a job of GitHub Actions.
pub(crate) fn in_all_formats(story: &Story, line: &str) -> Command {
    for file in ["summary.md", "values"] {
        story.write(file, "");
    }
    let mut command = story.command(&format!("{line} {ALL}"));
    command.env("GITHUB_STEP_SUMMARY", story.path("summary.md")).env("GITHUB_OUTPUT", story.path("values"));
    command
}

/// What a run reported, read back from its JSON document.
pub(crate) struct Told {
    pub(crate) json: Value,
    pub(crate) exit: i32,
}

impl Told {
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.json["summary"][name].as_u64().unwrap_or_default()
    }

    fn outcomes(&self) -> Vec<&str> {
        self.zones().iter().filter_map(|zone| zone["outcome"].as_str()).collect()
    }

    fn zones(&self) -> &[Value] {
        self.json["zones"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn has_plan(&self) -> bool {
        self.json.get("summary").is_some()
    }

    /// The exit code that follows from the document, without `--detailed-exitcode`.
    fn exit_of_document(&self) -> i32 {
        if self.json.get("refusals").is_some() {
            return 5;
        }
        if !self.has_plan() {
            let problems = self.json["problems"].as_array().unwrap();
            return i32::from(problems.iter().any(|problem| problem["severity"] == "error"));
        }
        let good = ["applied", "in_sync", "protected", "held", "unverified"];
        let (failed, usable) = match self.outcomes().as_slice() {
            [] => {
                (self.count("failed") + self.count("blocked"), self.count("change") + self.count("in_sync"))
            }
            words => {
                let usable = words.iter().filter(|word| good.contains(word)).count() as u64;
                (words.len() as u64 - usable, usable)
            }
        };
        match (failed, usable) {
            (0, _) => 0,
            (_, 0) => 1,
            _ => 3,
        }
    }
}

/// Checks all formats of a run against each other and its exit code.
pub(crate) fn check_all(story: &Story, run: &Run) -> Told {
    let json: Value = serde_json::from_str(&story.read("r.json")).unwrap();
    let told = Told { json, exit: run.exit };
    assert_eq!(told.exit_of_document(), run.exit, "{:#}\n{run}", told.json);
    for (page, most) in [("r.md", 65_000), ("summary.md", 1 << 20)] {
        check_markdown(&story.read(page), most, &told);
    }
    check_annotations(&story.read("r.github"), &told);
    check_values(&story.read("values"), &told);
    check_sarif(&serde_json::from_str(&story.read("r.sarif")).unwrap(), &told);
    check_junit(&story.read("r.xml"), &told);
    check_gitlab(&serde_json::from_str(&story.read("r.gitlab")).unwrap(), &told);
    check_html(&story.read("r.html"), &told);
    told
}

/// The data of a page, once it is shown that nothing in it acts but its own script.
pub(crate) fn check_html(page: &str, told: &Told) -> Value {
    assert_eq!((page.matches("<script").count(), page.matches("</script>").count()), (2, 2), "{page}");
    assert!(page.contains("default-src 'none'") && page.ends_with("</html>"), "{page}");
    assert!(
        ["src=", "href=", "url(", "onerror="].iter().all(|loads| !markup(page).contains(loads)),
        "{page}"
    );
    let (_, data) = page.split_once("type=\"application/json\">").unwrap();
    let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    assert!(page.contains(&format!("Exit code {}: ", told.exit)), "{page}");
    let zones = data["zones"].as_array().unwrap();
    assert_eq!(zones.len(), told.zones().len());
    for (drawn, zone) in zones.iter().zip(told.zones()) {
        let status = drawn["status"].as_u64().unwrap() as usize;
        assert_eq!((&drawn["name"], &data["texts"][status]), (&zone["zone"], &zone["status"]));
        assert_eq!(drawn.get("outcome").unwrap_or(&Value::Null), &zone["outcome"]);
        if zone["diagnostics"].as_array().is_some_and(|said| !said.is_empty()) {
            assert!(drawn["messages"].as_array().is_some_and(|said| !said.is_empty()), "{drawn}");
        }
    }
    let has_said = page.contains("<ul id=\"said\">");
    assert!(has_said || (told.has_plan() && told.json.get("refusals").is_none()) || told.exit == 0, "{page}");
    assert_eq!(
        page.contains("loosen</h1>")
            || page.contains("loosens</h1>")
            || page.contains(" loosen, ")
            || page.contains(" loosens, "),
        told.count("loosens") > 0,
        "{page}"
    );
    data
}

/// A page without its data, whose texts are no markup, and without its own script.
fn markup(page: &str) -> String {
    let mut parts =
        page.split("<script").map(|part| part.split_once("</script>").map_or(part, |(_, rest)| rest));
    parts.by_ref().collect()
}

/// The tags that are ours.
const TAGS: [&str; 6] = ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>"];

/// The text of a page outside of code, once it is shown that all is closed and nothing is a tag but ours.
pub(crate) fn check_page(page: &str) -> String {
    let closed = format!("{page}\nAFTER THE PAGE\n");
    let (mut depth, mut in_code, mut plain) = (0_i32, 0_i32, String::new());
    let mut is_after = false;
    let mut nested = Vec::new();
    for event in Parser::new_ext(&closed, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => panic!("an image {dest_url} in\n{page}"),
            Event::Start(tag) => {
                if let Tag::Link { dest_url, .. } = &tag {
                    assert!(!dest_url.contains(':'), "a link to {dest_url} in\n{page}");
                }
                nested.push(tag);
            }
            Event::End(_) => drop(nested.pop()),
            Event::Html(html) | Event::InlineHtml(html) => {
                for tag in
                    html.split_inclusive('>').filter_map(|piece| piece.find('<').map(|at| &piece[at..]))
                {
                    assert!(TAGS.contains(&tag) || tag.starts_with("<!-- botform key="), "{tag} in\n{page}");
                    depth += i32::from(tag == "<details>") - i32::from(tag == "</details>");
                    in_code += i32::from(tag == "<code>") - i32::from(tag == "</code>");
                }
            }
            Event::Text(text) => {
                is_after |= *text == *"AFTER THE PAGE" && matches!(nested.as_slice(), [Tag::Paragraph]);
                if in_code == 0 && !matches!(nested.last(), Some(Tag::CodeBlock(_))) {
                    plain.push_str(&text);
                }
            }
            _ => {}
        }
    }
    assert!(is_after && depth == 0 && in_code == 0, "something is not closed ({depth}):\n{page}");
    plain
}

fn check_markdown(page: &str, most: usize, told: &Told) {
    check_page(page);
    let mut lines = page.lines();
    let first = lines.next().unwrap();
    assert!(first.starts_with("<!-- botform key=\"") && first.contains("truncated=\"no\""), "{first}");
    let heading = lines.next().unwrap();
    assert!(heading.starts_with("## botform ") && !heading.contains("**"), "{heading}");
    if let Some(digest) = told.json["digest"].as_str() {
        assert!(page.contains(&format!("\nDigest: `{}`\n", &digest[..32])), "{page}");
    }
    assert!(page.contains(&format!("Exit code {}: ", told.exit)), "{page}");
    assert!(page.encode_utf16().count() <= most && page.len() <= most.max(4 * 65_000));
    let loosens = told.count("loosens");
    assert_eq!(heading.contains("loosen"), loosens > 0, "{heading}");
    assert_eq!(page.contains("### Refused"), told.exit == 5 && told.json.get("refusals").is_some(), "{page}");
    if told.outcomes().is_empty() && told.has_plan() {
        let failures = told.count("blocked") + told.count("failed");
        assert_eq!(page.contains("### Blocked and failed zones"), failures > 0, "{page}");
    }
    if told.count("change") > 0 {
        let digest = told.json["digest"].as_str().unwrap();
        assert!(first.contains(&digest[..32]), "{page}");
        assert!(page.contains("### Changes") && page.contains("```diff"), "{page}");
    }
}

/// The levels of annotations with their messages, once each line is shown to be a command or the last line.
pub(crate) fn annotations(text: &str) -> Vec<Annotation<'_>> {
    let (commands, last) = text.trim_end().rsplit_once('\n').unwrap_or(("", text.trim_end()));
    assert!(last.starts_with("botform ") && !last.contains("::"), "{text}");
    commands.lines().map(|line| annotation(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

/// A level, properties and a message.
type Annotation<'a> = (&'a str, BTreeMap<&'a str, &'a str>, &'a str);

fn annotation(line: &str) -> Option<Annotation<'_>> {
    let (head, data) = line.strip_prefix("::")?.split_once("::")?;
    let (level, properties) = head.split_once(' ')?;
    let properties = properties.split(',').map(|pair| pair.split_once('=').unwrap()).collect();
    Some((level, properties, data))
}

fn check_annotations(text: &str, told: &Told) {
    let found = annotations(text);
    for level in ["error", "warning", "notice"] {
        assert!(found.iter().filter(|(other, ..)| *other == level).count() <= 10, "{text}");
    }
    assert!(found.iter().all(|(level, properties, _)| {
        let known = ["file", "line", "col", "endLine", "endColumn", "title"];
        ["error", "warning", "notice"].contains(level) && properties.keys().all(|name| known.contains(name))
    }));
    let has_errors = found.iter().any(|(level, ..)| *level == "error");
    assert_eq!(has_errors, !matches!(told.exit, 0 | 2), "{text}");
    assert!(text.contains(&format!("(exit code {}: ", told.exit)), "{text}");
}

fn check_values(text: &str, told: &Told) {
    let values: BTreeMap<&str, &str> = text.lines().map(|line| line.split_once('=').unwrap()).collect();
    assert_eq!(values["exit-code"], told.exit.to_string());
    assert_eq!(values["changes"], told.count("change").to_string());
    assert_eq!(values["loosens"], told.count("loosens").to_string());
    let digest = told.json["digest"].as_str().map(|digest| &digest[..32]).unwrap_or_default();
    assert_eq!(values["digest"], digest);
}

fn check_sarif(log: &Value, told: &Told) {
    let run = &log["runs"][0];
    assert_eq!((&log["version"], &run["invocations"][0]["exitCode"]), (&json!("2.1.0"), &json!(told.exit)));
    assert_eq!(run["invocations"][0]["executionSuccessful"], told.exit == 0 || told.exit == 2);
    let results = run["results"].as_array().unwrap();
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let has_errors = results.iter().chain(notifications).any(|said| said["level"] == "error");
    assert_eq!(has_errors, !matches!(told.exit, 0 | 2), "{log:#}");
    let mut prints = std::collections::BTreeSet::new();
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert!(prints.insert(result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap()));
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            place["artifactLocation"]["uri"].is_string() && place["region"]["startLine"].is_u64(),
            "{result:#}"
        );
    }
}

fn check_junit(xml: &str, told: &Told) {
    let report = Junit::deserialize_from_str(xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let suite = &report.test_suites[0];
    let count = |wanted: NonSuccessKind| {
        let is = |status: &TestCaseStatus| matches!(status, TestCaseStatus::NonSuccess { kind, .. } if *kind == wanted);
        suite.test_cases.iter().filter(|case| is(&case.status)).count()
    };
    let (failures, errors) = (count(NonSuccessKind::Failure), count(NonSuccessKind::Error));
    assert_eq!((report.failures, report.errors), (failures, errors));
    let zones = suite
        .test_cases
        .iter()
        .filter(|case| case.classname.as_ref().is_some_and(|name| name.as_str() == "zones"));
    assert_eq!(zones.count(), told.zones().len(), "{xml}");
    if !matches!(told.exit, 0 | 2) {
        assert!(failures + errors > 0, "{xml}");
    }
    if told.outcomes().is_empty() && told.has_plan() && told.exit != 5 {
        // Nothing says who moved, so that only a run that asks for differences takes them for drift.
        let drifted = if told.exit == 2 { told.count("change") } else { 0 };
        assert_eq!(failures as u64, drifted + told.count("blocked"), "{xml}");
    }
    assert!(xml.contains(&format!("name=\"exit-code\" value=\"{}\"", told.exit)), "{xml}");
}

fn check_gitlab(report: &Value, told: &Told) {
    let written = ["applied", "unverified", "not_applied", "collateral"];
    let has_written = told.outcomes().iter().any(|word| written.contains(word));
    let has_counts = match told.outcomes().as_slice() {
        [] => told.exit != 1,
        _ => told.exit == 0 || has_written,
    };
    if !has_counts {
        return assert!(report.get("update").is_none() && report["error"].is_string(), "{report}");
    }
    let update = match told.outcomes().as_slice() {
        [] => {
            let is_updated = |zone: &&Value| zone["status"] == "change" && !zone["body"].is_null();
            told.zones().iter().filter(is_updated).count()
        }
        words => words.iter().filter(|word| written.contains(word)).count(),
    };
    assert_eq!(*report, json!({"create": 0, "update": update, "delete": 0}));
}

/// The samples of Prometheus text, once it has its form: each family once, with its type before its samples.
pub(crate) fn samples(text: &str) -> BTreeMap<String, f64> {
    let (mut types, mut samples) = (BTreeMap::new(), BTreeMap::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(types.insert(name, kind).is_none() && kind == "gauge", "{line}");
        } else if !line.starts_with("# HELP ") {
            let (series, value) = line.rsplit_once(' ').unwrap();
            assert!(types.contains_key(series.split('{').next().unwrap()), "{line}");
            assert!(samples.insert(series.to_owned(), value.parse().unwrap()).is_none(), "{line}");
        }
    }
    assert!(text.ends_with('\n'));
    samples
}
