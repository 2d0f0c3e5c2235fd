//! Files of a pull request are untrusted data: they run nothing, expose nothing of the machine, and block nothing.

use crate::story::{Run, Story, TOKEN};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

const ZONE: &str = "zone: shop.example.com\nplan: sbfm_pro\nsettings:\n  ai_search: block\n";

/// Runs git in a story's folder.
fn git(story: &Story, arguments: &str) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments.split(' '))
        .current_dir(story.path(""))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A checkout with one commit that holds `zones`, and secrets beside the checkout.
fn checkout() -> Story {
    let story = Story::shop("")
        .file("repo/zones/shop.yaml", ZONE)
        .file("secret/netrc", "machine example.com\nlogin: x\npassword: hunter2hunter2\n");
    std::fs::remove_dir_all(story.path("zones")).unwrap();
    git(&story, "init --quiet --initial-branch=main repo");
    git(&story, "-C repo add zones");
    git(&story, "-C repo commit --quiet --message=zones");
    story
}

/// Runs a command in the checkout of a story.
fn run(story: &Story, arguments: &str) -> Run {
    run_with(story, arguments, &[])
}

fn run_with(story: &Story, arguments: &str, variables: &[(&str, &Path)]) -> Run {
    let mut command = story.command(arguments);
    command.current_dir(story.path("repo")).envs(variables.iter().copied());
    let run = story.end(command);
    assert!(!format!("{run}").contains(TOKEN) && !format!("{run}").contains("hunter2"), "{run}");
    run
}

/// Makes a folder of zone files look like a repository whose configuration runs a script, which leaves `ran`.
fn lay_trap(story: &Story, name: &str) {
    let file = |name_in: &str| format!("repo/{name}/{name_in}");
    for part in ["HEAD", "objects", "refs", "index"] {
        let mut copy = Command::new("cp");
        copy.arg("-r").arg(story.path("repo/.git").join(part)).arg(story.path(&format!("repo/{name}")));
        assert!(copy.status().unwrap().success());
    }
    story.write(&file("trap.sh"), format!("#!/bin/sh\nenv > \"{}\"\n", story.path("ran").display()));
    let script = story.path(&file("trap.sh"));
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = \"{0}\"\n\thooksPath = .\n[diff]\n\texternal = {0}\n",
        script.display()
    );
    story.write(&file("config"), config);
}

/// Lays folders that lead into each other by two links each.
fn lay_diamonds(story: &Story) {
    for level in 0..20 {
        let folder = story.path(&format!("repo/zones/d{level}"));
        std::fs::create_dir(&folder).unwrap();
        for name in ["a", "b"] {
            symlink(format!("../d{}", level + 1), folder.join(name)).unwrap();
        }
    }
    story.write("repo/zones/d20/a.yaml", ZONE.replace("shop", "a"));
}

#[test]
fn a_repository_in_a_folder_of_zone_files_runs_no_command() {
    let story = checkout();
    for name in ["zones/a", "zones"] {
        let file = format!("repo/{name}/a.yaml");
        story.write(&file, ZONE.replace("shop", "a"));
        lay_trap(&story, name);
        run(&story, &format!("plan {name} --since main"));
        assert!(!story.path("ran").exists(), "{name}: a command ran");
        std::fs::remove_file(story.path(&file)).unwrap();
    }
}

#[test]
fn a_link_that_leaves_the_checkout_is_refused_by_name_and_not_read() {
    let story = checkout();
    let netrc = story.path("secret/netrc");
    for target in [Path::new("/proc/self/environ"), &netrc, Path::new("../../secret/netrc")] {
        let link = story.path("repo/zones/x.yaml");
        symlink(target, &link).unwrap();
        for arguments in ["validate", "plan", "validate zones/x.yaml", "plan --output json --since main"] {
            let run = run(&story, arguments);
            let refused = "zones/x.yaml: a link that leaves the checkout";
            let said =
                run.stderr.replace("error: a link that leaves the checkout\n--> zones/x.yaml", refused);
            assert!(run.exit == 1 && said.contains(refused), "{target:?} {arguments}: {run}");
        }
        std::fs::remove_file(link).unwrap();
    }
}

