#!/usr/bin/env bash
# botform-comment.sh KEY FILE NUMBER...: posts what botform wrote as Markdown on each pull request, in the place of the
# comment that it left there before. Says of which commit, when and by which run: $COMMIT, now, $RUN. Without the file
# it says that there is none, so that an older comment never stands for a newer commit.
set -euo pipefail

key=$1 file=$2
shift 2
page=$(mktemp "${RUNNER_TEMP:?}/comment.XXXXXX")
if [ -s "$file" ]; then
  head -n 1 "$file" > "$page"
else
  printf '<!-- botform key="%s" digest="none" -->\n' "$key" > "$page"
fi
printf 'Commit %s, %s, [run](%s).\n\n' "$COMMIT" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$RUN" >> "$page"
if [ -s "$file" ]; then
  tail -n +2 "$file" >> "$page"
else
  printf '## botform %s: **nothing was made**\n\nThe run says why. What was shown here before does not hold for this commit.\n' "$key" >> "$page"
fi
for number in "$@"; do
  comment=$(gh api --paginate "repos/$REPOSITORY/issues/$number/comments?per_page=100" --jq ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"<!-- botform key=\\\"$key\\\"\"))) | .id" | tail -n 1)
  if [ -n "$comment" ]; then
    gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/$comment" --field "body=@$page"
  else
    gh api --silent --method POST "repos/$REPOSITORY/issues/$number/comments" --field "body=@$page"
  fi
done
rm -f "$page"
