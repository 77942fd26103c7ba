import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isUnknown } from "../../src/facts/fact.js";
import type { KubernetesFacts } from "../../src/facts/generated.js";
import { readWireRequest } from "../../src/facts/wire.js";
import { shellFrontEnd } from "../../src/shell/index.js";
import { wireFrontEnd } from "../../src/wire/index.js";
import { openCluster, type Sent } from "./cluster.js";

// `requests.json` is what kubectl 1.32 sent for each line. The facts of a line are those of the requests it sends; where one of
// the two cannot know something (a manifest, a body in protobuf), the other one may.

interface Pair {
  readonly line: string;
  readonly requests: readonly Sent[];
}

const file = new URL("requests.json", import.meta.url);
const pairs: readonly Pair[] = JSON.parse(readFileSync(file, "utf8"));

type Facts = Readonly<Record<string, unknown>>;

/** All but what a wire has no word for, and what is said of the facts themselves. */
const comparable = ({ context: _, complete: __, reasons: ___, ...facts }: KubernetesFacts): Facts => facts;

function factsOfLine(line: string): readonly Facts[] {
  const { actions } = shellFrontEnd.analyse(`kubectl ${line}`, {
    cwd: "/w",
    kube: { context: "c", namespace: "default" },
  });
  return actions.flatMap((action) => (!action.opaque && action.family === "k8s" ? [comparable(action.facts)] : []));
}

function factsOfRequest(request: Sent): Facts {
  const wire = readWireRequest("k8s", { request });
  const [action] = typeof wire === "string" ? [] : wireFrontEnd.analyse(wire).actions;
  if (action === undefined || action.opaque || action.family !== "k8s") throw new Error(`not read: ${request.path}`);
  return comparable(action.facts);
}

/** Fields that both know and on which they differ. */
const differences = (a: Facts, b: Facts): readonly string[] =>
  Object.keys(a).filter((name) => !isUnknown(a[name]) && !isUnknown(b[name]) && a[name] !== b[name]);

const isEqual = (a: Facts, b: Facts): boolean => JSON.stringify(a) === JSON.stringify(b);

test.each(pairs.map(({ line, requests }) => [line, requests] as const))("kubectl %s", (line, requests) => {
  const ofLine = factsOfLine(line);
  const ofRequests = requests.map(factsOfRequest);
  for (const facts of ofLine) {
    const closest = ofRequests.map((each) => differences(facts, each)).toSorted((a, b) => a.length - b.length)[0];
    expect([facts, closest]).toEqual([facts, []]);
  }
  // What is sent besides only looks: at the object itself, at its events, at what belongs to it.
  for (const facts of ofRequests)
    expect(facts.effect === "read" || ofLine.some((each) => differences(each, facts).length === 0)).toBe(true);
});

test("most lines and requests are equal in every field", () => {
  const equal = pairs.filter(({ line, requests }) =>
    factsOfLine(line).every((facts) => requests.some((request) => isEqual(facts, factsOfRequest(request)))),
  );
  expect(equal.length).toBeGreaterThan(pairs.length * 0.7);
});

test("an exec is one over every transport, and brings its command with it", () => {
  const sent = pairs.find(({ line }) => line.startsWith("exec p -n x"))?.requests ?? [];
  const found = sent.flatMap((request) => {
    const wire = readWireRequest("k8s", { request });
    const analysis = typeof wire === "string" ? null : wireFrontEnd.analyse(wire);
    return analysis?.started === undefined ? [] : [[request.method, request.headers.upgrade, analysis.started]];
  });
  expect(found).toEqual([
    ["GET", "websocket", ["rm", "-rf", "/d"]],
    ["POST", "SPDY/3.1", ["rm", "-rf", "/d"]],
  ]);
});

/** Without what differs from run to run. Protobuf is not JSON, and what is left of it in a text says nothing. */
function plain({ body, path, ...sent }: Sent): Sent {
  const written = path.replaceAll(/timeoutSeconds=\d+/g, "timeoutSeconds=1");
  if (body === undefined) return { ...sent, path: written };
  const text = JSON.stringify(body)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "2026-01-01T00:00:00Z")
    .replaceAll(/debugger-\w+/g, "debugger-x");
  return { ...sent, path: written, body: typeof body === "string" ? "k8s\u0000" : JSON.parse(text) };
}

// LONG=1 runs kubectl itself; with UPDATE=1 what it sends becomes the table.
const isInstalled = spawnSync("kubectl", ["version", "--client"]).status === 0;
test.skipIf(!process.env.LONG || !isInstalled)("kubectl sends what the table says", { timeout: 120_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), "kubectl-"));
  const cluster = await openCluster(home);
  const found: Pair[] = [];
  for (const { line } of pairs) {
    const words = line.split(" ").map((word) => word.replaceAll("'", ""));
    const sent = (await cluster.send(words)).map((each) => JSON.stringify(plain(each)));
    found.push({ line, requests: [...new Set(sent)].map((each) => JSON.parse(each)) });
  }
  cluster.close();
  rmSync(home, { recursive: true, force: true });
  const lines = found.map((pair) => `  ${JSON.stringify(pair)}`).join(",\n");
  if (process.env.UPDATE) writeFileSync(file, `[\n${lines}\n]\n`);
  else expect(found).toEqual(pairs);
});
