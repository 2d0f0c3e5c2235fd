// The keyboard, the theme, and what a link to the page asks for.
const MOVES = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -Infinity, End: Infinity };
addEventListener("keydown", (event) => {
  if (detail.open || event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = event.target.matches("input, select");
  const isOnTable = event.target === matrix || event.target === document.body;
  if (event.key === "/" && !isTyping) byId("search").focus();
  else if (event.key === "Escape" && isTyping) matrix.focus();
  else if (event.key in MOVES && isOnTable && shown.length) select(selected + MOVES[event.key]);
  else if (event.key === "Enter" && (isOnTable || event.target === byId("search"))) open(selected);
  else return;
  // Else the same press would act on what has the focus now: Enter would close what it opened.
  event.preventDefault();
});
byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
});

if (!zones.length) byId("zones").hidden = true;
for (const said of document.querySelectorAll("main .text")) said.replaceChildren(...coded(said.textContent));
// #search=shop&show=loosens&sort=zone&zone=shop.example.com
const asked = new URLSearchParams(location.hash.slice(1));
byId("search").value = asked.get("search") || "";
if (ORDERS.has(asked.get("sort"))) order = asked.get("sort");
byId("sort").value = order;
drawHead();
for (const name of asked.getAll("show")) document.querySelector(`[data-filter="${CSS.escape(name)}"]`)?.click();
filter();
const place = shown.findIndex((zone) => zone.shown === asked.get("zone") || zone.name === asked.get("zone"));
if (place >= 0) open(place);
