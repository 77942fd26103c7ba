/**
 * The `hpl` command: arguments in, exit code out.
 *
 * Each verb has a file in `commands/` that says its options and calls the packages; nothing is decided, parsed or masked
 * here. Results go to standard output, everything else to standard error. Exit codes are those of DESIGN section 8.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { CommandFailure, exitCode } from "./exit-code.js";

const overview = `
A first policy:
  $ hpl init my-policy && cd my-policy
  $ hpl check
  $ hpl eval . --sql 'DROP TABLE users'

Exit codes: 0 clean or allow, 1 findings, 2 usage, 3 needs approval, 4 block.`;

type Run = (code: Promise<number>) => void;
type Add = (program: Command, run: Run) => void;

/** A verb's file is loaded when the verb is called: the compiler alone takes half a second. */
const commands: Readonly<Record<string, () => Promise<Add>>> = {
  init: async () => (await import("./commands/init.js")).addInit,
  check: async () => (await import("./commands/check.js")).addCheck,
  test: async () => (await import("./commands/test.js")).addTest,
  fmt: async () => (await import("./commands/fmt.js")).addFmt,
  eval: async () => (await import("./commands/eval.js")).addEval,
  why: async () => (await import("./commands/why.js")).addWhy,
  facts: async () => (await import("./commands/facts.js")).addFacts,
  detect: async () => (await import("./commands/detect.js")).addDetect,
  build: async () => (await import("./commands/build.js")).addBuild,
  inspect: async () => (await import("./commands/build.js")).addInspect,
  replay: async () => (await import("./commands/replay.js")).addReplay,
  diff: async () => (await import("./commands/diff.js")).addDiff,
  mutate: async () => (await import("./commands/mutate.js")).addMutate,
  import: async () => (await import("./commands/import.js")).addImport,
  cost: async () => (await import("./commands/cost.js")).addCost,
  grants: async () => (await import("./commands/grants.js")).addGrants,
  guard: async () => (await import("./commands/guard.js")).addGuard,
  shim: async () => (await import("./commands/shim.js")).addShim,
  explain: async () => (await import("./commands/explain.js")).addExplain,
  gateway: async () => (await import("./commands/gateway.js")).addGateway,
  approvals: async () => (await import("./commands/approvals.js")).addApprovals,
  bundle: async () => (await import("./commands/bundle.js")).addBundle,
  sessions: async () => (await import("./commands/sessions.js")).addSessions,
  audit: async () => (await import("./commands/audit.js")).addAudit,
  evidence: async () => (await import("./commands/evidence.js")).addEvidence,
};

/** Runs the command line `args`, without the program's name, and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let code: Promise<number> = Promise.resolve(exitCode.ok);
  try {
    const program = await buildProgram(args, (running) => {
      code = running;
    });
    await program.parseAsync([...args], { from: "user" });
    return await code;
  } catch (error) {
    return reportFailure(error);
  }
}

/** The program with the verb that `args` calls, or with all of them when it is none: for help, and to suggest one. */
async function buildProgram(args: readonly string[], run: Run): Promise<Command> {
  const program = new Command("hpl")
    .description("Policy-as-code for databases, shells and APIs: check, compile, evaluate and enforce .hpl policies.")
    .version(versionOf(), "-V, --version", "print the version")
    .option("--no-color", "no colours")
    .helpOption("-h, --help", "print help")
    .addHelpText("after", overview)
    .showHelpAfterError("(add --help for more)")
    .exitOverride();
  const called = commands[args[0] ?? ""];
  const wanted = called === undefined ? Object.values(commands) : [called];
  for (const load of wanted) (await load())(program, run);
  inherit(program);
  return program;
}

/** Subcommands fail like the program: by exception, with the hint. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().showHelpAfterError("(add --help for more)");
    inherit(child);
  }
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}

function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (error instanceof CommandFailure) {
    process.stderr.write(`${error.code === exitCode.usage ? "hpl: " : ""}${error.message}\n`);
    return error.code;
  }
  throw error;
}