#[test]
fn a_folder_that_is_a_link_leads_nowhere_else() {
    let story = checkout();
    symlink(story.path("secret"), story.path("repo/zones/eu")).unwrap();
    std::fs::copy(story.path("secret/netrc"), story.path("secret/netrc.yaml")).unwrap();
    for arguments in ["validate", "validate zones/eu", "validate zones/eu/netrc.yaml"] {
        let run = run(&story, arguments);
        assert!(
            run.exit == 1 && run.stderr.contains("a link that leaves the checkout"),
            "{arguments}: {run}"
        );
    }
}

#[test]
fn the_project_file_reports_and_worlds_cannot_leave_the_checkout_either() {
    let story = checkout();
    for name in ["botform.yaml", "feedback/a.yaml", "world.yaml"] {
        std::fs::create_dir_all(story.path("repo/feedback")).unwrap();
        symlink("/proc/self/environ", story.path("repo").join(name)).unwrap();
    }
    for arguments in ["validate", "feedback plan feedback", "plan --emulate world.yaml"] {
        let run = run(&story, arguments);
        assert!(
            run.exit == 1 && run.stderr.contains("a link that leaves the checkout"),
            "{arguments}: {run}"
        );
    }
}

#[test]
fn plans_journals_and_snapshots_cannot_leave_the_checkout_either() {
    let story = checkout();
    run(&story, "snapshot real.json");
    run(&story, "plan --out plan.json");
    for (name, arguments) in [
        ("real.json", "plan --live link"),
        ("plan.json", "show link"),
        ("plan.json", "apply link"),
        ("plan.json", "plan --since-plan link"),
        ("real.json", "undo link"),
    ] {
        let out = story.path("secret").join(name);
        std::fs::copy(story.path("repo").join(name), &out).unwrap();
        symlink(&out, story.path("repo/link")).unwrap();
        let run = run(&story, arguments);
        let is_refused = run.stderr.contains("a link that leaves the checkout");
        assert!(run.exit != 0 && is_refused, "{arguments}: {run}");
        std::fs::remove_file(story.path("repo/link")).unwrap();
    }
}

#[test]
fn files_in_the_git_folder_are_not_zone_files() {
    let story = checkout();
    story.write("repo/.git/extra", "AUTHORIZATION: hunter2hunter2\n");
    symlink("../.git/extra", story.path("repo/zones/x.yaml")).unwrap();
    let run = run(&story, "validate");
    assert!(run.exit == 1 && run.stderr.contains("a link into `.git`"), "{run}");
}

#[test]
fn a_file_with_a_nul_draws_no_excerpt() {
    let story = checkout();
    story.write("repo/zones/x.yaml", b"SECRET=hunter2hunter2\0PATH=/bin\n");
    let run = run(&story, "validate");
    assert!(run.exit == 1 && run.stderr.contains("not a text file"), "{run}");
}

#[test]
fn credentials_of_the_environment_are_redacted_everywhere() {
    let story = checkout();
    for token in [TOKEN.to_owned(), TOKEN.to_uppercase(), TOKEN.to_lowercase()] {
        story.write("repo/zones/x.yaml", format!("zone: x.example.com\nplan: {token}\nsettings: {{}}\n"));
        for arguments in ["validate", "validate --output json", "-vvv plan", &format!("plan --zone {token}")]
        {
            let run = run(&story, arguments);
            let said = format!("{run}");
            assert!(!said.to_lowercase().contains(&TOKEN.to_lowercase()), "{arguments}: {run}");
        }
    }
    run(&story, &format!("plan --{TOKEN}"));
    run(&story, &format!("validate {TOKEN}.yaml"));
}

