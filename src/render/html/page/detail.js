// One zone in detail.
const VERDICTS = { held: "held", accepted: "accepted", blocked: "blocked", unapproved: "not approved", cannot_clean: "cannot be cleaned" };
// The verdict of a row, or its outcome.
const told = (row) => {
  if (row.kind === "kept") return VERDICTS[row.verdict] || "not written";
  if (row.kind in { "shuts-out": 1, loosens: 1, tightens: 1, neither: 1 }) return data.written ? "written" : "to be written";
  return KINDS[row.kind][1];
};
const named = (row) => (row.stale ? `${row.name} (stale)` : row.name);
const drawTable = (rows) => {
  const table = make("table", "rows");
  table.append(make("thead", "", make("tr", "", ...["setting", data.written ? "before → after" : "live → file", "effect", "why", "place"].map((title) => make("th", "", title)))));
  const lines = make("tbody");
  for (const row of rows) {
    const value = make("span", `cell ${row.kind}`, summary(row));
    const effect = make("td", "");
    if (isDifference(row) && row.effect) effect.append(make("div", row.loosens ? "loud" : "", row.effect));
    if (row.cautions) effect.append(make("div", row.shutsOut ? "loud" : "", row.cautions));
    if (row.impact) effect.append(make("div", "", row.impact));
    const moved = row.origin ? `moved: ${data.origins[row.origin] || row.origin}` : "";
    const reason = row.kind === "outside" ? "" : row.reason;
    const why = [told(row), reason, moved, row.who].filter(Boolean).join("; ");
    const place = row.place && /^\d+$/.test(row.place) ? `line ${row.place}` : row.place;
    lines.append(make("tr", "", make("th", "", ...breakable(named(row))), make("td", "", value), effect, make("td", "", why), make("td", "", place)));
  }
  table.append(lines);
  return make("div", "scroll", table);
};
const folded = (title, ...content) => make("details", "", make("summary", "", title), ...content);
// The file against what was live.
const drawDifference = (zone) => {
  const block = make("pre");
  const line = (kind, content) => block.append(make("span", kind, `${content}\n`));
  line("minus", "--- live");
  line("plus", `+++ ${zone.file}`);
  for (const row of zone.rows.filter((row) => row.wanted !== null)) {
    const name = row.stale ? `stale ${row.name}` : row.name;
    if (row.live === row.wanted) {
      line("", `  ${name}: ${row.live}`);
      continue;
    }
    if (row.live !== null) line("minus", `- ${name}: ${row.live}`);
    line("plus", `+ ${name}: ${row.wanted}`);
  }
  block.tabIndex = 0;
  return block;
};
const drawMessages = (zone) => {
  const list = make("ul", "messages");
  if (zone.protected) list.append(make("li", "", make("b", "", "‖ "), zone.protected));
  for (const { severity, said, hint } of zone.messages) {
    const about = make("li", severity, make("b", "", `${severity}: `), ...coded(said));
    if (hint) about.append(make("p", "hint", ...coded(hint)));
    list.append(about);
  }
  return list.children.length ? list : null;
};

const detail = byId("detail");
const open = (place) => {
  const zone = shown[place];
  if (!zone) return;
  select(place);
  const title = make("h2", "", zone.shown);
  title.id = "named";
  const button = (name, act, isOff) => {
    const button = make("button", "", name);
    button.type = "button";
    button.disabled = Boolean(isOff);
    button.addEventListener("click", act);
    return button;
  };
  const close = button("Close", () => detail.close());
  const bar = make("div", "bar", button("Previous", () => open(place - 1), place === 0), button("Next", () => open(place + 1), place === shown.length - 1), close);
  const variant = zone.live_plan && zone.live_plan !== zone.plan ? `${zone.plan} in the file, ${zone.live_plan} live` : zone.plan;
  const about = [zone.file, variant, zone.id ? `zone id ${zone.id}` : "", zone.account ? `account ${zone.account}` : ""];
  const result = drawResult(zone);
  result.removeAttribute("role");
  const [loud, quiet] = [zone.rows.filter((row) => row.kind !== "unmanaged"), zone.rows.filter((row) => row.kind === "unmanaged")];
  detail.replaceChildren(...[
    bar, title, make("p", "", result), make("p", "made", about.filter(Boolean).join(" · ")), drawMessages(zone),
    loud.length ? drawTable(loud) : null,
    quiet.length ? folded(`${plural(quiet.length, "unmanaged setting")}`, drawTable(quiet)) : null,
    loud.some((row) => row.wanted !== null) ? folded("as YAML", drawDifference(zone)) : null,
  ].filter(Boolean));
  if (!detail.open) detail.showModal();
  detail.scrollTop = 0;
  close.focus();
};
detail.addEventListener("close", () => matrix.focus());
// A click beside it closes it.
detail.addEventListener("click", (event) => {
  if (event.target === detail) detail.close();
});
body.addEventListener("click", (event) => {
  const line = event.target.closest(".row");
  if (line) open(Number(line.dataset.place));
});
