import { type CheckedPolicy, locate, traceRequest } from "@hpl/compiler";
import { type Decision, type FiredRule, judge, loadPolicy, type Obligation } from "@hpl/runtime";
import type { Command } from "commander";
import { addRequestOptions, questionsCount, type RequestOptions, readAskedRequest } from "../asked-request.js";
import { CommandFailure, exitCode } from "../exit-code.js";
import { loadFrontEnds } from "../front-ends.js";
import { openSources } from "../load-policy.js";
import { obligationText } from "../obligation-text.js";
import { releasedText } from "../released-text.js";
import { readCatalogFile } from "../requests.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { renderTrace } from "../trace-text.js";

const examples = `
Example:
  $ hpl why . --sql 'UPDATE orders SET paid = true' --principal '{"id":"ann","kind":"human","groups":["dba"]}' \\
      --connection '{"name":"orders","kind":"postgres","env":"prod"}'

Shows the decision, and every rule of the statement's family: what each clause came to (true, false or unknown) and the
values it saw. Exit code: 0, whatever the decision.`;

export function addWhy(program: Command, run: (code: Promise<number>) => void): void {
  const command = program
    .command("why")
    .summary("show why a decision comes out as it does")
    .description("Traces a decision, rule by rule and clause by clause, by the policy at POLICY.")
    .argument("<policy>", "a .hpl file, a folder of them, or a compiled module");
  addRequestOptions(command)
    .addHelpText("after", examples)
    .action((policy: string, options: RequestOptions, called: Command) =>
      run(explainDecision(policy, options, openTerminal(called.optsWithGlobals().color))),
    );
}

async function explainDecision(path: string, options: RequestOptions, terminal: Terminal): Promise<number> {
  if (questionsCount(options) !== 1)
    throw new CommandFailure("give exactly one of --sql, --shell, --text and --request");
  const { checked, module } = openSources(path, terminal.hasColors);
  const frontEnds = await loadFrontEnds();
  const loaded = loadPolicy(module);
  if (!loaded.ok)
    throw new CommandFailure(`error[${loaded.failure.code}]: ${loaded.failure.message}`, exitCode.findings);
  const read = readAskedRequest(options, readCatalogFile(options.catalog), loaded.policy);
  if (!read.ok) throw new CommandFailure(`the request cannot be read: \`${read.bad.field}\``);
  const { actions, decision } = judge(loaded.policy, frontEnds, read.request);
  terminal.out(describeDecision(decision));
  for (const trace of traceRequest(checked, { ...read.request.context, actions })) {
    terminal.out(`\n${renderTrace(trace, textOf(checked))}`);
  }
  return exitCode.ok;
}

/** The policy's own words at a place, and where that is. */
const textOf =
  (checked: CheckedPolicy) =>
  (span: CheckedPolicy["modules"][number]["span"]): { readonly text: string; readonly place: string } => {
    const { file, line } = locate(span, checked.sources);
    const text = checked.sources[span.file]?.text.slice(span.start, span.end) ?? "";
    return { text: text.replace(/\s+/g, " "), place: `${file}:${line}` };
  };

/** What a masked column still shows. */
function shownText(obligation: Obligation): readonly string[] {
  const shown = obligation.type === "mask" ? releasedText(obligation.transform) : null;
  return shown === null ? [] : [`    still shows: ${shown}`];
}

/** The decision, and what it was joined from: the base, each restriction that fires, and refusals of the engine's own. */
function describeDecision({ verdict, message, fix, code, rules, obligations, reasons }: Decision): string {
  const place = ({ id, certainty, span }: FiredRule) => `${id} (${certainty}), ${span.file}:${span.line}`;
  const isDefault = ({ id }: FiredRule) => id.endsWith("/default");
  const grants = rules.filter((rule) => rule.effect === "allow" && !isDefault(rule));
  const base = grants.length > 0 ? grants : rules.filter(isDefault);
  const others = rules.filter((rule) => !base.includes(rule));
  return [
    `${verdict}: ${message}`,
    ...(fix === undefined ? [] : [`  fix: ${fix}`]),
    ...(code === undefined ? [] : [`  code: ${code} (hpl explain ${code})`]),
    ...base.map((rule) => `  base ${rule.effect}, by ${place(rule)}`),
    ...others.map((rule) => `  joined with ${rule.effect}${rule.advisory ? " (advisory)" : ""}, by ${place(rule)}`),
    ...obligations.flatMap((each) => [`  ${obligationText(each)}`, ...shownText(each)]),
    ...(reasons.length === 0 ? [] : [`  not certain, or refused: ${reasons.join(", ")}`]),
  ].join("\n");
}
