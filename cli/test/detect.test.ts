import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const bin = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hpl-detect-"));
const fileWith = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

function hpl(args: readonly string[], input = ""): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "detect", ...args], { input, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

const text = "hello\nmüller wrote to ann.miller@corp.io, key AKIAQYLPMN5HFIQR7XYA\nbye\n";

test("a text: place, kind, and too little of it to use", () => {
  const { code, out } = hpl([fileWith("note.txt", text)]);
  expect(out).toBe("2:17  email_address  an…io\n2:41  aws_access_key  AK…YA\n");
  expect(code).toBe(1);
});

test("a text in which there is nothing", () => {
  expect(hpl([], "nothing to see here\n")).toEqual({ code: 0, out: "", err: "" });
});

test("as JSON, with bytes and places", () => {
  const { out } = hpl(["--format", "json", "-"], text);
  expect(JSON.parse(out)).toEqual({
    findings: [
      { type: "email_address", start: 23, end: 41, line: 2, character: 17, end_line: 2, end_character: 35 },
      { type: "aws_access_key", start: 47, end: 67, line: 2, character: 41, end_line: 2, end_character: 61 },
    ],
  });
});

test("one text a line, one answer a line, in order; bytes of UTF-8", () => {
  const lines = ['{"id":"a","text":"é ann@corp.io"}', "", "no JSON", '{"id":2,"text":7}', '{"id":3,"text":"nothing"}'];
  const { code, out } = hpl(["--ndjson"], lines.join("\n"));
  const error = "the line is no JSON object with a text";
  expect(
    out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { id: "a", findings: [{ type: "email_address", start: 3, end: 14 }] },
    { id: null, findings: [], error },
    { id: 2, findings: [], error },
    { id: 3, findings: [] },
  ]);
  expect(code).toBe(0);
});

test("with the detectors of a policy, and no others", () => {
  const policy = fileWith(
    "policy.hpl",
    `policy p governs text\ndetector badge { pattern 'badge-[0-9]{6}' }\nmask "m" values badge with redact\n`,
  );
  expect(hpl(["--policy", policy], "badge-123456 ann@corp.io")).toEqual({
    code: 1,
    out: "1:1  badge  ba…56\n",
    err: "",
  });
});

test.each([
  [
    "a policy without detectors",
    ["--policy", fileWith("none.hpl", "policy p governs sql\ndefault allow\n")],
    "uses a detector",
  ],
  ["a file that is not there", [join(folder, "missing.txt")], "cannot be read"],
  ["a format there is not", ["--format", "xml"], "text or json"],
  ["a file beside --ndjson", ["--ndjson", join(folder, "note.txt")], "leave FILE out"],
])("%s is wrong usage", (_what, args, said) => {
  const { code, err } = hpl(args);
  expect(err).toContain(said);
  expect(code).toBe(2);
});
