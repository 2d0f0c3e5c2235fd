//! A story: zone files in a folder of their own, a world behind them, and the real binary between the two.
//! The environment is scrubbed, so that nothing of the machine leaks in.

use botform::emulator::{Emulator, World};
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fmt, fs, thread};
use tempfile::TempDir;

/// The token of all stories: nothing may ever show it.
pub(crate) const TOKEN: &str = "cfut_5ecretTokenOfTheStories000000000000";

/// The binary.
pub(crate) const BOTFORM: &str = env!("CARGO_BIN_EXE_botform");

/// How long a story waits for an expected event: long enough that only a hang exceeds it, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// The prefix of a zone's line of counts.
const COUNTS: &str = "      ";

/// Values that differ in each run or with each new setting, and their placeholders in snapshots.
const FILTERS: [(&str, &str); 8] = [
    (r"in sync, \d+ unmanaged", "in sync, [n] unmanaged"),
    (r"http://127\.0\.0\.1:\d+", "http://[api]"),
    (r"(?m)^journal: .*$", "journal: [file]"),
    (r"Digest: [0-9a-f]+", "Digest: [digest]"),
    (r"Made [0-9T:-]+Z( on commit [0-9a-f]{12})?", "Made [time]"),
    (r"[0-9a-f]{16}-LHR", "[ray]"),
    (r"\b[0-9a-f]{32}\b", "[id]"),
    (r"/tmp/[^/ ]*/", "[folder]/"),
];

/// Zone files and the world they are about.
pub(crate) struct Story {
    folder: TempDir,
    emulator: Emulator,
    _filters: insta::internals::SettingsBindDropGuard,
}

impl Story {
    /// A story in a world of zones.
    pub(crate) fn new(zones: Value) -> Self {
        Self::world(&json!({ "zones": zones }))
    }

    /// A story in a world.
    pub(crate) fn world(world: &Value) -> Self {
        Self::of(World::read(world).unwrap_or_else(|errors| panic!("{errors:?}")))
    }

    /// A story in a world that is made already.
    pub(crate) fn of(world: World) -> Self {
        let mut settings = insta::Settings::clone_current();
        FILTERS.into_iter().for_each(|(pattern, shown)| settings.add_filter(pattern, shown));
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder, emulator: serve(world), _filters: settings.bind_to_scope() }
    }

    /// A Pro zone as such zones are, `shop.example.com`, and a file with these settings.
    pub(crate) fn shop(settings: &str) -> Self {
        Self::new(json!([{"name": "shop.example.com", "plan": "pro"}])).zone(
            "shop.example.com",
            "sbfm_pro",
            settings,
        )
    }

    /// The same with a fault.
    pub(crate) fn shop_with(fault: Value, settings: &str) -> Self {
        Self::new(json!([{"name": "shop.example.com", "plan": "pro", "faults": [fault]}])).zone(
            "shop.example.com",
            "sbfm_pro",
            settings,
        )
    }

    /// Adds a zone file; `settings` are lines such as `enable_js: true`.
    pub(crate) fn zone(self, name: &str, plan: &str, settings: &str) -> Self {
        self.zone_with(name, plan, settings, "")
    }

    /// Adds a zone file with further lines.
    pub(crate) fn zone_with(self, name: &str, plan: &str, settings: &str, more: &str) -> Self {
        let lines: Vec<_> = settings.lines().map(|line| format!("  {}\n", line.trim())).collect();
        let settings = if lines.is_empty() { " {}\n".to_owned() } else { format!("\n{}", lines.concat()) };
        let text = format!("zone: {name}\nplan: {plan}\nsettings:{settings}{more}");
        self.file(&format!("zones/{name}.yaml"), text)
    }

    /// Writes a file.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(path, content);
        self
    }

    /// Writes a file amid a story.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Reads a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// A path in the story's folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The emulator.
    pub(crate) fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// What GET would show of a zone now.
    pub(crate) fn live(&self, zone: &str) -> Value {
        self.emulator.world().object(zone).unwrap()
    }

    /// The command, with arguments as they are typed.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = command(self.folder.path(), arguments);
        command.env("CLOUDFLARE_API_TOKEN", TOKEN).env("CLOUDFLARE_BASE_URL", self.emulator.base_url());
        command
    }

    /// Runs the command to its end.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.end(self.command(arguments))
    }

    /// Runs a prepared command to its end.
    pub(crate) fn end(&self, mut command: Command) -> Run {
        let child = self.start(&mut command);
        self.finish(child)
    }

    /// Starts a command whose outputs go to files, so that they can be read while it runs.
    pub(crate) fn start(&self, command: &mut Command) -> Child {
        let file = |name| Stdio::from(File::create(self.path(name)).unwrap());
        command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap()
    }

    /// Waits for the end of a command.
    pub(crate) fn finish(&self, mut child: Child) -> Run {
        let status = child.wait().unwrap();
        let text = |name| String::from_utf8(fs::read(self.path(name)).unwrap()).unwrap();
        Run { stdout: text("stdout"), stderr: text("stderr"), exit: code(status) }
    }

    /// Waits for a request that must come soon.
    pub(crate) fn wait_for(&self, what: &str, has_come: impl FnMut(&World) -> bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let waited =
            runtime.block_on(async { tokio::time::timeout(PATIENCE, self.emulator.until(has_come)).await });
        assert!(waited.is_ok(), "waited too long for {what}");
    }

    /// The bodies of all PUTs, in the order they came.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        let puts = self.emulator.requests().into_iter().filter(|request| request.method == "PUT");
        puts.filter_map(|request| request.body).collect()
    }

    /// All requests to bot settings as `METHOD zone`, in the order they came.
    pub(crate) fn traffic(&self) -> Vec<String> {
        traffic(&self.emulator.world())
    }
}

