//! Everything the README shows is run here: its commands with their output, its files through the checks.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at what it does not expect")]

use botform::Disk;
use botform::config::{self, Loader};
use botform::emulator::{Emulator, World};
use std::path::Path;
use std::process::Command;

/// A command of the README, and what it shows of the output.
struct Step {
    command: String,
    shown: Vec<String>,
}

fn blocks(language: &str) -> Vec<String> {
    let readme = include_str!("../README.md");
    let opening = format!("```{language}\n");
    readme.split(&opening).skip(1).filter_map(|rest| rest.split("\n```").next()).map(str::to_owned).collect()
}

fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in blocks("console").iter().flat_map(|block| block.lines()) {
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

/// The arguments of a botform command; nothing for commands of the reader's shell.
fn arguments(command: &str) -> Option<Vec<&str>> {
    let arguments =
        command.strip_prefix("cargo run --release -- ").or_else(|| command.strip_prefix("botform "))?;
    Some(arguments.split_whitespace().collect())
}

#[test]
fn every_command_of_the_readme_does_what_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new("examples"), &folder.path().join("examples"));
    copy(Path::new("examples/zones"), &folder.path().join("zones"));
    let base_url = serve_example_world();
    let mut code = 0;
    let mut ran = 0;
    let mut steps = steps().into_iter().peekable();
    while let Some(Step { command, shown }) = steps.next() {
        if command == "echo $?" {
            assert_eq!(shown, [code.to_string()], "the exit code of the command before");
            continue;
        }
        let Some(arguments) = arguments(&command) else {
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
            .output()
            .unwrap();
        code = output.status.code().unwrap();
        ran += 1;
        let tells_code = steps.peek().is_some_and(|next| next.command == "echo $?");
        assert!(tells_code || code == 0, "`{command}` fails: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<String> = text.trim_end().lines().map(str::to_owned).collect();
        assert!(
            shown.is_empty() || is_shown(&shown, &lines),
            "`{command}` does not show what the README says, but:\n{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(ran >= 10, "only {ran} commands were found");
}

#[test]
fn every_file_of_the_readme_is_valid() {
    let files = blocks("yaml");
    assert!(files.len() >= 2);
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new("examples/retail"), folder.path());
    for text in files {
        let problems = if text.starts_with("# botform.yaml") {
            config::check_project_text("botform.yaml", text.as_bytes()).1
        } else {
            std::fs::write(folder.path().join("zones/zone.yaml"), &text).unwrap();
            Loader::new(&Disk, folder.path()).load(&["zones/zone.yaml".into()]).problems
        };
        assert!(problems.is_empty(), "{text}\n{problems:?}");
    }
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
