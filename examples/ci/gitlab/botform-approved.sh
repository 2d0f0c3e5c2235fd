#!/usr/bin/env bash
# botform-approved.sh FOLDER: finds what reviewers approved of what came to the default branch since the record. Writes
# FOLDER/approved, one `PLAN@COMMIT` a line for `--approved-from`, and the plans. What is not found approves nothing:
# botform decides what may be written, and this only looks. Needs BOTFORM_API_TOKEN, a project token with `read_api`,
# and a clone with its history.
set -euo pipefail
ulimit -f 1048576 # what strangers packed may not fill the disk

folder=$1
mkdir -p "$folder"
: > "$folder/approved"
: > "$folder/requests"
# The token stands in a file, so that no list of processes shows it.
printf 'header = "PRIVATE-TOKEN: %s"\n' "$BOTFORM_API_TOKEN" > "$folder/token"
api() { curl --fail --silent --show-error --location --config "$folder/token" "$CI_API_V4_URL/projects/$CI_PROJECT_ID/$1"; }

# A time as a number: the instance chooses the time zone that it is written in.
instant='def instant: capture("^(?<day>[^.+Z]+?)(?<part>[.][0-9]+)?(?<zone>Z|[+-][0-9]{2}:?[0-9]{2})$") | (.day + "Z" | fromdateiso8601) + ("0" + (.part // "") | tonumber) - (.zone | if . == "Z" then 0 else ((.[1:3] | tonumber) * 3600 + (.[-2:] | tonumber) * 60) * (if .[0:1] == "-" then -1 else 1 end) end);'

# What every commit that the record names contains was seen by all zones. The newest commit comes first.
mapfile -t named < <(git for-each-ref --format='%(contents:body)' refs/tags/botform-applied | jq --raw-output '.commit, (.zones // [] | .[].commit)' | sort -u)
base=$(git merge-base --octopus HEAD "${named[@]}")
git rev-list --first-parent HEAD "^$base" > "$folder/commits"

while read -r commit; do
  # Merged into this branch. A squash, a fast-forward and a train are found by the commits that they made.
  api "repository/commits/$commit/merge_requests?per_page=100" | jq --raw-output --arg branch "$CI_DEFAULT_BRANCH" '.[] | select(.state == "merged" and .target_branch == $branch and .source_project_id == .target_project_id) | "\(.iid) \(.sha) \(.author.id)"' > "$folder/merged"
  while read -r number head author; do
    if grep -qx "$number" "$folder/requests"; then continue; fi
    echo "$number" >> "$folder/requests"

    # When the last of those who approve it, its author apart, did so. What was withdrawn is listed no more.
    api "merge_requests/$number/approvals" | jq --raw-output '.approved_by[].user.id' > "$folder/approvers"
    api "merge_requests/$number/notes?sort=asc&order_by=created_at&per_page=100" > "$folder/notes"
    approved=$(jq --raw-output --rawfile approvers "$folder/approvers" --arg author "$author" "$instant"'($approvers | split("\n")) as $by | map(select(.system and .body == "approved this merge request") | (.author.id | tostring) as $who | select($who != $author and ($by | index($who))) | .created_at | instant) | max // ""' "$folder/notes")
    if [ -z "$approved" ]; then
      echo "!$number: nobody but its author approved it"
      continue
    fi

    # The pipelines of its head: their commit is the head, or merges it into the target.
    api "merge_requests/$number/pipelines?per_page=100" | jq --raw-output --arg number "$number" '.[] | select(.ref != "refs/merge-requests/\($number)/train") | "\(.id) \(.sha)"' > "$folder/pipelines"
    : > "$folder/jobs"
    while read -r pipeline sha; do
      if [ "$sha" != "$head" ]; then
        api "repository/commits/$sha" | jq --exit-status --arg head "$head" '.parent_ids | index($head)' > /dev/null || continue
      fi
      # The last plan that was kept before the approval.
      api "pipelines/$pipeline/jobs?include_retried=true&per_page=100" | jq --raw-output --argjson approved "$approved" "$instant"'.[] | select(.name == "plan" and .finished_at != null) | (.finished_at | instant) as $at | select($at < $approved) | "\($at) \(.id)"' >> "$folder/jobs"
    done < "$folder/pipelines"
    job=
    if [ -s "$folder/jobs" ]; then read -r _ job < <(sort -n "$folder/jobs" | tail -n 1); fi
    if [ -z "$job" ]; then
      echo "!$number: there is no plan of $head from before its approval"
      continue
    fi

    # One file of what was uploaded, by its name.
    if ! api "jobs/$job/artifacts/botform-reports/plan.json" > "$folder/$number.json"; then
      echo "!$number: the plan of job $job is gone, or has expired"
      continue
    fi
    echo "$folder/$number.json@$commit" >> "$folder/approved"
  done < "$folder/merged"
done < "$folder/commits"
rm -f "$folder/token"