/// All requests to bot settings that a world has answered.
pub(crate) fn traffic(world: &World) -> Vec<String> {
    let name = |path: &str| {
        let id = path.split('/').nth_back(1).unwrap_or_default();
        world.zone_names().find(|name| world.zone_id(name) == Some(id)).unwrap_or("?")
    };
    let of_settings = world.requests().iter().filter(|request| request.path.ends_with("/bot_management"));
    of_settings.map(|request| format!("{} {}", request.method, name(&request.path))).collect()
}

/// A command in a scrubbed environment.
pub(crate) fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(BOTFORM);
    command.args(arguments.split_whitespace()).current_dir(folder).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", folder.join("home"));
    command
}

/// The output of a command, and its exit code.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: i32,
}

impl Run {
    /// Its result as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// What it said, for a test that is about something between the lines that every run has: their numbers are kept
    /// and their words left out, so that other words change the test that is about them and no other.
    pub(crate) fn told(&self) -> String {
        let stderr: String = own_lines(&self.stderr).collect();
        Self { stdout: own_lines(&self.stdout).collect(), stderr, exit: self.exit }.to_string()
    }

    /// The outcome of the only zone, or of the first one.
    pub(crate) fn outcome(&self) -> String {
        self.json()["zones"][0]["outcome"].as_str().unwrap_or_default().to_owned()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stdout, stderr, exit } = self;
        write!(f, "{stdout}")?;
        if !stderr.is_empty() {
            write!(f, "---- stderr\n{stderr}")?;
        }
        write!(f, "---- exit {exit}")
    }
}

fn own_lines(text: &str) -> impl Iterator<Item = String> {
    text.split_inclusive('\n').filter_map(|line| {
        let numbers = |line: &str| {
            let numbers = line.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
            numbers.collect::<Vec<_>>().join(", ")
        };
        let is_count_of_zone =
            |rest: &str| rest.split_once(' ').is_some_and(|(number, _)| number.parse::<u32>().is_ok());
        let end = if line.ends_with('\n') { "\n" } else { "" };
        match line.split_once(": ") {
            Some((start @ ("Plan" | "Apply"), _)) => Some(format!("{start}: {}{end}", numbers(line))),
            Some(("Digest" | "journal", _)) => None,
            _ if line.starts_with("Made ") => None,
            _ if line.strip_prefix(COUNTS).is_some_and(is_count_of_zone) => {
                // How many settings are unmanaged changes with each new setting of Cloudflare's.
                let managed = line.split_once(" in sync, ").map_or(line, |(managed, _)| managed);
                Some(format!("{COUNTS}{}{end}", numbers(managed)))
            }
            _ => Some(line.to_owned()),
        }
    })
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}

/// Serves a world from a thread of its own for as long as the emulator lives.
fn serve(world: World) -> Emulator {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let emulator = Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap();
            send.send(emulator).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receive.recv().unwrap()
}

/// Waits for an expected event that can only be polled: a file, or another process.
pub(crate) fn wait_until(what: &str, mut has_come: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !has_come() {
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        thread::sleep(Duration::from_millis(3));
    }
}

/// Sends a signal to a command.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}
