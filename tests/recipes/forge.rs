//! A small model of a forge: pull requests, merges, runs, artifacts, reviews, each with its time. It answers the
//! requests of the recipes from files, each under the very request, so that one which is spelled otherwise fails.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The repository that all requests name.
pub(crate) const REPOSITORY: &str = "owner/repository";

/// Answers `gh` from the files of the forge, and keeps what is posted. jq takes longer to start than to answer, so each
/// request starts it once.
pub(crate) const GH: &str = r#"#!/bin/bash
all=$*
echo "gh $all" >> "$STAGE/gh.log"
if [ "$1" != api ]; then
  case $all in
    "issue list "*) test ! -s "$STAGE/issue.md" || echo 11 ;;
    "issue close "*) rm "$STAGE/issue.md" ;;
    *--body-file*) cp "${all##*--body-file }" "$STAGE/issue.md" ;;
    "run list "*) cat "$STAGE/newest-night" 2> /dev/null || true ;;
    "run download "*" --pattern "*)
      pattern=${all##*--pattern } dir=${all##*--dir } code=1
      for found in "$STAGE/artifacts/$3/"${pattern%% *}; do
        test -d "$found" && mkdir -p "$dir/${found##*/}" && cp "$found"/* "$dir/${found##*/}" && code=0
      done
      exit "$code"
      ;;
    "run download "*)
      name=${all##*--name }
      mkdir -p "${all##*--dir }" && cp "$STAGE/artifacts/$3/${name%% *}/"* "${all##*--dir }"
      ;;
  esac
  exit
fi
shift
export method=GET path=
filter=. fields=()
while [ $# -gt 0 ]; do
  case $1 in
    --paginate | --silent) ;;
    --method) method=$2; shift ;;
    --jq) filter=$2; shift ;;
    --raw-field) fields+=(--arg "${2%%=*}" "${2#*=}"); shift ;;
    --field) fields+=(--rawfile "${2%%=*}" "${2#*=@}"); shift ;;
    *) path=$1 ;;
  esac
  shift
done
if [ "$method" != GET ]; then
  jq --null-input --compact-output "${fields[@]}" '{method: env.method, path: env.path, fields: $ARGS.named}' >> "$STAGE/posted"
  exit
fi
file=$STAGE/forge/${path//\//,}
if [ ! -f "$file" ]; then
  echo "no such request here: $path" >&2
  echo '{"message":"Not Found"}'
  exit 1
fi
case $path in */zip) cat "$file" ;; *) jq --raw-output "$filter" "$file" ;; esac
"#;

/// A pull request.
#[derive(Clone, Debug)]
pub(crate) struct Pull {
    pub(crate) number: u64,
    pub(crate) branch: String,
    pub(crate) head: String,
    /// The branch that it is merged into.
    pub(crate) base: String,
    /// When it was merged, and the commits of the main branch by which it came.
    pub(crate) merged: Option<(String, Vec<String>)>,
    pub(crate) reviews: Vec<Value>,
}

/// An artifact of a run.
#[derive(Clone, Debug)]
pub(crate) struct Artifact {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) at: String,
    pub(crate) is_expired: bool,
    pub(crate) zip: Vec<u8>,
}

/// A run of a workflow.
#[derive(Clone, Debug)]
pub(crate) struct RunOf {
    pub(crate) id: u64,
    pub(crate) workflow: String,
    pub(crate) event: String,
    pub(crate) head: String,
    pub(crate) branch: String,
    pub(crate) at: String,
    pub(crate) artifacts: Vec<Artifact>,
}

/// What the forge knows.
#[derive(Debug, Default)]
pub(crate) struct Forge {
    seconds: u64,
    pub(crate) pulls: Vec<Pull>,
    pub(crate) runs: Vec<RunOf>,
    /// The check runs of each commit.
    pub(crate) checks: BTreeMap<String, Vec<Value>>,
    /// The comments of each pull request.
    pub(crate) comments: BTreeMap<u64, Vec<String>>,
    /// What each person may do; `write` unless it is said.
    pub(crate) may: BTreeMap<String, String>,
}

impl Forge {
    /// The time, which goes on by a minute.
    pub(crate) fn now(&mut self) -> String {
        self.seconds += 60;
        format!("2026-01-01T{:02}:{:02}:00Z", self.seconds / 3600, self.seconds / 60 % 60)
    }

    pub(crate) fn pull(&mut self, number: u64) -> &mut Pull {
        self.pulls.iter_mut().find(|pull| pull.number == number).unwrap()
    }

    /// The comment of a pull request that begins with a key.
    pub(crate) fn comment(&self, number: u64, key: &str) -> Option<&str> {
        let mark = format!("<!-- botform key=\"{key}\"");
        let mut own = self.comments.get(&number)?.iter().filter(|text| text.starts_with(&mark));
        let first = own.next()?;
        assert!(own.next().is_none(), "two comments of {key} on {number}");
        Some(first)
    }

