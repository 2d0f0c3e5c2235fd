"use strict";
// Draws the data of the page. All text goes through textContent; nothing is fetched.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const text = (number) => (number === null || number === undefined ? "" : data.texts[number]);
  const make = (tag, name, content) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (content !== undefined) element.textContent = content;
    return element;
  };
  const ROW = 26;
  const HEAD = 216;
  if (!data.zones.length) {
    for (const part of ["totals", "filters", "legend", "matrix"]) byId(part).hidden = true;
  }
  const DIFFERS = new Set(["change", "held", "blocked", "accepted", "cannot_clean", "changed_outside"]);

  const LOOSENS = new Set(["change", "changed_outside"]);

  // What GET does not report is sent each time: nothing differs for it.
  const differs = (row) => DIFFERS.has(row.verdict) && (row.verdict !== "change" || row.live !== null);

  // Rows come as short lists; a zone's cells are found by column.
  const read = (cell) => {
    const [key, stale, live, wanted, verdict, effect, origin, place, reason, cautions, impact, who] = cell;
    const column = key < 0 ? null : key;
    return {
      column, stale, place: text(place), name: column === null ? text(-1 - key) : data.settings[column].name,
      live: live === null ? null : text(live), wanted: wanted === null ? null : text(wanted),
      verdict: text(verdict), effect: text(effect), origin: text(origin), reason: text(reason), cautions: text(cautions),
      impact: text(impact), who: text(who),
    };
  };
  const zones = data.zones.map((zone) => ({ ...zone, status: text(zone.status), rows: zone.rows.map(read) }));
  const has = (zone, test) => zone.rows.some(test);
  const TESTS = {
    "differs": (zone) => has(zone, differs),
    "drift": (zone) => has(zone, (row) => differs(row) && (row.origin === "drift" || row.origin === "both")),
    "shuts out search engines": (zone) => has(zone, (row) => row.verdict === "change" && row.cautions.includes("search engines")),
    "loosens": (zone) => has(zone, (row) => row.verdict === "change" && row.effect === "loosens"),
    "changed outside": (zone) => has(zone, (row) => row.verdict === "changed_outside"),
    "stale": (zone) => has(zone, (row) => row.stale),
    "blocked": (zone) => zone.status === "blocked",
    "failed": (zone) => zone.status === "failed",
    "protected": (zone) => zone.protected !== undefined,
  };
  const active = new Set();
  let shown = zones;
  let selected = 0;

  // A value alone is neither good nor bad: `allow` lets search engines in. What a difference does to protection is shown.
  const change = (row) => (!differs(row) ? "plain" : row.effect || "neither");

  // Only columns that some zone has are drawn.
  const used = new Set(zones.flatMap((zone) => zone.rows.map((row) => row.column)));
  const columns = data.settings.map((_, index) => index).filter((index) => used.has(index));
  document.documentElement.style.setProperty("--columns", `var(--zone) repeat(${columns.length}, 72px)`);

  const head = byId("head");
  head.append(make("div", "", "zone"));
  for (const column of columns) {
    const name = make("div", "", data.settings[column].name);
    name.title = data.settings[column].summary;
    name.setAttribute("role", "columnheader");
    head.append(name);
  }

  const drawCell = (rows) => {
    const row = rows.find((row) => !row.stale) || rows[0];
    if (!row) return make("div", "cell");
    const value = row.live === null ? "–" : row.live;
    const cell = make("div", `cell ${change(rows.find(differs) || row)}`, value);
    if (rows.some((row) => row.stale)) cell.classList.add("stale");
    if (rows.some(differs)) cell.classList.add("differs");
    const becomes = row.wanted !== null && row.wanted !== row.live ? ` → ${row.wanted}` : "";
    const outside = row.verdict === "changed_outside" ? row.reason : null;
    cell.title = `${row.name}: ${value}${becomes} (${[row.verdict.replace("_", " "), outside, row.effect, row.cautions].filter(Boolean).join(", ")})`;
    return cell;
  };
  const drawRow = (zone, place) => {
    const line = make("div", "row");
    line.style.top = `${place * ROW}px`;
    line.setAttribute("role", "row");
    line.setAttribute("aria-selected", String(place === selected));
    line.dataset.place = place;
    const name = make("div", `zone ${zone.status}`, zone.name);
    name.title = zone.name;
    line.append(name);
    for (const column of columns) line.append(drawCell(zone.rows.filter((row) => row.column === column)));
    return line;
  };

  const matrix = byId("matrix");
  const body = byId("body");
  const draw = (all) => {
    const height = matrix.clientHeight || 600;
    const first = all ? 0 : Math.max(0, Math.floor((matrix.scrollTop - HEAD) / ROW) - 10);
    const last = all ? Math.min(shown.length, 1000) : Math.min(shown.length, first + Math.ceil(height / ROW) + 30);
    const lines = [];
    for (let place = first; place < last; place += 1) lines.push(drawRow(shown[place], place));
    body.style.height = `${shown.length * ROW}px`;
    body.replaceChildren(...lines);
  };
  let isWaiting = false;
  matrix.addEventListener("scroll", () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => { isWaiting = false; draw(); });
  });
  addEventListener("resize", () => draw());
  addEventListener("beforeprint", () => draw(true));
  addEventListener("afterprint", () => draw());

  const filter = () => {
    const wanted = byId("search").value.trim().toLowerCase();
    const variant = byId("variant").value;
    shown = zones.filter((zone) =>
      (!wanted || zone.name.includes(wanted) || (zone.id || "").startsWith(wanted)) &&
      (!variant || zone.plan === variant) &&
      [...active].every((name) => TESTS[name](zone)));
    selected = 0;
    matrix.scrollTop = 0;
    byId("count").textContent = `${shown.length} of ${zones.length} zones`;
    draw();
  };

  const chips = byId("chips");
  for (const [name, test] of Object.entries(TESTS)) {
    const count = zones.filter(test).length;
    const chip = make("button", "", `${name} ${count}`);
    chip.type = "button";
    chip.dataset.filter = name;
    chip.setAttribute("aria-pressed", "false");
    chip.addEventListener("click", () => {
      if (!active.delete(name)) active.add(name);
      chip.setAttribute("aria-pressed", String(active.has(name)));
      filter();
    });
    chips.append(chip);
  }
  for (const plan of [...new Set(zones.map((zone) => zone.plan))].sort()) {
    const option = make("option", "", plan);
    option.value = plan;
    byId("variant").append(option);
  }
  byId("variant").addEventListener("change", filter);
  byId("search").addEventListener("input", filter);

  // Totals as bars.
  const chart = (title, counts) => {
    const box = make("div", "chart");
    box.append(make("h2", "", title));
    const most = Math.max(1, ...counts.map(([, count]) => count));
    for (const [name, count] of counts) {
      const bar = make("div", "bar");
      const length = make("i");
      length.style.width = `${(100 * count) / most}%`;
      if (!count) length.style.visibility = "hidden";
      bar.append(make("span", "", name), length, make("b", "", count.toLocaleString("en")));
      box.append(bar);
    }
    return box;
  };
  const tally = (of, order) => {
    const counts = new Map(order.map((name) => [name, 0]));
    for (const name of of) counts.set(name, (counts.get(name) || 0) + 1);
    return [...counts];
  };
  const changes = zones.flatMap((zone) => zone.rows.filter((row) => row.verdict === "change"));
  const totals = byId("totals");
  totals.append(
    chart("Zones", tally(zones.map((zone) => zone.outcome || zone.status), zones[0]?.outcome ? [] : ["in_sync", "change", "blocked", "failed"])),
    chart("Changes", tally(changes.map((row) => row.effect || "neither"), ["loosens", "tightens", "neither"])),
    chart("Plan variants", tally(zones.map((zone) => zone.plan), [])),
  );
  const legend = byId("legend");
  legend.append("Live values. Framed: differs from the file, and the file's value ");
  for (const [name, label] of [["loosens", "loosens"], ["tightens", "tightens"], ["neither", "does neither"]]) {
    legend.append(make("span", `cell differs ${name}`, label), " ");
  }
  legend.append("· †: left by an earlier plan variant");

  // One zone in detail.
  const detail = byId("detail");
  const lineOf = (kind, content) => make("span", kind, `${content}\n`);
  const diff = (zone) => {
    const block = make("pre");
    block.append(lineOf("minus", "--- live"), lineOf("plus", `+++ ${zone.file}`));
    for (const row of zone.rows.filter((row) => row.wanted !== null)) {
      const name = row.stale ? `stale ${row.name}` : row.name;
      if (row.live === row.wanted) block.append(lineOf("", `  ${name}: ${row.live}`));
      else {
        if (row.live !== null) block.append(lineOf("minus", `- ${name}: ${row.live}`));
        block.append(lineOf("plus", `+ ${name}: ${row.wanted}`));
      }
    }
    return block;
  };
  const open = (zone) => {
    const close = make("button", "", "Close");
    close.type = "button";
    close.addEventListener("click", () => detail.close());
    const about = [zone.plan, zone.live_plan && zone.live_plan !== zone.plan ? `live: ${zone.live_plan}` : "", zone.outcome || zone.status, zone.id || "", zone.file];
    const table = make("table");
    const titles = make("tr");
    for (const title of ["setting", "live", "file", "", "effect", "", "origin", "line"]) titles.append(make("th", "", title));
    table.append(titles);
    for (const row of zone.rows) {
      const line = make("tr");
      const told = row.reason ? `${row.verdict.replace("_", " ")}: ${row.reason}` : row.verdict.replace("_", " ");
      line.append(make("td", "", row.stale ? `${row.name} (stale)` : row.name), make("td", "", row.live ?? "(not reported)"),
        make("td", "", row.wanted ?? ""), make("td", "", told), make("td", row.effect, row.effect), make("td", "caution", [row.cautions, row.impact].filter(Boolean).join("; ")),
        make("td", "", [row.origin, row.who].filter(Boolean).join(", ")), make("td", "", row.place));
      table.append(line);
    }
    const scroll = make("div", "scroll");
    scroll.append(table);
    const messages = [...(zone.messages || []).map(text), ...(zone.protected === undefined ? [] : [`protected: ${text(zone.protected)}`])];
    const list = make("ul");
    for (const message of messages) list.append(make("li", "", message));
    detail.replaceChildren(make("h2", "", zone.name), make("p", "made", about.filter(Boolean).join(" · ")),
      ...(messages.length ? [list] : []), scroll, diff(zone), close);
    detail.showModal();
  };
  body.addEventListener("click", (event) => {
    const line = event.target.closest(".row");
    if (!line) return;
    selected = Number(line.dataset.place);
    draw();
    open(shown[selected]);
  });

  const move = (by) => {
    selected = Math.max(0, Math.min(shown.length - 1, selected + by));
    const top = selected * ROW;
    const view = matrix.clientHeight - HEAD;
    if (top < matrix.scrollTop) matrix.scrollTop = top;
    if (top + ROW > matrix.scrollTop + view) matrix.scrollTop = top + ROW - view;
    draw();
  };
  const MOVES = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -Infinity, End: Infinity };
  addEventListener("keydown", (event) => {
    if (detail.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches("input, select");
    if (event.key === "/" && !isTyping) { event.preventDefault(); byId("search").focus(); }
    else if (event.key === "Escape" && isTyping) { event.target.blur(); matrix.focus(); }
    else if (event.key in MOVES && !isTyping) { event.preventDefault(); move(MOVES[event.key]); }
    else if (event.key === "Enter" && !event.target.matches("button, select") && shown[selected]) open(shown[selected]);
  });
  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });

  // A link to the page can ask for a search, a filter and a zone: #search=shop&show=loosens&zone=shop.example.com
  const asked = new URLSearchParams(location.hash.slice(1));
  byId("search").value = asked.get("search") || "";
  for (const name of asked.getAll("show")) document.querySelector(`[data-filter="${CSS.escape(name)}"]`)?.click();
  filter();
  const named = zones.find((zone) => zone.name === asked.get("zone"));
  if (named) open(named);
})();
