//! Everything the README and the pages below `examples` show is run here: commands with their output, files through the
//! checks, links to what is there.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at what it does not expect")]

use botform::Disk;
use botform::config::{self, Loader};
use botform::emulator::{Emulator, World};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The pages whose commands have a repository, a forge or a cluster around them, and tests of their own.
const ELSEWHERE: [&str; 3] =
    ["examples/ci/README.md", "examples/kubernetes/README.md", "examples/terraform/README.md"];

/// The README and all pages below `examples`.
fn pages() -> Vec<PathBuf> {
    let below = walkdir::WalkDir::new("examples").sort_by_file_name().into_iter();
    let below = below.map(|entry| entry.unwrap().into_path()).filter(|path| path.ends_with("README.md"));
    let pages: Vec<_> = [PathBuf::from("README.md")].into_iter().chain(below).collect();
    assert!(pages.len() > 8, "the pages are not where they are looked for");
    pages
}

/// A command of a page, and what it shows of the output.
struct Step {
    command: String,
    shown: Vec<String>,
}

fn blocks(page: &Path, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let opening = format!("```{language}\n");
    text.split(&opening).skip(1).filter_map(|rest| rest.split("\n```").next()).map(str::to_owned).collect()
}

fn steps(page: &Path) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in blocks(page, "console").iter().flat_map(|block| block.lines()) {
        match line.strip_prefix("$ ") {
            Some(command) => steps.push(Step { command: command.to_owned(), shown: Vec::new() }),
            None => steps.last_mut().expect("output follows a command").shown.push(line.to_owned()),
        }
    }
    steps
}

/// Whether an output is the shown one; a line `...` stands for any lines.
fn is_shown(shown: &[String], output: &[String]) -> bool {
    match shown.split_first() {
        None => output.is_empty(),
        Some((line, rest)) if line == "..." => (0..=output.len()).any(|skip| is_shown(rest, &output[skip..])),
        Some((line, rest)) => output.first() == Some(line) && is_shown(rest, &output[1..]),
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The address of an emulator that serves the example world as long as the process lives.
fn serve_example_world() -> String {
    let text = std::fs::read("examples/world.yaml").unwrap();
    let document = config::parse_document("examples/world.yaml", &text, config::Options::default()).unwrap();
    let world = World::read(document.root()).unwrap();
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let emulator = Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap();
            send.send(emulator.base_url()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receive.recv().unwrap()
}

/// The variables that stand before a command, and its words.
type Words<'a> = (Vec<(&'a str, &'a str)>, Vec<&'a str>);

/// The variables and the arguments of a botform command; nothing for commands of the reader's shell.
fn words(command: &str) -> Option<Words<'_>> {
    let mut words = command.split_whitespace().peekable();
    let mut variables = Vec::new();
    while let Some(variable) = words.peek().and_then(|word| word.split_once('=')) {
        variables.push(variable);
        words.next();
    }
    let rest: Vec<_> = words.collect();
    let arguments = rest
        .strip_prefix(&["cargo", "run", "--release", "--"])
        .or_else(|| rest.strip_prefix(&["botform"]))?;
    Some((variables, arguments.to_vec()))
}

/// Does what the reader does in an editor: `$EDITOR FILE   # SETTING: VALUE` changes that line.
fn edit(folder: &Path, command: &str) {
    let (file, line) = command.split_once('#').expect("what is changed in the editor");
    let (path, line) = (folder.join(file.trim()), line.trim());
    let (setting, _) = line.split_once(':').unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let found = text.lines().find(|old| old.trim_start().starts_with(&format!("{setting}: ")));
    let old = found.unwrap_or_else(|| panic!("{setting} is not in {text}"));
    std::fs::write(&path, text.replace(old, &format!("  {line}"))).unwrap();
}

/// Runs the commands of a page in a folder of its own, from top to bottom; returns how many there were.
fn run_page(page: &Path) -> usize {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new("examples"), &folder.path().join("examples"));
    // The README begins with nothing; the other pages are about zone files that are there.
    if page != Path::new("README.md") {
        copy(Path::new("examples/zones"), &folder.path().join("zones"));
    }
    let base_url = serve_example_world();
    let mut code = 0;
    let mut ran = 0;
    let mut steps = steps(page).into_iter().peekable();
    while let Some(Step { command, shown }) = steps.next() {
        if command == "echo $?" {
            assert_eq!(shown, [code.to_string()], "the exit code of the command before");
            continue;
        }
        if let Some(command) = command.strip_prefix("$EDITOR ") {
            edit(folder.path(), command);
            continue;
        }
        let Some((variables, arguments)) = words(&command) else {
            assert!(
                ["cargo test", "cargo install", "export"].iter().any(|known| command.starts_with(known)),
                "{command}"
            );
            continue;
        };
        let output = Command::new(env!("CARGO_BIN_EXE_botform"))
            .args(&arguments)
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("CLOUDFLARE_API_TOKEN", "cfut_of_the_readme")
            .env("CLOUDFLARE_BASE_URL", &base_url)
            .envs(variables)
            .output()
            .unwrap();
        code = output.status.code().unwrap();
        ran += 1;
        let (stdout, stderr) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
        let tells_code = steps.peek().is_some_and(|next| next.command == "echo $?");
        assert!(tells_code || code == 0, "{}: `{command}` fails: {stderr}", page.display());
        let lines: Vec<String> = stdout.trim_end().lines().map(str::to_owned).collect();
        assert!(
            shown.is_empty() || is_shown(&shown, &lines),
            "{}: `{command}` does not show what is said, but:\n{stdout}{stderr}",
            page.display()
        );
    }
    ran
}

