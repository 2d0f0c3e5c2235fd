//! The pictures of the README: the comment on a pull request and the page, as a browser shows them. They are drawn from
//! what the program writes about a small fleet, with `chromium`, and only where that is asked for:
//!
//! ```text
//! cargo test --test pictures -- --ignored
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Where the pictures are.
const PICTURES: &str = "examples/pictures";

/// How a forge shows a comment, more or less.
const COMMENT: &str = "
    body { margin: 0; padding: 20px; background: #fff; color: #1f2328; font: 14px/1.5 system-ui, 'Liberation Sans', sans-serif; }
    article { border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; }
    article > header { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; color: #59636e; }
    article > header b { color: #1f2328; }
    article > div { padding: 4px 16px 12px; }
    h2 { font-size: 21px; line-height: 1.3; border-bottom: 1px solid #d1d9e0; padding-bottom: 6px; margin: 12px 0; }
    h3 { font-size: 17px; margin: 16px 0 8px; }
    code { background: #818b981f; border-radius: 6px; padding: 2px 5px; font: 12px ui-monospace, 'DejaVu Sans Mono', monospace; }
    table { border-collapse: collapse; margin: 8px 0; }
    th, td { border: 1px solid #d1d9e0; padding: 5px 12px; text-align: left; }
    tr:nth-child(even) td { background: #f6f8fa; }
    p, ul { margin: 8px 0; } ul { padding-left: 24px; } details { margin: 4px 0; } summary { cursor: pointer; }";

/// A zone of the fleet: its name and variant, what its file wants, what is live, what else the file says, its faults.
type Zone = (&'static str, &'static str, &'static [(&'static str, &'static str)], Value, &'static str, Value);

fn zones() -> Vec<Zone> {
    let free = |training: &str| json!({"enable_js": true, "fight_mode": false, "ai_training": training, "crawler_protection": "disabled", "ai_bots_protection": "disabled"});
    let pro = |verified: &str, robots: bool| json!({"enable_js": true, "sbfm_definitely_automated": "allow", "sbfm_verified_bots": verified, "is_robots_txt_managed": robots, "ai_search": "disabled", "ai_bots_protection": "disabled", "sbfm_static_resource_protection": false, "optimize_wordpress": false});
    let none = || json!([]);
    vec![
        (
            "blog.example.com",
            "bot_fight_mode",
            &[("fight_mode", "true"), ("enable_js", "true"), ("ai_training", "disallow")],
            free("disabled"),
            "",
            none(),
        ),
        (
            "careers.example.com",
            "bot_fight_mode",
            &[("fight_mode", "true"), ("enable_js", "true")],
            free("disallow"),
            "",
            none(),
        ),
        (
            "docs.example.com",
            "sbfm_pro",
            &[("sbfm_definitely_automated", "managed_challenge"), ("ai_bots_protection", "block")],
            pro("allow", true),
            "",
            none(),
        ),
        (
            "help.example.com",
            "sbfm_pro",
            &[("sbfm_definitely_automated", "managed_challenge"), ("ai_bots_protection", "block")],
            pro("allow", true),
            "",
            none(),
        ),
        (
            "media.example.com",
            "sbfm_pro",
            &[("sbfm_definitely_automated", "allow"), ("sbfm_verified_bots", "block")],
            pro("allow", false),
            "",
            none(),
        ),
        (
            "partners.example.com",
            "sbfm_pro",
            &[("sbfm_definitely_automated", "block")],
            pro("allow", false),
            "freeze: {reason: Black Friday, until: 2099-12-01}\n",
            none(),
        ),
        (
            "shop.example.com",
            "sbfm_pro",
            &[("sbfm_definitely_automated", "managed_challenge"), ("is_robots_txt_managed", "false")],
            pro("allow", true),
            "",
            none(),
        ),
        (
            "status.example.com",
            "sbfm_pro",
            &[("sbfm_definitely_automated", "allow"), ("sbfm_verified_bots", "allow")],
            pro("allow", false),
            "",
            none(),
        ),
        (
            "tickets.example.com",
            "sbfm_pro",
            &[("sbfm_verified_bots", "allow")],
            pro("allow", false),
            "",
            json!([{"on": "GET", "count": 9, "do": "status", "status": 403}]),
        ),
        (
            "www.example.com",
            "sbfm_pro",
            &[("sbfm_verified_bots", "allow"), ("ai_bots_protection", "disabled")],
            pro("allow", false),
            "",
            none(),
        ),
    ]
}

/// Writes the fleet, and the program's report about it as a comment and as a page.
fn report(folder: &Path) {
    std::fs::create_dir_all(folder.join("zones")).unwrap();
    let zones = zones().into_iter().map(|(name, plan, wanted, live, more, faults)| {
        let settings: String =
            wanted.iter().map(|(setting, value)| format!("  {setting}: {value}\n")).collect();
        let file = format!("zone: {name}\nplan: {plan}\nsettings:\n{settings}{more}");
        std::fs::write(folder.join(format!("zones/{name}.yaml")), file).unwrap();
        json!({"name": name, "plan": plan, "live": live, "faults": faults})
    });
    let world = json!({"zones": zones.collect::<Vec<_>>()}).to_string();
    std::fs::write(folder.join("world.yaml"), world).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_botform"))
        .args([
            "plan",
            "--emulate",
            "world.yaml",
            "--output",
            "markdown=comment.md",
            "--output",
            "html=page.html",
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A comment as a forge shows it.
fn comment(markdown: &str) -> String {
    let mut page = String::new();
    let mut is_head = false;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::TableHead) => is_head = true,
            Event::End(TagEnd::TableHead) => is_head = false,
            _ => {}
        }
        match event {
            Event::Start(Tag::TableHead) | Event::Start(Tag::TableRow) => page.push_str("<tr>"),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => page.push_str("</tr>"),
            Event::Start(Tag::TableCell) => page.push_str(if is_head { "<th>" } else { "<td>" }),
            Event::Start(tag) => page.push_str(&format!("<{}>", element(&tag.to_end()))),
            Event::End(end) => page.push_str(&format!("</{}>", element(&end))),
            Event::Text(text) => page.push_str(&escaped(&text)),
            Event::Code(text) => page.push_str(&format!("<code>{}</code>", escaped(&text))),
            Event::Html(html) | Event::InlineHtml(html) => page.push_str(&html),
            Event::SoftBreak | Event::HardBreak => page.push('\n'),
            other => panic!("{other:?}"),
        }
    }
    format!(
        "<!DOCTYPE html><meta charset=utf-8><style>{COMMENT}</style><article><header><b>github-actions</b> commented</header><div>{page}</div></article>"
    )
}

/// The element of a part of Markdown.
fn element(end: &TagEnd) -> String {
    match end {
        TagEnd::Heading(level) => level.to_string(),
        TagEnd::Paragraph => "p".to_owned(),
        TagEnd::List(_) => "ul".to_owned(),
        TagEnd::Item => "li".to_owned(),
        TagEnd::Table => "table".to_owned(),
        TagEnd::Strong => "b".to_owned(),
        TagEnd::CodeBlock => "pre".to_owned(),
        TagEnd::Link => "a".to_owned(),
        _ => "span".to_owned(),
    }
}

/// Draws a page of a size into a picture.
fn draw(page: &Path, picture: &Path, (width, height): (u32, u32)) {
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args(["--hide-scrollbars", "--virtual-time-budget=2000", "--force-device-scale-factor=1.5"])
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("--user-data-dir={}", page.parent().unwrap().join("profile").display()))
        .arg(format!("--screenshot={}", picture.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let size = std::fs::metadata(picture).map(|file| file.len()).unwrap_or_default();
    assert!(size > 10_000 && size < 300_000, "{size}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "needs chromium, and writes pictures"]
fn the_comment_and_the_page_are_drawn_for_the_readme() {
    let folder = tempfile::tempdir().unwrap();
    report(folder.path());
    let markdown = std::fs::read_to_string(folder.path().join("comment.md")).unwrap();
    std::fs::write(folder.path().join("comment.html"), comment(&markdown)).unwrap();
    let pictures = std::env::current_dir().unwrap().join(PICTURES);
    std::fs::create_dir_all(&pictures).unwrap();
    draw(&folder.path().join("comment.html"), &pictures.join("comment.png"), (1120, 720));
    draw(&folder.path().join("page.html"), &pictures.join("page.png"), (1360, 700));
}
