// Opens pages in a browser, works with them as people do, and prints what it sees, as JSON.
import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";
const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
const { pages } = JSON.parse(readFileSync("asks.json"));
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args });
const complaints = [], asked = [], findings = [], keys = {}, printed = {};

const open = async (path, { width = 1400, colorScheme = "light", hash = "" } = {}) => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: false });
  const page = await context.newPage();
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => request.url().startsWith("file:") || asked.push(request.url()));
  await page.goto(`file://${path}#${hash}`);
  return page;
};
const check = async (page, what) => {
  const { violations } = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  for (const { id, impact, nodes } of violations) findings.push({ what, id, impact, node: nodes[0].html.slice(0, 200), why: nodes[0].failureSummary });
};

for (const path of pages) {
  for (const width of [400, 1400]) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open(path, { width, colorScheme });
      const what = `${path.split("/").at(-1)} ${width} ${colorScheme}`;
      await check(page, what);
      // Everything folded is open, and a zone is open too.
      await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
      await check(page, `${what} unfolded`);
      await page.keyboard.press("Enter");
      await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
      await check(page, `${what} detail`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (wide) findings.push({ what, id: "wider than its window", impact: "serious" });
      await page.context().close();
    }
  }
}

// By keyboard alone.
{
  const page = await open(pages[0]);
  const focus = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  const isOpen = () => page.evaluate(() => document.getElementById("detail").open);
  const title = () => page.evaluate(() => document.getElementById("named")?.textContent);
  keys.stops = [];
  for (let stop = 0; stop < 40 && keys.stops.at(-1) !== "matrix"; stop += 1) {
    await page.keyboard.press("Tab");
    keys.stops.push(await focus());
  }
  await page.keyboard.press("ArrowDown");
  keys.selected = await page.evaluate(() => document.getElementById(document.getElementById("matrix").getAttribute("aria-activedescendant")).querySelector(".zone").textContent);
  await page.keyboard.press("Enter");
  await page.waitForTimeout(50);
  keys.opened = [await isOpen(), await title(), await focus()];
  await page.keyboard.press("Escape");
  await page.waitForTimeout(50);
  keys.closed = [await isOpen(), await focus()];
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(50);
  keys.closedByEnter = [await isOpen(), await focus()];
  await page.keyboard.press("/");
  await page.keyboard.type("no-such-zone");
  keys.none = await page.evaluate(() => document.getElementById("none").innerText);
  await page.keyboard.press("Tab");
  while ((await focus()) !== "clear") await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  keys.cleared = [await page.evaluate(() => document.getElementById("count").textContent), await focus()];
  await page.focus("#sort");
  await page.keyboard.type("zone");
  keys.sorted = await page.evaluate(() => [...document.querySelectorAll(".row .zone")].map((cell) => cell.textContent));
  await page.context().close();
}

// On paper.
for (const path of pages) {
  const page = await open(path);
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  const sheets = pdf.match(/\/Type \/Page\b(?!s)/g).length;
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  const [head, rows, last] = await page.evaluate(() => [document.querySelector("#printed thead").innerText, document.querySelectorAll("#printed tbody tr").length,
    document.querySelector("#printed tbody tr:last-child").innerText]);
  printed[path.split("/").at(-1)] = { sheets, head, rows, last };
  await page.context().close();
}
// Only what the filter shows.
{
  const page = await open(pages[1], { hash: "show=refused" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  printed.filtered = await page.evaluate(() => [...document.querySelectorAll("#printed tbody th")].map((cell) => cell.textContent));
  printed.limits = await page.evaluate(() => document.querySelector("#printed thead").textContent);
  await page.context().close();
}
// One press shows the zones of a cause.
const page = await open(pages[1]);
await page.click("[data-cause='0']");
const cause = await page.evaluate(() => [document.querySelector("[data-cause='0']").textContent, document.getElementById("count").textContent]);
await browser.close();
console.log(JSON.stringify({ complaints, asked, findings, keys, printed, cause }));