#[test]
fn folders_that_lead_into_each_other_are_visited_once() {
    let story = checkout();
    lay_diamonds(&story);
    let run = run(&story, "validate --output json");
    assert_eq!((run.exit, &run.json()["zones"]), (0, &2.into()), "{run}");
}

#[test]
fn the_root_and_endless_files_are_not_read() {
    let story = checkout();
    symlink("/", story.path("repo/zones/r")).unwrap();
    symlink("/proc/kmsg", story.path("repo/zones/k.yaml")).unwrap();
    symlink("/dev/zero", story.path("repo/zones/z.yaml")).unwrap();
    let run = run(&story, "validate");
    assert_eq!((run.exit, run.stderr.matches("a link that leaves the checkout").count()), (1, 3), "{run}");
}

#[test]
fn a_special_file_is_an_error_and_does_not_block() {
    let story = checkout();
    let fifo = story.path("repo/zones/f.yaml");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    std::fs::create_dir(story.path("repo/zones/d.yaml")).unwrap();
    let run = run(&story, "validate");
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stderr.contains("a named pipe, not a file"), "{run}");
    assert!(run.stderr.contains("a folder, not a file"), "{run}");
}

/// Adds everything that a hostile pull request can contain to the zone files of a checkout.
fn hostile_pull_request(story: &Story) {
    let zone = |name: &str, text: &str| story.write(&format!("repo/zones/{name}.yaml"), text);
    story.write("repo/zones/trap/t.yaml", ZONE.replace("shop", "t"));
    lay_trap(story, "zones/trap");
    lay_diamonds(story);
    let secrets = [
        ("env", "/proc/self/environ"),
        ("netrc", "../../secret/netrc"),
        ("zero", "/dev/zero"),
        ("root", "/"),
    ];
    for (name, target) in secrets {
        symlink(target, story.path(&format!("repo/zones/{name}.yaml"))).unwrap();
    }
    assert!(Command::new("mkfifo").arg(story.path("repo/zones/fifo.yaml")).status().unwrap().success());
    for name in [
        "##[set-output name=x]y",
        "##vso[task.setvariable variable=x]y",
        "::warning::x",
        "\u{202e}lmay\u{1b}[2J",
    ] {
        let strange =
            "\"##[error]x\": 1, \"##vso[task.complete]\": 2, \"::set-env name=x::y\": 3, \"\u{202e}bidi\": 4";
        zone(name, &format!("zone: b.example.com\nplan: sbfm_pro\nsettings: {{{strange}}}\n"));
    }
    zone(
        "reason",
        "zone: r.example.com\nplan: sbfm_pro\nsettings: {}\nfreeze: {reason: \"a\\n::stop-commands::x\\n##[debug]y\", until: 2030-01-01}\n",
    );
    let levels = (1..9).map(|n| format!("a{n}: &a{n} [{0},{0},{0},{0}]\n", format_args!("*a{}", n - 1)));
    zone("laughs", &format!("a0: &a0 [x,x,x]\n{}", levels.collect::<String>()));
    zone("deep", &"[".repeat(100_000));
    zone(
        "keys",
        &(0..2_000).map(|n| format!("sbfm_definitely_automate{n}: managed_challengo\n")).collect::<String>(),
    );
    zone("long", &format!("zone: {}", "x".repeat(30_000_000)));
    zone("nul", "zone: hunter2\0");
    zone("token", &format!("zone: {TOKEN}\nplan: {}\n", TOKEN.to_uppercase()));
}

/// Whether a text contains CI commands or terminal controls.
fn acts(text: &str) -> bool {
    let is_command =
        |line: &str| line.trim_start().starts_with("::") && !line.trim_start().starts_with("::: ");
    text.contains("##[")
        || text.contains("##vso[")
        || text.contains(['\u{1b}', '\u{202e}'])
        || text.lines().any(is_command)
}

