import { readFileSync } from "node:fs";
import { loadPostgres, postgresFrontEnd } from "@hpl/runtime/sql";
import { beforeAll, expect, test } from "vitest";
import { verifyPolicy } from "../src/verify-policy.js";

beforeAll(() => loadPostgres());

/** The codes that running a policy of one block finds. */
function codesOf(text: string): readonly string[] {
  const { diagnostics } = verifyPolicy(
    { sources: [{ path: "page.hpl", text }], libraries: [] },
    { postgres: postgresFrontEnd },
  );
  return diagnostics.map(({ code }) => code);
}

/** The block under a heading of an error's page. */
function blockOf(code: string, heading: string): string {
  const page = readFileSync(new URL(`../../docs/errors/${code}.md`, import.meta.url), "utf8");
  const [, block] = new RegExp(`## ${heading}\\n+\`\`\`hpl\\n([^]*?)\`\`\``).exec(page) ?? [];
  if (block === undefined) throw new Error(`${code} has no block under ${heading}`);
  return block;
}

test.each(["HPL4018", "HPL4019", "HPL4020", "HPL5010"])(
  "the failing example of %s fails with it, the passing one does not",
  (code) => {
    expect(codesOf(blockOf(code, "Fails"))).toEqual([code]);
    expect(codesOf(blockOf(code, "Passes"))).toEqual([]);
  },
);
