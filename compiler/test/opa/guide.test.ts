import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compile } from "../../src/index.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const guide = readFileSync(join(root, "docs/guide/opa.md"), "utf8");
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(guide)?.[1] ?? "";

test("the guide's program prints what the guide says", () => {
  const { module } = compile({ sources: [{ path: "policy.hpl", text: block("hpl") }], libraries: [] }, "opa");
  const program = block("js");
  const [, printed] = /^\/\/ (.*)$/m.exec(program) ?? [];
  // Below node_modules, so that the program finds the SDK as it would in a project.
  const folder = mkdtempSync(join(root, "node_modules/.opa-"));
  try {
    writeFileSync(join(folder, "policy.wasm"), module ?? "");
    writeFileSync(join(folder, "host.mjs"), program);
    expect(execFileSync(process.execPath, ["host.mjs"], { cwd: folder, encoding: "utf8" })).toBe(`${printed}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