#[test]
fn every_command_of_the_pages_does_what_it_shows() {
    let pages = pages().into_iter().filter(|page| ELSEWHERE.iter().all(|other| page != Path::new(other)));
    let ran: usize = std::thread::scope(|scope| {
        let runs: Vec<_> = pages.map(|page| scope.spawn(move || run_page(&page))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    assert!(ran >= 30, "only {ran} commands were found");
}

#[test]
fn every_file_of_the_pages_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new("examples/retail"), folder.path());
    let mut found = 0;
    for page in pages().iter().filter(|page| !page.starts_with("examples/kubernetes")) {
        for text in blocks(page, "yaml") {
            let problems = if text.starts_with("# botform.yaml") {
                config::check_project_text("botform.yaml", text.as_bytes()).1
            } else {
                std::fs::write(folder.path().join("zones/zone.yaml"), &text).unwrap();
                Loader::new(&Disk, folder.path()).load(&["zones/zone.yaml".into()]).problems
            };
            assert!(problems.is_empty(), "{}: {text}\n{problems:?}", page.display());
            found += 1;
        }
    }
    assert!(found >= 4, "only {found} files were found");
}

#[test]
fn every_link_of_the_pages_leads_to_something() {
    let mut found = 0;
    for page in pages().into_iter().chain([".github/CONTRIBUTING.md".into()]) {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("https://") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = page.parent().unwrap().join(path);
            assert!(target.exists(), "{}: {link}", page.display());
            let title = format!("# {}\n", heading.replace('-', " "));
            let is_there = || std::fs::read_to_string(&target).unwrap().to_lowercase().contains(&title);
            assert!(heading.is_empty() || is_there(), "{}: {link}", page.display());
            found += 1;
        }
    }
    assert!(found >= 20, "only {found} links were found");
    let list = std::fs::read_to_string("examples/README.md").unwrap();
    for page in pages().iter().filter_map(|page| page.strip_prefix("examples").ok()) {
        let is_listed = page == Path::new("README.md") || list.contains(&format!("]({})", page.display()));
        assert!(is_listed, "examples/README.md does not list {}", page.display());
    }
}

#[test]
fn the_readme_can_be_read_in_five_minutes() {
    let text = std::fs::read_to_string("README.md").unwrap();
    let words = text.split_whitespace().count();
    assert!(words < 1200, "{words} words: move what is long to a page below examples");
}

#[test]
fn the_exported_schemas_are_the_programs() {
    for entry in std::fs::read_dir("schemas").unwrap().map(Result::unwrap) {
        let file = entry.file_name().into_string().unwrap();
        let name = file.strip_suffix(".schema.json").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_botform")).args(["schema", name]).output().unwrap();
        let exported = String::from_utf8(output.stdout).unwrap();
        let path = entry.path();
        assert!(
            std::fs::read_to_string(&path).unwrap() == exported,
            "run: cargo run -- schema {name} > {}",
            path.display()
        );
    }
}

#[test]
fn the_tables_beside_the_examples_are_the_programs() {
    let output = Command::new(env!("CARGO_BIN_EXE_botform"))
        .args(["explain", "--output", "markdown"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.starts_with("| setting |"), "{printed}");
    let page = std::fs::read_to_string("examples/README.md").unwrap();
    assert!(
        page.ends_with(&printed),
        "replace the tables of examples/README.md by the output of that command"
    );
}
