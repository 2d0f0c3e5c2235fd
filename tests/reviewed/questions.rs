//! What a reviewer asks of a plan, and where each format answers it.

use crate::since::git;
use crate::story::{Run, Story};
use serde_json::{Value, json};

const FORMATS: [&str; 4] = ["text", "markdown", "github", "html"];

/// A question, and what each format says about it: text, Markdown, annotations, page. Of a format without an entry
/// nothing is asked. `{at}`, `{commit}` and `{digest}` stand for those of the plan.
type Question = (&'static str, [&'static [&'static str]; 4]);

/// The same answer in all formats but the page, and another one there.
const fn said(
    answer: &'static [&'static str],
    page: &'static [&'static str],
) -> [&'static [&'static str]; 4] {
    [answer, answer, answer, page]
}

/// The same answer in all formats.
const fn all(answer: &'static [&'static str]) -> [&'static [&'static str]; 4] {
    said(answer, answer)
}

const NO_PAGE: &[&str] = &[];

const QUESTIONS: [Question; 20] = [
    ("which rules are softer?", all(&["policy pinned is gone", "2 rules weakened"])),
    ("what passes by them?", all(&["ai_bots_protection is pinned to block, not disabled"])),
    (
        "whom do changes shut out?",
        all(&["1 change shuts out search engines", "shuts out search engines (medium confidence)"]),
    ),
    (
        "what loosens?",
        [
            &["2 changes loosen"],
            &["2 changes loosen", "loosens"],
            &["2 changes loosen"],
            &["2 changes loosen"],
        ],
    ),
    ("what failed, and why?", all(&["(zone lost.example) was refused with status 403"])),
    ("what to do about it?", all(&["the token has no access to zone lost.example"])),
    (
        "how does it end?",
        [
            &["1 failed"],
            &["Exit code 3: partial: 1 zone failed or blocked"],
            &["exit code 3: partial: 1 zone failed or blocked"],
            &["Exit code 3: partial: 1 zone failed or blocked"],
        ],
    ),
    (
        "how much would be written?",
        [
            &["3 zones to change (5 settings)"],
            &["3 of 10 zones to change"],
            &["3 of 10 zones to change"],
            &["3 of 10 zones to change"],
        ],
    ),
    ("from when is it?", all(&["Made {at}"])),
    ("of which commit?", all(&["on commit {commit}"])),
    ("where do the values come from?", all(&["from the live zones at http://127.0.0.1"])),
    (
        "what is it compared with, and who moved how much?",
        all(&["Compared with applied: 3 settings moved live, 5 settings moved in the file"]),
    ),
    (
        "who moved this?",
        [
            &["disabled → block tightens blocks social previews (low confidence) :4 file moved"],
            &["disabled → block | the file | blog.example"],
            &[
                "blog.example: ai_bots_protection: disabled → block (tightens); blocks social previews (low confidence); file moved",
            ],
            NO_PAGE,
        ],
    ),
    (
        "why is it not written: protected?",
        [
            &["not written, protected until 2099-01-02: big sale", "2 zones are protected"],
            &["Protected, not written (2)", "until 2099-01-02: big sale"],
            &["not written, protected until 2099-01-02: big sale"],
            &["2 zones are protected", "big sale"],
        ],
    ),
    (
        "why is it not written: held, and what are the ways out?",
        said(
            &[
                "held",
                "write ai_bots_protection: block in zones/held.example.yaml to keep it, or loosen it anyway with --confirm-loosening held.example",
            ],
            &["write ai_bots_protection: block in zones/held.example.yaml to keep it"],
        ),
    ),
    (
        "until when does a temporary value count, why, and what comes then?",
        said(&["temporary until 2099-12-05, then managed_challenge: load test"], NO_PAGE),
    ),
    (
        "what is accepted, until when, and why?",
        said(
            &["accepted until 2099-12-31: legal is asking", "1 deviation accepted until 2099-12-31"],
            &["1 deviation accepted until 2099-12-31", "legal is asking"],
        ),
    ),
    (
        "is the plan variant right, and what to write?",
        all(&["the file says plan: sbfm_pro, but live is sbfm_business", "write plan: sbfm_business"]),
    ),
    ("what acts that no file wants?", all(&["1 stale setting still acts on traffic", "fight_mode"])),
    (
        "what do I approve?",
        [&["Digest: {digest}"], &["\nDigest: {digest}\n"], &["Digest: {digest}"], &["{digest}"]],
    ),
];

