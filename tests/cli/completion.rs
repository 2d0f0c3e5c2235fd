//! What a shell offers on the key for completion: as the script of each shell asks for it.

use crate::story::Story;

/// What is offered behind a line, as fish asks.
fn offered(story: &Story, line: &str, word: &str) -> Vec<String> {
    let mut command = story.command(&format!("-- botform {line}"));
    command.env("BOTFORM_COMPLETE", "fish").arg(word);
    let run = story.end(command);
    assert_eq!(run.exit, 0, "{run}");
    run.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

/// What is put in the place of the last word of a line, as bash sees it, as bash asks.
fn in_bash(story: &Story, line: &str, word: &str) -> Vec<String> {
    let mut command = story.command("-- line");
    command.env("BOTFORM_COMPLETE", "bash").arg(line).arg(word);
    story.end(command).stdout.split_terminator('\u{b}').map(str::to_owned).collect()
}

fn account(digit: &str) -> String {
    digit.repeat(32)
}

fn story() -> Story {
    let twin = |digit| {
        format!("zone: twin.example.com\naccount_id: {}\nplan: sbfm_pro\nsettings: {{}}\n", account(digit))
    };
    Story::shop("")
        .file("my zones/one.yaml", "zone: one.example.com\nplan: sbfm_pro\nsettings: {}\n")
        .file("my zones/a.yaml", twin("a"))
        .file("my zones/b.yaml", twin("b"))
        .file(
            "botform.yaml",
            "policy:\n  - {id: no-lockout, reason: r, pin: {ai_search: block}}\n  - {id: \"$(reboot)\", reason: r, pin: {ai_search: block}}\n",
        )
}

#[test]
fn zones_come_from_the_given_paths_and_twins_are_distinguished() {
    let story = story();
    assert_eq!(offered(&story, "plan --zone", ""), ["shop.example.com"]);
    let mut typing = story.command("-- botform plan");
    typing.env("BOTFORM_COMPLETE", "fish").args(["my zones", "--zone", ""]);
    let twins = ["a", "b"].map(|digit| format!("twin.example.com@{}", account(digit)));
    let names: Vec<_> = story.end(typing).stdout.lines().map(str::to_owned).collect();
    assert_eq!(names, ["one.example.com", &twins[0], &twins[1]]);
    let line = "botform plan 'my zones' --unprotect ";
    assert_eq!(in_bash(&story, line, ""), ["one.example.com", &twins[0], &twins[1]]);
    // Bash takes what stands behind `@` for a word of its own.
    let line = "botform plan my\\ zones --exclude twin.example.com@";
    assert_eq!(in_bash(&story, line, ""), [account("a"), account("b")]);
    assert_eq!(in_bash(&story, &format!("{line}a"), "a"), [account("a")]);
}

#[test]
fn only_ids_of_policies_that_need_no_quotes_are_offered() {
    let story = story();
    assert_eq!(offered(&story, "plan --override-policy", ""), ["no-lockout"]);
    assert_eq!(in_bash(&story, "botform apply --override-policy=no", "no"), ["no-lockout"]);
}

#[test]
fn an_output_is_a_format_of_the_command_and_then_a_file() {
    let story = story();
    assert_eq!(offered(&story, "explain --output", "m"), ["markdown"]);
    assert_eq!(in_bash(&story, "botform plan --output=ht", "ht"), ["html"]);
    let files = offered(&story, "plan --output", "json=z");
    assert_eq!(files, ["json=zones/"]);
    assert_eq!(in_bash(&story, "botform plan --output json=my", "my"), ["my zones/"]);
}

#[test]
fn a_script_for_zsh_completes_when_it_is_loaded_from_fpath() {
    let script = story().run("completions zsh").stdout;
    assert!(script.starts_with("#compdef botform\n"), "{script}");
    assert!(
        script
            .contains("if [[ \"$funcstack[1]\" = \"_botform\" ]]; then\n    _clap_dynamic_completer_botform"),
        "{script}"
    );
    assert!(script.contains("\"${(@Q)words}\""), "{script}");
}
