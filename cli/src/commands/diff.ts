import { askable, type ChangedRegion, compare, type PolicyDiff } from "@hpl/compiler";
import { type Command, Option } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { plural } from "../findings.js";
import { loadFrontEnds } from "../front-ends.js";
import { compileSources } from "../load-policy.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { readStatement } from "../verify-policy.js";

interface DiffOptions {
  readonly weaker: boolean;
  readonly format: "text" | "json" | "markdown";
}

const help = `
Each change is shown by one request, a statement where one is known. Compared are requests of one action whose facts are known;
what could neither be shown nor ruled out is said.

Examples:
  $ hpl diff main/policy policy
  $ hpl diff main/policy policy --no-weaker --format markdown`;

export function addDiff(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("diff")
    .summary("show what a new policy decides otherwise")
    .description(
      "Shows the requests that the policy at NEW decides otherwise than the one at OLD, weaker decisions first.",
    )
    .argument("<old>", "a .hpl file, or a folder of them")
    .argument("<new>", "a .hpl file, or a folder of them")
    .option("--no-weaker", "exit 1 only when something became weaker, or might have")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json", "markdown"]).default("text"))
    .addHelpText("after", help)
    .action((old: string, now: string, options: DiffOptions, command: Command) =>
      run(printDiff(old, now, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function printDiff(
  old: string,
  now: string,
  { weaker, format }: DiffOptions,
  terminal: Terminal,
): Promise<number> {
  for (const path of [old, now])
    if (path.endsWith(".wasm"))
      throw new CommandFailure("policies are compared by their sources: give .hpl files or folders");
  const [before, after] = [old, now].map((path) => compileSources([path], terminal.hasColors).checked);
  if (before === undefined || after === undefined) throw new CommandFailure("two policies are compared");
  const frontEnds = await loadFrontEnds();
  const diff = compare(before, after, (statement) => readStatement(statement, frontEnds));
  terminal.out(printers[format](diff));
  const isWeaker = diff.regions.some(({ change }) => change !== "stricter") || diff.undecided.length > 0;
  const isDifferent = diff.regions.length > 0 || diff.undecided.length > 0;
  return (weaker ? isDifferent : isWeaker) ? exitCode.findings : exitCode.ok;
}

const printers: Readonly<Record<DiffOptions["format"], (diff: PolicyDiff) => string>> = {
  json: (diff) => JSON.stringify(asJson(diff), null, 2),
  markdown: asMarkdown,
  text: asText,
};

const asJson = ({ regions, undecided }: PolicyDiff): object => ({
  regions: regions.map(({ family, change, before, after, rules, request, text }) => ({
    family,
    change,
    before: before.verdict,
    after: after.verdict,
    rules,
    text,
    request: askable(request, text),
    messages: { before: before.message, after: after.message },
  })),
  undecided,
});

const headOf = ({ regions }: PolicyDiff): string => {
  if (regions.length === 0) return "no decision was found that changed";
  const counts = (["weaker", "other", "stricter"] as const)
    .map((change) => [regions.filter((region) => region.change === change).length, change] as const)
    .filter(([count]) => count > 0)
    .map(([count, change]) => `${count} ${change === "other" ? "in other ways" : change}`);
  return `${plural(regions.length, "change")}: ${counts.join(", ")}`;
};

const whatOf = ({ text, request }: ChangedRegion): string => text ?? JSON.stringify(askable(request, null));

const whoOf = ({ request }: ChangedRegion): string => {
  const { kind, groups } = request.principal;
  const memberships = Array.isArray(groups) && groups.length > 0 ? ` in ${groups.join(", ")}` : "";
  const { env } = request.connection;
  return `${kind}${memberships}${typeof env === "string" ? `, connection.env ${env}` : ""}`;
};

function asText(diff: PolicyDiff): string {
  const regions = diff.regions.map((region) =>
    [
      `${region.change}: ${region.before.verdict} -> ${region.after.verdict}${rulesText(region)}`,
      `  ${whatOf(region)}`,
      `  as ${whoOf(region)}`,
      `  before: ${region.before.message}`,
      `  after:  ${region.after.message}`,
    ].join("\n"),
  );
  const undecided = diff.undecided.map(
    ({ family, before, after, reason }) => `cannot tell: ${family} ${before} -> ${after}: ${reason}`,
  );
  return [headOf(diff), ...regions, ...undecided].join("\n\n");
}

const rulesText = ({ rules }: ChangedRegion): string => (rules.length === 0 ? "" : ` (${rules.join(", ")})`);

function asMarkdown(diff: PolicyDiff): string {
  const rows = diff.regions.map((region) =>
    [
      region.change,
      `${region.before.verdict} → ${region.after.verdict}`,
      code(whatOf(region)),
      whoOf(region),
      region.rules.map(code).join(" "),
    ].join(" | "),
  );
  const table =
    rows.length === 0
      ? []
      : [
          "| change | decision | for instance | as | rules |",
          "|---|---|---|---|---|",
          ...rows.map((row) => `| ${row} |`),
        ];
  const undecided = diff.undecided.map(
    ({ family, before, after, reason }) =>
      `- cannot tell whether any ${family} action goes from ${before} to ${after}: ${reason}`,
  );
  return [`**${headOf(diff)}**`, table.join("\n"), undecided.join("\n")].filter((part) => part !== "").join("\n\n");
}

const code = (text: string): string => `\`${text.replaceAll("|", "\\|").replaceAll("`", "'")}\``;