#[test]
fn a_pull_request_from_a_fork_shows_no_secret_and_runs_nothing() {
    let story = checkout();
    hostile_pull_request(&story);
    let secret = Path::new("hunter2hunter2");
    for arguments in [
        "validate",
        "validate --output json",
        "plan --since main",
        "plan --output json",
        "-vv plan zones zones/trap",
        "--log-format json validate",
    ] {
        let run = run_with(&story, arguments, &[("SECRET_OF_THE_CI", secret)]);
        assert_eq!(run.exit, 1, "{arguments}: {run}");
        assert!(!acts(&run.stdout) && !acts(&run.stderr), "{arguments}: {run}");
        assert!(!format!("{run}").to_lowercase().contains(&TOKEN.to_lowercase()), "{arguments}");
        assert!(!story.path("ran").exists(), "{arguments}: a command ran");
    }
    assert!(story.emulator().requests().is_empty(), "nothing is sent");
}

#[test]
fn a_world_with_many_errors_is_reported_briefly() {
    let zones: String =
        (0..500).map(|n| format!("- {{name: z{n}.example.com, plan: pro, stalo: {{}}}}\n")).collect();
    let story = checkout().file("repo/world.yaml", format!("zones:\n{zones}"));
    let run = run(&story, "plan --emulate world.yaml");
    assert!(run.exit == 1 && run.stderr.contains("more than 100 errors"), "{run}");
    assert_eq!(run.stderr.matches("did you mean `stale`?").count(), 100, "{run}");
}

#[test]
fn nothing_is_written_through_a_link_that_leaves_the_checkout() {
    let story = checkout();
    let (there, missing) = (story.path("secret/there"), story.path("secret/missing"));
    std::fs::write(&there, "").unwrap();
    let lines = |link: &str| {
        [
            format!("plan --output json={link}"),
            format!("plan --metrics {link}"),
            format!("plan --out {link}"),
            format!("apply --auto-approve --journal {link}"),
            format!("snapshot {link}"),
            "plan --output github".to_owned(),
        ]
    };
    for target in [&there, &missing] {
        for line in lines("link") {
            for variable in ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"] {
                let link = story.path("repo/link");
                symlink(target, &link).unwrap();
                let run = run_with(&story, &line, &[(variable, Path::new("link"))]);
                assert_eq!(std::fs::read(&there).unwrap(), b"", "{line}: {run}");
                assert!(!missing.exists(), "{line} {variable}: {run}");
                std::fs::remove_file(&link).unwrap();
            }
        }
    }
}

#[test]
fn requests_are_not_recorded_through_a_link_that_leaves_the_checkout() {
    let story = checkout();
    symlink(story.path("secret/missing"), story.path("repo/link")).unwrap();
    // An address that is taken ends the emulator at once.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let run = run(&story, &format!("emulator --listen {} --requests link", taken.local_addr().unwrap()));
    assert!(run.exit == 1 && run.stderr.contains("a link that leads nowhere"), "{run}");
    assert!(!story.path("secret/missing").exists());
}

#[test]
fn a_world_that_holds_a_credential_puts_it_into_no_file() {
    let live = format!("{{ai_search: block, \"key {TOKEN}\": 1, echo: \"{}\"}}", TOKEN.to_uppercase());
    let world = format!("zones:\n- {{name: a.example.com, plan: pro, live: {live}}}\n");
    let story = checkout().file("repo/world.yaml", world);
    for arguments in [
        "import imported --emulate world.yaml",
        "import imported --diff --emulate world.yaml",
        "snapshot snapshot.json --emulate world.yaml",
        "plan imported --emulate world.yaml --detail --out plan.json --output html=page.html",
        "plan imported --emulate world.yaml --output sarif=a --output junit=b --output gitlab=c --output markdown=d",
    ] {
        run(&story, arguments);
    }
    let files =
        ["imported/a.example.com.yaml", "snapshot.json", "plan.json", "page.html", "a", "b", "c", "d"];
    for file in files {
        let text = story.read(&format!("repo/{file}")).to_lowercase();
        assert!(!text.contains(&TOKEN.to_lowercase()), "{file}: {text}");
    }
}