/// Ten zones, each with something of its own to ask about.
fn story() -> Story {
    let pro = |name: &str, ai_bots: &str| {
        json!({"name": name, "plan": "pro", "live": {"enable_js": true, "sbfm_verified_bots": "allow",
            "ai_bots_protection": ai_bots, "ai_search": "disabled", "ai_user": "disabled",
            "sbfm_definitely_automated": "managed_challenge"}})
    };
    let mut zones: Vec<_> = [
        ("blog", "disabled"),
        ("held", "block"),
        ("shop", "block"),
        ("temp", "block"),
        ("waived", "disabled"),
    ]
    .map(|(name, ai_bots)| pro(&format!("{name}.example"), ai_bots))
    .into();
    let quiet = json!({"enable_js": false, "sbfm_verified_bots": "allow"});
    zones.extend(
        ["frozen.example", "guarded.example"].map(|name| json!({"name": name, "plan": "pro", "live": quiet})),
    );
    zones.push(json!({"name": "variant.example", "plan": "business", "live": {"sbfm_verified_bots": "allow", "sbfm_likely_automated": "allow"}}));
    zones.push(
        json!({"name": "lost.example", "plan": "pro", "faults": [{"on": "GET", "do": "forbidden_zone"}]}),
    );
    zones.push(json!({"name": "stale.example", "plan": "pro", "live": {"sbfm_verified_bots": "allow"}, "stale": {"fight_mode": true}}));
    let story = Story::new(json!(zones));
    git(&story.path(""), "init --quiet --initial-branch=main");
    story.write(
        "botform.yaml",
        "guards: {max_loosening: 1}\npolicy: [{id: pinned, reason: agreed, pin: {ai_bots_protection: block}, zones: [shop.example]}]\n",
    );
    for (name, settings, more) in [
        ("shop", "ai_bots_protection: block", ""),
        ("blog", "ai_bots_protection: disabled", ""),
        ("temp", "sbfm_definitely_automated: managed_challenge", ""),
        ("held", "ai_bots_protection: disabled", ""),
        (
            "waived",
            "ai_bots_protection: block",
            "accept: [{setting: ai_bots_protection, reason: legal is asking, until: 2099-12-31}]\n",
        ),
        ("frozen", "enable_js: true", "freeze: {reason: big sale, until: 2099-01-02}\n"),
        ("guarded", "enable_js: true", "protect: true\n"),
        ("variant", "sbfm_verified_bots: allow", ""),
        ("lost", "enable_js: true", ""),
        ("stale", "sbfm_verified_bots: allow", ""),
    ] {
        zone(&story, name, settings, more);
    }
    git(&story.path(""), "add botform.yaml zones");
    git(&story.path(""), "commit --quiet --message=first");
    git(&story.path(""), "tag applied");
    story.write("botform.yaml", "guards: {max_loosening: 50}\n");
    zone(
        &story,
        "shop",
        "ai_bots_protection: disabled\nai_search: block\nai_user: block\ncontent_bots_protection: block",
        "",
    );
    zone(&story, "blog", "ai_bots_protection: block", "");
    let load_test = "temporary: [{setting: sbfm_definitely_automated, value: allow, until: 2099-12-05, reason: load test}]\n";
    zone(&story, "temp", "sbfm_definitely_automated: managed_challenge", load_test);
    story
}

fn zone(story: &Story, name: &str, settings: &str, more: &str) {
    let settings: String = settings.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("zone: {name}.example\nplan: sbfm_pro\nsettings:\n{settings}{more}");
    story.write(&format!("zones/{name}.example.yaml"), text);
}