    /// Takes what was posted since.
    pub(crate) fn take(&mut self, posted: &str) {
        for line in posted.lines() {
            let post: Value = serde_json::from_str(line).unwrap();
            let (method, fields) = (post["method"].as_str().unwrap(), &post["fields"]);
            let path = post["path"].as_str().unwrap().strip_prefix("repos/owner/repository/").unwrap();
            let parts: Vec<_> = path.split('/').collect();
            let body = || fields["body"].as_str().unwrap().to_owned();
            match (method, parts.as_slice()) {
                ("POST", ["issues", number, "comments"]) => {
                    self.comments.entry(number.parse().unwrap()).or_default().push(body());
                }
                ("PATCH", ["issues", "comments", id]) => {
                    let id: usize = id.parse().unwrap();
                    self.comments.get_mut(&(id as u64 / 100)).unwrap()[id % 100] = body();
                }
                ("POST", ["check-runs"]) => {
                    let check = json!({"name": fields["name"], "external_id": fields["external_id"],
                        "head_sha": fields["head_sha"], "conclusion": fields["conclusion"],
                        "app": {"slug": "github-actions"}, "output": {"title": fields["output[title]"]}});
                    assert!(matches!(fields["status"].as_str(), Some("completed")));
                    let head = fields["head_sha"].as_str().unwrap().to_owned();
                    self.checks.entry(head).or_default().push(check);
                }
                other => panic!("nothing is posted so: {other:?}"),
            }
        }
    }

    /// Writes the answer of each request, for a repository with these commits.
    pub(crate) fn write(&self, folder: &Path, commits: &[String]) {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).unwrap();
        let answer = |path: String, reply: &Value| {
            fs::write(file(folder, &path), reply.to_string()).unwrap();
        };
        for commit in commits {
            let came = |pull: &&Pull| pull.merged.as_ref().is_some_and(|(_, by)| by.contains(commit));
            let pulls: Vec<_> = self.pulls.iter().filter(came).map(shown).collect();
            answer(format!("commits/{commit}/pulls?per_page=100"), &pulls.into());
        }
        for pull in &self.pulls {
            let (number, head) = (pull.number, &pull.head);
            answer(format!("pulls/{number}/reviews?per_page=100"), &pull.reviews.clone().into());
            let comments = self.comments.get(&number).into_iter().flatten().enumerate();
            let comments: Vec<_> = comments
                .map(|(index, body)| {
                    json!({"id": number * 100 + index as u64, "body": body, "user": {"login": "github-actions[bot]"}})
                })
                .collect();
            answer(format!("issues/{number}/comments?per_page=100"), &comments.into());
            let of_head = |run: &&RunOf| {
                &run.head == head && run.event == "pull_request" && run.workflow == "botform-plan.yml"
            };
            let runs: Vec<_> = self.runs.iter().filter(of_head).map(shown_run).collect();
            let reply = json!({"total_count": runs.len(), "workflow_runs": runs});
            let query = format!("head_sha={head}&event=pull_request&per_page=100");
            answer(format!("actions/workflows/botform-plan.yml/runs?{query}"), &reply);
            let checks = self.checks.get(head).cloned().unwrap_or_default();
            let query = "check_name=botform%20plan&filter=all&per_page=100";
            let reply = json!({"total_count": checks.len(), "check_runs": checks});
            answer(format!("commits/{head}/check-runs?{query}"), &reply);
            for review in &pull.reviews {
                let who = review["user"]["login"].as_str().unwrap();
                let may = self.may.get(who).map_or("write", String::as_str);
                answer(format!("collaborators/{who}/permission"), &json!({"permission": may}));
            }
        }
        for run in &self.runs {
            let artifacts: Vec<_> = run
                .artifacts
                .iter()
                .map(|artifact| {
                    json!({"id": artifact.id, "name": artifact.name, "expired": artifact.is_expired,
                        "created_at": artifact.at, "size_in_bytes": artifact.zip.len()})
                })
                .collect();
            let reply = json!({"total_count": artifacts.len(), "artifacts": artifacts});
            answer(format!("actions/runs/{}/artifacts?per_page=100", run.id), &reply);
            answer(format!("actions/runs/{}", run.id), &shown_run(run));
            for artifact in run.artifacts.iter().filter(|artifact| !artifact.is_expired) {
                let path = format!("actions/artifacts/{}/zip", artifact.id);
                fs::write(file(folder, &path), &artifact.zip).unwrap();
            }
        }
    }
}

/// Where the answer of a request lies.
fn file(folder: &Path, path: &str) -> PathBuf {
    folder.join(format!("repos/{REPOSITORY}/{path}").replace('/', ","))
}

fn shown(pull: &Pull) -> Value {
    json!({"number": pull.number, "state": "closed", "merged_at": pull.merged.as_ref().map(|(at, _)| at),
        "head": {"sha": pull.head, "ref": pull.branch}, "base": {"ref": pull.base}})
}

fn shown_run(run: &RunOf) -> Value {
    json!({"id": run.id, "path": format!(".github/workflows/{}", run.workflow), "event": run.event,
        "head_sha": run.head, "head_branch": run.branch, "status": "completed", "created_at": run.at})
}

/// A zip archive that holds files as they are.
pub(crate) fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = bytes.len() as u32;
        let mut head = vec![10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x58];
        head.extend(crc(content).to_le_bytes());
        head.extend((content.len() as u32).to_le_bytes());
        head.extend((content.len() as u32).to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&head);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        directory.extend(b"PK\x01\x02\x0a\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, count) = (bytes.len() as u32, files.len() as u16);
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\x00\x00\x00\x00");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
