import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isUnknown } from "../../src/facts/fact.js";
import type { GitFacts } from "../../src/facts/generated.js";
import { RECEIVE_PACK_TEXT_SIZE_MAX, readWireRequest } from "../../src/facts/wire.js";
import { analyseReceivePack, COMMANDS_COUNT_MAX } from "../../src/git/index.js";
import { shellFrontEnd } from "../../src/shell/index.js";

// What a `git push` says on a command line, and what the installed git then sends to a server that writes the stream down and
// refuses it. `feat` is checked out and ahead of the server's `main`; the server's `old` has a history of its own.

const isInstalled = spawnSync("git", ["--version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "push-"));
const [work, bare, stream] = ["work", "bare.git", "stream"].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];

const env = {
  PATH: process.env.PATH ?? "",
  HOME: folder,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@b",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@b",
};
const git = (...args: readonly string[]) => spawnSync("git", ["-C", work, ...args], { env, encoding: "utf8" });

beforeAll(() => {
  if (!isInstalled) return;
  mkdirSync(work);
  spawnSync("git", ["init", "-q", "--bare", bare], { env });
  for (const args of [
    ["init", "-q", "-b", "main"],
    ["commit", "-q", "--allow-empty", "-m", "1"],
    ["remote", "add", "origin", bare],
    ["push", "-q", "origin", "main", "main:release/1"],
    ["checkout", "-q", "--orphan", "old"],
    ["commit", "-q", "--allow-empty", "-m", "other"],
    ["push", "-q", "origin", "old"],
    ["checkout", "-q", "-b", "feat", "main"],
    ["commit", "-q", "--allow-empty", "-m", "2"],
    ["tag", "v1"],
    ["branch", "-f", "old", "main"],
    ["branch", "-f", "main", "feat"],
  ])
    git(...args);
  // The recorder stands before the server, and the server refuses: each push starts from the same refs.
  const recorder = join(folder, "recorder");
  writeFileSync(recorder, `#!/bin/sh\ntee ${stream} | git-receive-pack "$@"\n`, { mode: 0o755 });
  git("config", "remote.origin.receivepack", recorder);
  writeFileSync(join(bare, "hooks", "pre-receive"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Update = Pick<GitFacts, "ref" | "all_refs" | "force" | "delete">;

function ofText(line: string): readonly Update[] {
  const git_context = { branch: "feat", remotes: ["origin"] };
  const { actions } = shellFrontEnd.analyse(line, { cwd: work, git: git_context });
  return actions.flatMap((action) =>
    !action.opaque && action.family === "git" && action.facts.verb === "push" ? [action.facts] : [],
  );
}

function ofStream(bytes: Uint8Array, fast_forward: readonly string[] = []): readonly Update[] {
  const { actions } = analyseReceivePack({ bytes, remote: "origin", fast_forward });
  return actions.map((action) => {
    if (action.opaque || action.family !== "git") throw new Error("the stream is not read");
    return action.facts;
  });
}

/** Refs of a stream whose old value is an ancestor of the new one, as the server's own objects say after the push. */
function fastForwards(bytes: Uint8Array): readonly string[] {
  const lines = [
    ...Buffer.from(bytes)
      .toString("latin1")
      .matchAll(/([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/[^\0\n]+?)(?=\0|[0-9a-f]{4}[0-9a-f]{40} |0000)/g),
  ];
  return lines.flatMap(([, before = "", after = "", ref = ""]) =>
    git("merge-base", "--is-ancestor", before, after).status === 0 ? [ref] : [],
  );
}

/** Whether what the text says stands for what was sent. */
const covers = (text: Update, sent: Update): boolean =>
  (isUnknown(text.ref) || text.ref === sent.ref) &&
  (isUnknown(text.delete) || text.delete === sent.delete || text.all_refs === true) &&
  // A text may say that history could be rewritten where it was not, never the other way round.
  (text.force !== false || sent.force === false);

const pushes: readonly (readonly [args: string, sent: string])[] = [
  ["origin feat", "refs/heads/feat"],
  ["origin HEAD", "refs/heads/feat"],
  ["origin @", "refs/heads/feat"],
  ["-u origin feat", "refs/heads/feat"],
  ["origin feat:main", "refs/heads/main"],
  ["origin HEAD:refs/heads/main", "refs/heads/main"],
  ["origin main", "refs/heads/main"],
  ["origin heads/feat", "refs/heads/feat"],
  ["origin feat main", "refs/heads/feat refs/heads/main"],
  ["origin +feat:old", "refs/heads/old!"],
  ["--force origin feat:old", "refs/heads/old!"],
  ["-f origin old", "refs/heads/old!"],
  ["--force-with-lease=old: origin feat:new", "refs/heads/new"],
  ["origin :old", "refs/heads/old-"],
  ["--delete origin old release/1", "refs/heads/old- refs/heads/release/1-"],
  [
    "--mirror origin",
    "refs/heads/feat refs/heads/main refs/heads/old! refs/heads/release/1- refs/remotes/origin/main refs/remotes/origin/old refs/remotes/origin/release/1 refs/tags/v1",
  ],
  ["--all -f origin", "refs/heads/feat refs/heads/main refs/heads/old!"],
  [
    "--prune -f origin refs/heads/*:refs/heads/*",
    "refs/heads/feat refs/heads/main refs/heads/old! refs/heads/release/1-",
  ],
  ["origin refs/heads/*:refs/x/*", "refs/x/feat refs/x/main refs/x/old"],
  ["--tags origin", "refs/tags/v1"],
  ["--follow-tags origin feat", "refs/heads/feat"],
  ["origin tag v1", "refs/tags/v1"],
  ["origin refs/tags/v1", "refs/tags/v1"],
  ["-q --no-verify --progress origin feat", "refs/heads/feat"],
];

/** Sends a push; the bytes that arrived. */
function send(args: string, ...settings: readonly string[]): Uint8Array {
  rmSync(stream, { force: true });
  git(...settings.flatMap((each) => ["-c", each]), "push", ...args.split(" "));
  return readFileSync(stream);
}

const show = ({ ref, force, delete: isDelete }: Update): string =>
  `${ref}${force === true ? "!!" : force === false ? "" : "!"}${isDelete === true ? "-" : ""}`;

test.skipIf(!isInstalled).each(pushes)("git push %s", (args, expected) => {
  const bytes = send(args);
  const sent = ofStream(bytes, fastForwards(bytes));
  expect(sent.map(show).toSorted().join(" ")).toBe(expected);
  const text = ofText(`git push ${args.replaceAll("*", "\\*")}`);
  expect(sent.filter((each) => !text.some((own) => covers(own, each)))).toEqual([]);
  // Nothing is said of a ref that is not sent, and where names are certain both are the same list.
  for (const own of text) expect(sent.some((each) => covers(own, each))).toBe(true);
});

test.skipIf(!isInstalled)(
  "a tag by its short name: the repository says what it is, and a text is read as a branch",
  () => {
    // A text without the repository's refs takes every short name for a branch: a limit of texts that the wire does not have.
    expect(ofStream(send("origin v1")).map(show)).toEqual(["refs/tags/v1"]);
    expect(ofText("git push origin v1").map(show)).toEqual(["refs/heads/v1"]);
  },
);

test.skipIf(!isInstalled)("over HTTP the same commands arrive", async () => {
  const bodies: Buffer[] = [];
  const server = serveGit(bodies);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  spawnSync("git", ["-C", bare, "config", "http.receivepack", "true"], { env });
  const { port } = server.address() as AddressInfo;
  const args = ["-C", work, "push", `http://127.0.0.1:${port}/bare.git`, "+feat:old", ":release/1"];
  await new Promise((done) => spawn("git", args, { env, stdio: "ignore" }).once("close", done));
  server.close();
  expect(bodies.map((body) => ofStream(body).map(show))).toEqual([["refs/heads/old!", "refs/heads/release/1-"]]);
});

/** `git http-backend` behind a web server that keeps what is posted to receive-pack. */
function serveGit(bodies: Buffer[]): Server {
  return createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const [path, query = ""] = (request.url ?? "").split("?");
      const body = Buffer.concat(parts);
      if (request.method === "POST") bodies.push(body);
      const { stdout } = spawnSync("git", ["http-backend"], {
        input: body,
        env: {
          ...env,
          GIT_PROJECT_ROOT: folder,
          GIT_HTTP_EXPORT_ALL: "1",
          PATH_INFO: path,
          QUERY_STRING: query,
          REQUEST_METHOD: request.method,
          CONTENT_TYPE: request.headers["content-type"] ?? "",
        },
      });
      const end = stdout.indexOf("\r\n\r\n");
      for (const line of stdout.subarray(0, end).toString("latin1").split("\r\n")) {
        const [name = "", value = ""] = line.split(": ");
        if (name === "Status") response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.end(stdout.subarray(end + 4));
    });
  });
}

// Streams as bytes, read without a server.

const [a, b, none] = ["a".repeat(40), "b".repeat(40), "0".repeat(40)];
const packet = (line: string): string => (Buffer.byteLength(line) + 4).toString(16).padStart(4, "0") + line;
const read = (text: string) => analyseReceivePack({ bytes: Buffer.from(text, "latin1"), remote: "", fast_forward: [] });
const inShort = (text: string): string =>
  read(text)
    .actions.map((action) => (action.opaque ? `opaque ${action.reasons}` : show(action.facts as GitFacts)))
    .join(" ");
const certificate = (...commands: readonly string[]) =>
  [
    "push-cert\0 atomic",
    "certificate version 0.1\n",
    "pusher x 1 +0000\n",
    "\n",
    ...commands,
    "-----BEGIN PGP SIGNATURE-----\n",
    "x\n",
    "push-cert-end\n",
  ]
    .map(packet)
    .join("");

test.each([
  ["one command", `${packet(`${a} ${b} refs/heads/x\0 report-status`)}0000PACK`, "refs/heads/x!"],
  ["a shallow client", `${packet(`shallow ${a}`)}${packet(`${none} ${b} refs/heads/x`)}0000`, "refs/heads/x"],
  ["64 digits", `${packet(`${"0".repeat(64)} ${"c".repeat(64)} refs/heads/x`)}0000`, "refs/heads/x"],
  ["a certificate", `${certificate(`${a} ${none} refs/heads/x\n`)}0000`, "refs/heads/x-"],
  [
    "two lines in a packet",
    `${packet(`${a} ${b} refs/heads/x\n${a} ${b} refs/heads/main`)}0000`,
    "opaque receive_pack",
  ],
  [
    "a command beside a certificate",
    `${certificate(`${a} ${b} refs/x\n`)}${packet(`${a} ${b} refs/y`)}0000`,
    "opaque receive_pack",
  ],
  [
    "a certificate without a signature",
    `${packet("push-cert\0")}${packet("x\n")}${packet("push-cert-end\n")}0000`,
    "opaque receive_pack",
  ],
  ["nothing", "", "opaque truncated"],
  ["no commands", "0000", "opaque receive_pack"],
  ["no end", packet(`${a} ${b} refs/heads/x`), "opaque truncated"],
  ["a packet that is too long", `00ff${a}`, "opaque truncated"],
  ["a packet of version 2", "00010000", "opaque receive_pack"],
  ["no packet", "GET / HTTP/1.1", "opaque receive_pack"],
  ["a command that is none", `${packet("hello")}0000`, "opaque receive_pack"],
  [
    "a name that is no UTF-8",
    `${packet(`${a} ${b} refs/heads/x\u00ff`).replace("0068", "0067")}0000`,
    "opaque receive_pack",
  ],
] as const)("%s", (_what, text, expected) => {
  expect(inShort(text)).toBe(expected);
});

test("commands of one push", () => {
  const many = (count: number) => `${packet(`${none} ${b} refs/heads/x`).repeat(count)}0000`;
  expect(read(many(COMMANDS_COUNT_MAX)).actions.length).toBe(COMMANDS_COUNT_MAX);
  expect(inShort(many(COMMANDS_COUNT_MAX + 1))).toBe("opaque too_many_commands");
});

test("base64 is read up to its limit, and commands that end behind it are cut off", () => {
  const size_max = (RECEIVE_PACK_TEXT_SIZE_MAX / 4) * 3;
  /** A push whose commands end at the byte `size`, with a pack behind them. */
  const pushOf = (size: number) => {
    const command = (name: string) => packet(`${none} ${b} refs/heads/${name}`);
    const shallow = packet(`shallow ${a}`);
    const room = size - "0000".length - command("").length;
    const lines = shallow.repeat(Math.floor(room / shallow.length));
    const text = `${lines}${command("x".repeat(room - lines.length))}0000${"PACK".repeat(9)}`;
    const wire = readWireRequest("git", { receive_pack: Buffer.from(text).toString("base64") });
    return typeof wire !== "string" && wire.kind === "git" ? analyseReceivePack(wire.push).actions : [];
  };
  expect(pushOf(size_max)).toMatchObject([{ opaque: false }]);
  expect(pushOf(size_max + 1)).toMatchObject([{ opaque: true, reasons: ["truncated"] }]);
});
