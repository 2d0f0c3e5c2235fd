// For printing: the zones that are shown, with their changes, under a heading that each page repeats.
const MOST_PRINTED = 1000;
const printed = byId("printed");
const limits = () => {
  const cause = (button) => `cause: ${button.nextElementSibling.textContent.slice(0, 80)}`;
  const pressed = [...document.querySelectorAll("[aria-pressed=true]")];
  const names = pressed.map((button) => (button.dataset.cause ? cause(button) : button.dataset.filter));
  return [byId("search").value && `search: ${byId("search").value}`, byId("variant").value, ...names].filter(Boolean).join(", ");
};
const printRow = (zone) => {
  const changes = make("td");
  for (const row of zone.changes) {
    const about = [told(row), row.effect, row.cautions, row.kind === "outside" ? "" : row.reason].filter(Boolean).join(", ");
    changes.append(make("div", "", `${signs(row)} ${named(row)}: ${values(row)}`, make("span", "dim", `  ${about}`)));
  }
  if (zone.failed) for (const { severity, said } of zone.messages) if (severity === "error") changes.append(make("div", "", said));
  return make("tr", "", make("th", "", zone.shown), make("td", "", zone.failed ? `✕ ${zone.result}` : zone.result), changes);
};
let wasClosed = [];
addEventListener("beforeprint", () => {
  wasClosed = [...document.querySelectorAll("main details:not([open])")];
  for (const part of wasClosed) part.open = true;
  const limited = limits();
  const what = `${byId("count").textContent}${limited ? `: ${limited}` : ""}`;
  const title = make("th", "", `${document.title} · ${what}`);
  title.colSpan = 3;
  const lines = make("tbody", "", ...shown.slice(0, MOST_PRINTED).map(printRow));
  const more = shown.length - MOST_PRINTED;
  if (more > 0) {
    const rest = make("td", "", `… and ${plural(more, "more zone")}: at most ${plural(MOST_PRINTED, "zone")} are printed. Filter the page to print the others.`);
    rest.colSpan = 3;
    lines.append(make("tr", "", rest));
  }
  printed.replaceChildren(make("thead", "", make("tr", "", title), make("tr", "", ...["zone", "result", "changes"].map((name) => make("th", "", name)))), lines);
});
addEventListener("afterprint", () => {
  for (const part of wasClosed) part.open = false;
  printed.replaceChildren();
});
