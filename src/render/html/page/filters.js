// The filters: a search, a plan variant, marks that must all match, results and causes of which one must match.
const has = (test) => (zone) => zone.rows.some((row) => test(row, zone));
// After a run it counts what was written.
const done = (mark) => (row, zone) => row[mark] && (!data.written || zone.writes);
const MARKS = new Map([
  ["shuts out search engines", { sign: "⊘", test: has(done("shutsOut")), rows: done("shutsOut") }],
  ["loosens", { sign: "▼", title: data.written ? "loosened" : "loosens", test: has(done("loosens")), rows: done("loosens") }],
  ["changed outside", { sign: "◇", test: has((row) => row.kind === "outside") }],
  ["differs", { test: (zone) => !data.written && zone.status === "change" }],
  ["drift", { title: "live moved", test: has((row) => row.differs && (row.origin === "drift" || row.origin === "both")) }],
  ["stale settings", { sign: "†", test: has((row) => row.stale) }],
  ["messages", { test: (zone) => zone.messages.length > 0 }],
]);
const wanted = { marks: new Set(), results: new Set(), causes: new Set() };

const filter = () => {
  const search = byId("search").value.trim().toLowerCase();
  const variant = byId("variant").value;
  const named = new Set([...wanted.causes].flatMap((cause) => data.causes[cause]));
  shown = inOrder(zones.filter((zone) =>
    (!search || zone.shown.toLowerCase().includes(search) || zone.name.includes(search) || (zone.id || "").startsWith(search)) &&
    (!variant || zone.plan === variant) &&
    (!wanted.results.size || wanted.results.has(zone.result)) &&
    (!wanted.causes.size || named.has(zone.number)) &&
    [...wanted.marks].every((mark) => MARKS.get(mark).test(zone))));
  selected = 0;
  matrix.scrollTop = 0;
  matrix.hidden = !shown.length;
  byId("none").hidden = shown.length > 0;
  byId("count").textContent = shown.length === zones.length ? plural(zones.length, "zone") : `${shown.length.toLocaleString("en")} of ${plural(zones.length, "zone")}`;
  draw();
};
const sortBy = (key) => {
  isReversed = key === order && !isReversed;
  order = key;
  byId("sort").value = key;
  drawHead();
  filter();
};

const press = (button, set, key) => {
  if (!set.delete(key)) set.add(key);
  button.setAttribute("aria-pressed", String(set.has(key)));
  filter();
};
const chip = (group, set, key, title, count, about) => {
  const button = make("button", "", title, " ", make("b", "", count.toLocaleString("en")), about ? make("small", "", ` ${about}`) : null);
  button.type = "button";
  button.dataset.filter = key;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => press(button, set, key));
  byId(group).append(button);
  return button;
};
for (const [key, { sign, title, test, rows }] of MARKS) {
  const found = zones.filter(test);
  const changes = rows ? found.reduce((sum, zone) => sum + zone.rows.filter((row) => rows(row, zone)).length, 0) : found.length;
  // The heading counts changes: where zones have several, both numbers are shown.
  const about = changes === found.length ? "" : `(${plural(changes, "change")})`;
  const button = chip("marks", wanted.marks, key, [sign, title || key].filter(Boolean).join(" "), found.length, about);
  if (sign === "⊘" || sign === "▼") button.classList.add("loud");
  button.hidden = !found.length;
}
const results = new Map();
for (const zone of zones) results.set(zone.result, { failed: zone.failed, count: (results.get(zone.result)?.count || 0) + 1 });
for (const [result, { failed, count }] of [...results].sort(([, one], [, other]) => other.failed - one.failed || other.count - one.count)) {
  const button = chip("results", wanted.results, result, failed ? `✕ ${result}` : result, count);
  if (failed) button.classList.add("failure");
}
for (const button of document.querySelectorAll("[data-cause]")) {
  button.addEventListener("click", () => press(button, wanted.causes, Number(button.dataset.cause)));
}
for (const plan of [...new Set(zones.map((zone) => zone.plan))].sort()) {
  const option = make("option", "", plan);
  option.value = plan;
  byId("variant").append(option);
}
byId("variant").addEventListener("change", filter);
byId("search").addEventListener("input", filter);
byId("sort").addEventListener("change", (event) => {
  order = "";
  sortBy(event.target.value);
});
head.addEventListener("click", (event) => {
  const button = event.target.closest("[data-order]");
  if (button) sortBy(button.dataset.order);
});
byId("clear").addEventListener("click", () => {
  for (const set of Object.values(wanted)) set.clear();
  for (const button of document.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", "false");
  byId("search").value = "";
  byId("variant").value = "";
  filter();
  byId("search").focus();
});
