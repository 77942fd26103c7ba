import { costOf, LIST_ITEMS_MAX, type PolicyCost, type Steps, stepsAt } from "@hpl/compiler";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { compileSources } from "../load-policy.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface CostOptions {
  readonly items: number;
  readonly format: "text" | "json";
}

const help = `
A step is one instruction of a condition, or one comparison of a fact with one value, glob, regular expression or range of
addresses. "per item" counts once for each item in the lists of the facts (relations, columns, groups, ..), all lists together;
"per item^2" once for each pair of them. Nothing is run: the figures are an upper bound for one action of any request.

Examples:
  $ hpl cost policy/
  $ hpl cost policy/ --items 200 --format json`;

export function addCost(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("cost")
    .summary("show what a decision can cost at most")
    .description("Works out how many steps a decision by the policy at POLICY takes at most, in all and for each rule.")
    .argument("<policy>", "a .hpl file, or a folder of them")
    .option(
      "--items <count>",
      "items in all lists of the facts together; without it, as many as facts can hold",
      readCount,
      LIST_ITEMS_MAX,
    )
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText("after", help)
    .action((path: string, options: CostOptions, command: Command) =>
      run(printCost(path, options, openTerminal(command.optsWithGlobals().color))),
    );
}

function readCount(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 0 && count <= LIST_ITEMS_MAX) return count;
  throw new InvalidArgumentError(`give a whole number from 0 to ${LIST_ITEMS_MAX}.`);
}

async function printCost(path: string, { items, format }: CostOptions, terminal: Terminal): Promise<number> {
  if (path.endsWith(".wasm"))
    throw new CommandFailure("the cost is worked out from sources: give a .hpl file or a folder");
  const cost = costOf(compileSources([path], terminal.hasColors).checked);
  terminal.out(format === "json" ? JSON.stringify(asJson(cost, items), null, 2) : asText(cost, items));
  return exitCode.ok;
}

/** `steps` by power of the number of items; `steps_max` at that many, null when it is larger than 2^53. */
function asJson({ families, modules, rules, labels }: PolicyCost, items_max: number): object {
  const sized = <Entry extends { readonly steps: Steps }>(entry: Entry) => ({
    ...entry,
    steps_max: stepsAt(entry.steps, items_max),
  });
  return {
    items_max,
    families: families.map(sized),
    modules: modules.map(sized),
    rules: rules.map(sized),
    labels: sized({ steps: labels }),
  };
}

/** A line of the text: what costs, and how much. */
interface Line {
  readonly name: string;
  readonly steps: Steps;
}

function asText({ families, modules, rules, labels }: PolicyCost, items_max: number): string {
  const dearest = rules.toSorted((a, b) => sizeOf(b.steps, items_max) - sizeOf(a.steps, items_max));
  const parts: readonly (readonly [string, readonly Line[]])[] = [
    [
      `one action, steps at most with ${shown(items_max)} list items`,
      families.map(({ family, steps }) => ({ name: family, steps })),
    ],
    ["modules", modules],
    ["rules", dearest.map(({ id, effect, steps }) => ({ name: `${effect} ${id}`, steps }))],
    ["columns of a SQL statement", labels.length === 0 ? [] : [{ name: "labels", steps: labels }]],
  ];
  const width = Math.max(...parts.flatMap(([, lines]) => lines.map(({ name }) => name.length)));
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [title, ...lines.map((line) => lineOf(line, width, items_max))].join("\n"))
    .join("\n\n");
}

const sizeOf = (steps: Steps, items_max: number): number => stepsAt(steps, items_max) ?? Number.MAX_VALUE;

function lineOf({ name, steps }: Line, width: number, items_max: number): string {
  const parts = steps.flatMap((count, power) => (count === 0 ? [] : [`${shown(count)}${perItem(power)}`]));
  const total = stepsAt(steps, items_max);
  const most = total === null ? "more than 2^53" : shown(total);
  return `  ${name.padEnd(width)} ${most.padStart(16)}  = ${parts.join(" + ") || "0"}`;
}

function perItem(power: number): string {
  if (power === 0) return "";
  return power === 1 ? " per item" : ` per item^${power}`;
}

const shown = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");
