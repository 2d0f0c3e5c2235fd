// The table: on a wide screen zones by settings, on a narrow one a list. Only the rows in view are drawn.
const NARROW = matchMedia("(max-width: 700px)");
const rowHeight = () => (NARROW.matches ? 56 : 28);
const matrix = byId("matrix");
const head = byId("head");
const body = byId("body");
let shown = [];
let selected = 0;

// A name that can break behind each underscore.
const breakable = (name) => name.split("_").flatMap((part, at, parts) => (at < parts.length - 1 ? [`${part}_`, make("wbr")] : [part]));
const role = (element, name) => {
  element.setAttribute("role", name);
  return element;
};
const drawHead = () => {
  const line = role(make("div", "line"), "row");
  line.setAttribute("aria-rowindex", "1");
  const title = (key, name, about, className) => {
    const cell = role(make("div", className), "columnheader");
    const button = make("button", "", ...breakable(name));
    button.type = "button";
    // The list of orders does the same by keyboard, without a stop at each of many columns.
    button.tabIndex = -1;
    button.dataset.order = key;
    if (about) cell.title = about;
    if (order === key) {
      cell.setAttribute("aria-sort", isReversed ? "descending" : "ascending");
      button.append(make("span", "arrow", isReversed ? " ↑" : " ↓"));
    }
    cell.append(button);
    line.append(cell);
  };
  title("zone", "zone", "", "zone");
  title("result", "result", "", "result");
  if (NARROW.matches) line.append(role(make("div", "", "changes"), "columnheader"));
  else for (const { setting } of columns) title(data.settings[setting].name, data.settings[setting].name, data.settings[setting].summary, "");
  head.replaceChildren(line);
  matrix.setAttribute("aria-colcount", String(line.children.length));
};

const sentence = (row) => {
  const about = [row.kind === "outside" ? KINDS.outside[1] : told(row), row.effect, row.cautions].filter(Boolean);
  return `${row.name}: ${values(row)} (${about.join(", ")})`;
};
const drawCell = (rows) => {
  const [row] = rows;
  if (!row) return role(make("div", "cell"), "gridcell");
  const isStale = rows.some((other) => other.stale);
  const cell = role(make("div", `cell ${row.kind}`, summary(row), isStale ? make("sup", "", "†") : null), "gridcell");
  cell.title = rows.map(sentence).join("\n");
  return cell;
};
const drawResult = (zone) => {
  const isLoud = zone.changes.some((row) => row.kind === "loosens" || row.kind === "shuts-out");
  const sign = zone.failed ? "✕ " : "";
  const name = zone.failed ? "failed" : zone.changes.length ? (isLoud ? "loud" : "differs") : "quiet";
  return role(make("div", `result ${name}`, `${sign}${zone.result}`), "gridcell");
};
// The changes of a zone in one line.
const drawChanges = (zone) => {
  const cell = role(make("div", "changes"), "gridcell");
  for (const row of zone.changes.slice(0, 2)) cell.append(make("span", "name", `${row.name} `), make("span", `cell ${row.kind}`, summary(row)), " ");
  const more = zone.changes.length - 2;
  if (more > 0) cell.append(`+${more}`);
  if (!zone.changes.length && zone.messages.length) cell.append(zone.messages[0].said);
  return cell;
};
const drawRow = (zone, place) => {
  const line = role(make("div", "row"), "row");
  line.id = `row-${place}`;
  line.style.top = `${place * rowHeight()}px`;
  line.setAttribute("aria-selected", String(place === selected));
  line.setAttribute("aria-rowindex", String(place + 2));
  line.dataset.place = place;
  const name = role(make("div", "zone", zone.shown), "rowheader");
  name.title = `${zone.shown} (${zone.plan})`;
  line.append(name, drawResult(zone));
  if (NARROW.matches) line.append(drawChanges(zone));
  else for (const { setting } of columns) line.append(drawCell(rowsOf(zone, setting)));
  return line;
};

const draw = () => {
  const first = Math.max(0, Math.floor((matrix.scrollTop - head.offsetHeight) / rowHeight()) - 10);
  const last = Math.min(shown.length, first + Math.ceil((matrix.clientHeight || 600) / rowHeight()) + 30);
  const lines = [];
  for (let place = first; place < last; place += 1) lines.push(drawRow(shown[place], place));
  body.style.height = `${shown.length * rowHeight()}px`;
  body.replaceChildren(...lines);
  matrix.setAttribute("aria-rowcount", String(shown.length + 1));
  if (selected >= first && selected < last) matrix.setAttribute("aria-activedescendant", `row-${selected}`);
  else matrix.removeAttribute("aria-activedescendant");
};
let isWaiting = false;
matrix.addEventListener("scroll", () => {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    draw();
  });
});
addEventListener("resize", () => draw());
NARROW.addEventListener("change", () => {
  drawHead();
  draw();
});

// Selects a row and brings it into view.
const select = (place) => {
  selected = Math.max(0, Math.min(shown.length - 1, place));
  const top = selected * rowHeight();
  const view = matrix.clientHeight - head.offsetHeight;
  if (top < matrix.scrollTop) matrix.scrollTop = top;
  if (top + rowHeight() > matrix.scrollTop + view) matrix.scrollTop = top + rowHeight() - view;
  draw();
};

const explain = (...parts) => byId("legend").append(make("span", "entry", ...parts), " ");
for (const kind of ["shuts-out", "loosens", "tightens", "neither", "kept", "outside", "moved"]) {
  if (!zones.some((zone) => zone.rows.some((row) => row.kind === kind))) continue;
  explain(make("span", `cell ${kind}`, KINDS[kind][0]), ` ${KINDS[kind][1]}`);
}
if (zones.some((zone) => zone.rows.some((row) => row.stale))) explain("† left by an earlier plan variant");
if (zones.some((zone) => zone.rows.some((row) => row.kind === "unmanaged"))) explain(make("span", "cell unmanaged", "grey"), "unmanaged");
