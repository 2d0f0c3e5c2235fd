// The columns, those with differences first, and the sort orders of zones.
const used = new Map();
for (const zone of zones) {
  for (const row of zone.rows) {
    if (row.column === null) continue;
    const column = used.get(row.column) || { setting: row.column, worst: KIND_ORDER.length, count: 0, longest: 0, isQuiet: true };
    if (isDifference(row)) {
      column.count += 1;
      column.isQuiet = false;
      column.longest = Math.max(column.longest, summary(row).length);
    } else if (row.live) column.longest = Math.max(column.longest, row.live.length);
    column.worst = Math.min(column.worst, row.order);
    used.set(row.column, column);
  }
}
const columns = [...used.values()].sort((one, other) =>
  one.isQuiet !== other.isQuiet ? one.isQuiet - other.isQuiet
    : one.isQuiet ? one.setting - other.setting
      : one.worst - other.worst || other.count - one.count || one.setting - other.setting);
// As wide as its values, within bounds: a column in which nothing differs may cut them.
const widthOf = ({ setting, isQuiet, longest }) => {
  const { name } = data.settings[setting];
  const longestPart = Math.max(...name.split("_").map((part) => part.length + 1));
  // A name takes at most three lines.
  const title = Math.max(longestPart, Math.ceil(name.length / 2.3)) * 7.7 + 16;
  return Math.ceil(Math.max(90, title, isQuiet ? 0 : Math.min(250, longest * 7.3 + 28)));
};
const longestName = Math.max(0, ...zones.map((zone) => zone.shown.length));
const longestResult = Math.max(0, ...zones.map((zone) => zone.result.length));
const nameWidth = Math.max(150, Math.min(340, Math.ceil(longestName * 8) + 26));
const resultWidth = Math.max(84, Math.ceil(longestResult * 7.6) + 38);
document.documentElement.style.setProperty("--columns", [nameWidth, resultWidth, ...columns.map(widthOf)].map((width) => `${width}px`).join(" "));

const collator = new Intl.Collator("en", { numeric: true });
const byName = (one, other) => collator.compare(one.shown, other.shown) || one.number - other.number;
const rowsOf = (zone, column) => zone.rows.filter((row) => row.column === column);
// How a setting of a zone is sorted: what differs first, then by value.
const cellKey = (zone, column) => {
  const [row] = rowsOf(zone, column);
  return row ? [row.order, summary(row)] : [KIND_ORDER.length, ""];
};
const keyed = (key) => (list) => {
  const keys = new Map(list.map((zone) => [zone, key(zone)]));
  return [...list].sort((one, other) => {
    const [a, b] = [keys.get(one), keys.get(other)];
    const at = a.findIndex((part, index) => part !== b[index]);
    if (at < 0) return byName(one, other);
    return typeof a[at] === "number" ? a[at] - b[at] : collator.compare(a[at], b[at]);
  });
};
const ORDERS = new Map([
  ["worst", { title: "worst first", sort: keyed((zone) => [zone.rank]) }],
  ["zone", { title: "zone", sort: (list) => [...list].sort(byName) }],
  ["result", { title: "result", sort: keyed((zone) => [zone.failed ? 0 : 1, zone.result]) }],
  ["plan", { title: "plan variant", sort: keyed((zone) => [zone.plan]) }],
  ...columns.map(({ setting }) => [data.settings[setting].name, { title: data.settings[setting].name, sort: keyed((zone) => cellKey(zone, setting)) }]),
]);
let order = "worst";
let isReversed = false;
const inOrder = (list) => {
  const sorted = ORDERS.get(order).sort(list);
  return isReversed ? sorted.reverse() : sorted;
};
for (const [key, { title }] of ORDERS) {
  const option = make("option", "", title);
  option.value = key;
  byId("sort").append(option);
}