/// A plan in all formats.
fn plan(story: &Story, more: &str) -> Run {
    let outputs: Vec<_> = FORMATS.iter().map(|format| format!("--output {format}=out.{format}")).collect();
    let run = story.run(&format!("plan --since applied --output json=out.json {} {more}", outputs.join(" ")));
    assert_eq!(run.exit, 3, "{run}");
    run
}

/// What a format says, without its marks; in one line, but for the lines of Markdown.
fn plain(story: &Story, format: &str) -> String {
    let text = story.read(&format!("out.{format}"));
    let text = ["`", "<code>", "</code>", "**", "\\"].iter().fold(text, |text, mark| text.replace(mark, ""));
    let text = text.replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", "\"");
    match format {
        "markdown" => text,
        _ => text.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

#[test]
fn each_question_of_a_reviewer_is_answered_in_each_format() {
    let story = story();
    git(&story.path(""), "add botform.yaml zones");
    git(&story.path(""), "commit --quiet --message=second");
    plan(&story, "");
    let json: Value = serde_json::from_str(&story.read("out.json")).unwrap();
    let text = |key: &str| json[key].as_str().unwrap().to_owned();
    let (at, digest) = (text("created_at"), text("digest")[..32].to_owned());
    let commit = text("commit")[..12].to_owned();
    let mut unanswered = Vec::new();
    for (index, format) in FORMATS.iter().enumerate() {
        let said = plain(&story, format);
        for (question, answers) in QUESTIONS {
            for answer in answers[index] {
                let answer =
                    answer.replace("{at}", &at).replace("{commit}", &commit).replace("{digest}", &digest);
                if !said.contains(&answer) {
                    unanswered.push(format!("{format}: {question} {answer}"));
                }
            }
        }
    }
    assert!(unanswered.is_empty(), "{}\n{}", unanswered.join("\n"), story.read("out.markdown"));
}

#[test]
fn a_plan_from_a_snapshot_says_so_and_how_old_it_is_in_each_format() {
    let story = story();
    assert_eq!(story.run("snapshot snapshot.json").exit, 3);
    plan(&story, "--live snapshot.json");
    for format in FORMATS {
        let said = plain(&story, format);
        assert!(said.contains("Planned from a snapshot that was 0m old, taken at 2"), "{format}: {said}");
        assert!(!said.contains("from the live zones"), "{format}: {said}");
    }
}

#[test]
fn the_most_urgent_comes_first() {
    let story = story();
    plan(&story, "");
    let page = story.read("out.markdown");
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} in\n{page}"));
    let order = [
        "## botform plan: 2 rules weakened, 1 change shuts out search engines, 2 changes loosen, 1 of 10 zones failed, 3 of 10 zones to change",
        "Exit code 3",
        "\nDigest: `",
        "### 2 rules weakened",
        "### Changes that shut out search engines",
        "### Changes that loosen protection",
        "### Blocked and failed zones",
        "### Other changes",
        "### Held, not written",
        "Protected, not written",
        "```diff",
    ];
    let places = order.map(at);
    assert!(places.is_sorted(), "{places:?} in\n{page}");
    let heading = page.lines().find(|line| line.starts_with("## ")).unwrap();
    assert!(!heading.contains("**"), "{heading}");
    let log = story.read("out.github");
    let rules: Vec<_> =
        log.lines().filter_map(|line| line.split_once("title=botform ")?.1.split("::").next()).collect();
    assert_eq!(rules[..5], ["weakened", "weakened", "shuts-out", "loosens", "loosens"], "{log}");
}

#[test]
fn protected_and_held_zones_are_no_changes_for_later_steps() {
    let story = story();
    story.write("values", "");
    let mut command = story.command("plan --since applied --output github");
    command.env("GITHUB_OUTPUT", story.path("values"));
    assert_eq!(story.end(command).exit, 3);
    assert!(
        story.read("values").starts_with("changes=3\nloosens=2\nshuts-out=1\nweakened=2\n"),
        "{}",
        story.read("values")
    );
}
