// Opens documents in the language server and prints what it says of them, as JSON.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const asks = JSON.parse(readFileSync("asks.json"));
const server = spawn("node", ["node_modules/yaml-language-server/bin/yaml-language-server", "--stdio"]);
let buffer = Buffer.alloc(0), id = 0;
const waiting = new Map(), published = new Map();
const send = (message) => {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
};
const request = (method, params) => new Promise((resolve) => {
  waiting.set(++id, resolve);
  send({ id, method, params });
});
const settings = { yaml: { schemaStore: { enable: false }, hover: true, completion: true, validate: true } };
server.stdout.on("data", (data) => {
  buffer = Buffer.concat([buffer, data]);
  for (;;) {
    const head = buffer.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, head).toString())[1]);
    if (buffer.length < head + 4 + length) return;
    const message = JSON.parse(buffer.subarray(head + 4, head + 4 + length));
    buffer = buffer.subarray(head + 4 + length);
    if (message.method === "workspace/configuration") {
      send({ id: message.id, result: message.params.items.map((item) => settings[item.section] ?? {}) });
    } else if (message.method === "textDocument/publishDiagnostics") {
      published.get(message.params.uri)?.(message.params.diagnostics);
    } else if (message.method && message.id !== undefined) {
      send({ id: message.id, result: null });
    } else if (message.id !== undefined) {
      waiting.get(message.id)?.(message.result);
    }
  }
});
const root = pathToFileURL(process.cwd()).href;
const capabilities = { textDocument: { completion: { completionItem: { snippetSupport: true } }, hover: { contentFormat: ["markdown"] } },
  workspace: { configuration: true } };
await request("initialize", { processId: process.pid, rootUri: root, capabilities, workspaceFolders: [{ uri: root, name: "x" }] });
send({ method: "initialized", params: {} });
const answers = [];
for (const [index, { schema, text }] of asks.entries()) {
  const uri = `${root}/${index}.yaml`;
  // A `|` in the text is the cursor.
  const full = `# yaml-language-server: $schema=./${schema}.schema.json\n${text}`;
  const at = full.indexOf("|"), plain = at < 0 ? full : full.slice(0, at) + full.slice(at + 1);
  const diagnostics = new Promise((resolve) => published.set(uri, resolve));
  send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text: plain } } });
  const answer = { messages: (await diagnostics).map((d) => d.message) };
  if (at >= 0) {
    const before = full.slice(0, at).split("\n");
    const position = { line: before.length - 1, character: before.at(-1).length };
    const hover = await request("textDocument/hover", { textDocument: { uri }, position });
    answer.hover = hover?.contents?.value ?? "";
    const completion = await request("textDocument/completion", { textDocument: { uri }, position });
    answer.offered = (completion?.items ?? []).map((item) => item.label);
    answer.inserted = (completion?.items ?? []).map((item) => item.textEdit?.newText ?? item.insertText);
  }
  answers.push(answer);
}
console.log(JSON.stringify(answers));
server.kill();
