import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { locate } from "@hpl/compiler";
import { expect, test } from "vitest";
import { loadFrontEnds } from "../src/front-ends.js";
import { readPolicyFiles } from "../src/policy-files.js";
import { verifyPolicy } from "../src/verify-policy.js";

/** The tests of the standard library are policies: every `hit` and `miss` in them must hold. */
const folder = fileURLToPath(new URL("../../stdlib/test/", import.meta.url));

test.each(readdirSync(folder).filter((name) => name.endsWith(".hpl")))("%s", async (name) => {
  const files = readPolicyFiles([`${folder}${name}`]);
  const { diagnostics, verified } = verifyPolicy(files, await loadFrontEnds());
  const said = diagnostics.map((each) => {
    const { line } = locate(each.span, [...files.sources, ...files.libraries]);
    return [line, each.code, each.message, each.help, ...each.notes].join(" ");
  });
  expect(said).toEqual([]);
  expect(verified?.verification.results.length).toBeGreaterThan(5);
});
