#!/usr/bin/env bash
# botform-approved.sh FOLDER: finds what reviewers approved of what came to the main branch since the record. Writes
# FOLDER/approved, one `PLAN=DIGEST@COMMIT` a line for `--approved-from`; FOLDER/pulls, the numbers of the pull requests;
# and the plans. What is not found approves nothing: botform decides what may be written, and this only looks.
# Needs GH_TOKEN (actions, checks, contents, pull-requests: read), REPOSITORY, BRANCH, and a clone with its history.
set -euo pipefail
ulimit -f 1048576 # what strangers packed may not fill the disk

folder=$1
mkdir -p "$folder"
: > "$folder/approved"
: > "$folder/pulls"
api() { gh api --paginate "repos/$REPOSITORY/$1" --jq "$2"; }

# What every commit that the record names contains was seen by all zones. The newest commit comes first.
mapfile -t named < <(git for-each-ref --format='%(contents:body)' refs/tags/botform-applied | jq --raw-output '.commit, (.zones // [] | .[].commit)' | sort -u)
base=$(git merge-base --octopus HEAD "${named[@]}")
git rev-list --first-parent HEAD "^$base" > "$folder/commits"

while read -r commit; do
  # Merged into this branch. A squash, a rebase and a merge queue are found by the commits that they made.
  api "commits/$commit/pulls?per_page=100" ".[] | select(.merged_at != null and .base.ref == \"$BRANCH\") | \"\(.number) \(.head.sha)\"" > "$folder/merged"
  while read -r number head; do
    if grep -qx "$number" "$folder/pulls"; then continue; fi
    echo "$number" >> "$folder/pulls"

    # Who reviewed this very head and ended with an approval, and may write here; the last of them counts.
    approved=
    api "pulls/$number/reviews?per_page=100" ".[] | select(.commit_id == \"$head\" and (.state == \"APPROVED\" or .state == \"CHANGES_REQUESTED\")) | {who: .user.login, state, at: .submitted_at}" > "$folder/reviews"
    while read -r at who; do
      may=$(api "collaborators/$who/permission" '.permission' || echo none)
      case $may in admin | write) approved=$at ;; esac
    done < <(jq --slurp --raw-output 'group_by(.who) | map(max_by(.at)) | map(select(.state == "APPROVED")) | sort_by(.at)[] | "\(.at) \(.who)"' "$folder/reviews")
    if [ -z "$approved" ]; then
      echo "::notice::#$number: nobody who may write approved $head"
      continue
    fi

    # The last plan of this head that was kept before the approval.
    plan=
    api "actions/workflows/botform-plan.yml/runs?head_sha=$head&event=pull_request&per_page=100" '.workflow_runs[].id' > "$folder/runs"
    while read -r run; do
      api "actions/runs/$run/artifacts?per_page=100" ".artifacts[] | select((.name | test(\"^botform-plan-[0-9]+\$\")) and (.expired | not) and .created_at < \"$approved\") | \"\(.created_at) \(.id) $run-\(.name | ltrimstr(\"botform-plan-\"))\""
    done < "$folder/runs" | sort > "$folder/artifacts"
    if [ -s "$folder/artifacts" ]; then read -r _ artifact plan < <(tail -n 1 "$folder/artifacts"); fi
    if [ -z "$plan" ]; then
      echo "::notice::#$number: there is no plan of $head from before its approval at $approved, or it expired"
      continue
    fi

    # Its digest is kept apart from it. Of what was uploaded, one file is taken by its name, as bytes.
    digest=$(api "commits/$head/check-runs?check_name=botform%20plan&filter=all&per_page=100" ".check_runs[] | select(.app.slug == \"github-actions\" and .external_id == \"$plan\") | .output.title" | tail -n 1)
    if ! [[ $digest =~ ^[0-9a-f]{32,64}$ ]]; then
      echo "::warning::#$number: the plan $plan has no digest"
      continue
    fi
    gh api "repos/$REPOSITORY/actions/artifacts/$artifact/zip" > "$folder/artifact.zip"
    if ! unzip -p "$folder/artifact.zip" plan.json > "$folder/$number.json"; then
      echo "::warning::#$number: the plan $plan cannot be unpacked"
      continue
    fi
    echo "$folder/$number.json=$digest@$commit" >> "$folder/approved"
  done < "$folder/merged"
done < "$folder/commits"
