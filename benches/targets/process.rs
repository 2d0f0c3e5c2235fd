//! Processes, and what they use: as the kernel counts it, since the clock of a busy machine says little.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// The program that is measured.
pub(crate) const BOTFORM: &str = env!("CARGO_BIN_EXE_botform");

/// What a process used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    /// Seconds of CPU, in user code and in the kernel.
    pub(crate) cpu: f64,
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// The most memory that it had, in bytes.
    pub(crate) memory: f64,
}

/// Runs a program to its end; `None` without GNU time.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<Used> {
    let report = tempfile::NamedTempFile::new().unwrap();
    let mut timed = Command::new("/usr/bin/time");
    timed
        .args(["--format", "%U %S %e %M", "--output", report.path().to_str().unwrap(), program])
        .args(arguments);
    // `apply` exits with what became of the zones, and `plan` with their state: the report tells whether it ran.
    quiet(&mut timed, folder).status().ok()?;
    let text = std::fs::read_to_string(report.path()).unwrap();
    let last = text.lines().last()?;
    assert!(!text.contains("exited with"), "{program} {arguments:?}: {text}");
    let numbers: Vec<f64> = last.split(' ').map(|number| number.parse().unwrap()).collect();
    let [user, system, wall, kilobytes] = numbers.try_into().ok()?;
    Some(Used { cpu: user + system, wall, memory: kilobytes * 1024.0 })
}

/// The seconds that a program takes; `None` if there is no such program.
pub(crate) fn lasts(folder: &Path, program: &str, arguments: &[&str]) -> Option<f64> {
    let mut command = Command::new(program);
    let command = quiet(command.args(arguments), folder);
    let start = Instant::now();
    let ended = command.status().ok()?;
    let seconds = start.elapsed().as_secs_f64();
    assert!(ended.success(), "{program} {arguments:?}: {ended}");
    Some(seconds)
}

fn quiet<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    command
        .current_dir(folder)
        .env("CLOUDFLARE_API_TOKEN", "cfut_0123456789")
        .env("XDG_STATE_HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
}

/// Nanoseconds of CPU that this thread has used so far; `None` where the kernel does not count them.
pub(crate) fn cpu_of_thread() -> Option<f64> {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    counted.split(' ').next()?.parse().ok()
}

/// The emulator, in a process of its own.
pub(crate) struct Emulator {
    process: Child,
    /// Its address.
    pub(crate) base_url: String,
}

impl Emulator {
    /// Serves the world of a folder, each reply after a latency; `more` are further arguments.
    pub(crate) fn start(folder: &Path, latency: u32, more: &[&str]) -> Self {
        let mut process = Command::new(BOTFORM)
            .args(["emulator", "--listen", "127.0.0.1:0", "--world", "world.json", "--latency-ms"])
            .arg(latency.to_string())
            .args(more)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut base_url = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut base_url).unwrap();
        Self { process, base_url: base_url.trim().to_owned() }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
