"use strict";
// What the page knows: the zones of the report, and what each row means. All text goes through textContent; nothing is
// fetched. The parts of the script are joined and share one scope.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const text = (number) => (number === null || number === undefined ? null : data.texts[number]);
const make = (tag, name, ...content) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...content.filter((part) => part !== null && part !== undefined && part !== ""));
  return element;
};
const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

// The marks of a row.
const STALE = 1;
const DIFFERS = 2;
const LOOSENS = 4;
const SHUTS_OUT = 8;

// What a row can be, the worst first, with its sign and meaning: colour alone says nothing.
const KINDS = {
  "shuts-out": ["⊘", "shuts out search engines"],
  loosens: ["▼", "loosens protection"],
  moved: ["!", "is not as wanted or planned"],
  outside: ["◇", "changed outside"],
  kept: ["‖", "differs, and is not written"],
  neither: ["•", "neither loosens nor tightens"],
  tightens: ["▲", "tightens protection"],
  sent: ["", "sent each time: GET does not report it"],
  stale: ["", "stale, left as it is"],
  unread: ["?", "not read"],
  sync: ["", "in sync"],
  unmanaged: ["", "unmanaged"],
};
const KIND_ORDER = Object.keys(KINDS);
const NOT_WRITTEN = new Set(["change", "held", "unapproved", "accepted", "blocked", "cannot_clean"]);
const KIND_PLACES = new Map(KIND_ORDER.map((kind, place) => [kind, place]));
const isDifference = (row) => row.order < KIND_PLACES.get("sent");

const kindOf = (row, zone) => {
  // Only a run leaves a value behind.
  if (row.now !== null && row.now !== row.wanted) return "moved";
  if (row.verdict === "changed_outside") return "outside";
  if (row.verdict === "change" && !row.differs) return "sent";
  if (row.verdict === "change" && zone.writes) {
    if (row.shutsOut) return "shuts-out";
    if (row.loosens) return "loosens";
    return row.effect === "tightens" ? "tightens" : "neither";
  }
  if (NOT_WRITTEN.has(row.verdict)) return "kept";
  if (row.verdict === "unread") return "unread";
  if (row.verdict === "in_sync") return "sync";
  return row.stale ? "stale" : "unmanaged";
};

// Rows come as short lists, without the nulls at their end.
const readRow = (cell, zone) => {
  const [key, marks, ...numbers] = cell;
  const [live, wanted, verdict, effect, origin, place, reason, cautions, now, impact, who] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((at) => text(numbers[at]));
  const row = {
    column: key < 0 ? null : key, name: key < 0 ? text(-1 - key) : data.settings[key].name,
    stale: Boolean(marks & STALE), differs: Boolean(marks & DIFFERS), loosens: Boolean(marks & LOOSENS), shutsOut: Boolean(marks & SHUTS_OUT),
    live, wanted, verdict, effect, origin, place, reason, cautions, now, impact, who,
  };
  row.kind = kindOf(row, zone);
  row.order = KIND_PLACES.get(row.kind);
  return row;
};

// What a row does, as signs.
const signs = (row) => {
  const signs = [];
  if (row.kind in { kept: 1, moved: 1, outside: 1, unread: 1 }) signs.push(KINDS[row.kind][0]);
  if (row.shutsOut) signs.push(KINDS["shuts-out"][0]);
  if (isDifference(row) && row.kind !== "moved" && row.effect) signs.push(KINDS[row.effect][0]);
  return signs.join("");
};
// What a row was and what it becomes.
const values = (row) => {
  const live = row.live ?? "–";
  if (row.kind === "moved") return row.now === row.live ? `${live}, not ${row.wanted}` : `${live} → ${row.now}`;
  if (row.kind === "outside") return row.reason;
  if (row.kind === "unread") return row.wanted ?? "–";
  return isDifference(row) ? `${live} → ${row.wanted}` : live;
};
const summary = (row) => [signs(row), values(row)].filter(Boolean).join(" ");

// What matters most about a zone. Before a run a reviewer looks for what it would do to protection; after it for what
// failed, since the rest was reviewed.
const FAILED = "failed";
const RANKS = data.written ? [FAILED, ...KIND_ORDER] : ["shuts-out", "loosens", FAILED, ...KIND_ORDER.slice(2)];
const readZone = (zone) => {
  const rows = zone.rows.map((cell) => readRow(cell, zone));
  const sorted = rows.sort((one, other) => one.order - other.order);
  const messages = (zone.messages || []).map(([severity, said, hint]) => ({ severity: text(severity), said: text(said), hint: text(hint) }));
  const worst = sorted.length ? RANKS.indexOf(sorted[0].kind) : RANKS.length;
  return {
    ...zone, rows: sorted, messages, shown: zone.label || zone.name, status: text(zone.status), result: text(zone.result), account: text(zone.account),
    protected: text(zone.protected), rank: zone.failed ? Math.min(RANKS.indexOf(FAILED), worst) : worst, changes: sorted.filter(isDifference),
  };
};
const zones = data.zones.map((zone, number) => ({ ...readZone(zone), number }));

// A text in which the parts between backticks are code.
const coded = (said) => said.split("`").map((part, at, parts) => (at % 2 && at < parts.length - 1 ? make("code", "", part) : at % 2 ? `\`${part}` : part));
