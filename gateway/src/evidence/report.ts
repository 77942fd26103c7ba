/**
 * The report a person reads: one HTML file that loads nothing, prints well, and says how everything in it is checked.
 *
 * In: what an export found. Out: HTML. Whatever comes from the log is text, never markup.
 */
import { columnChart, escapeHtml, rowChart } from "./charts.js";
import type { Completeness } from "./completeness.js";
import type { ControlSummary } from "./controls.js";
import { nameOf } from "./population.js";
import type { Item, Period } from "./read-period.js";

export interface ReportInput {
  readonly period: Period;
  readonly control: string | null;
  readonly generated_at: string;
  readonly generator: string;
  readonly seed: string;
  readonly items: readonly Item[];
  readonly sample: readonly Item[];
  readonly controls: readonly ControlSummary[];
  readonly completeness: Completeness;
}

const style = `
:root{color-scheme:light}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
h1{font-size:1.7rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid #ccc}
table{border-collapse:collapse;width:100%;font-size:.86rem}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ddd;vertical-align:top}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}svg{width:100%;height:auto}.facts td:first-child{width:14rem;color:#555}
.good::before{content:"✔ "}.bad{font-weight:600}.bad::before{content:"✘ "}.legend span{margin-right:1rem}.note{color:#555}
@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}tr,svg{break-inside:avoid}a{color:inherit;text-decoration:none}}`;

/** The whole page. O(items). */
export function renderReport(input: ReportInput): string {
  const { period, control, items, sample, controls, completeness } = input;
  const scope = control === null ? "all decisions" : `decisions that serve ${control}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Evidence: ${escapeHtml(scope)}</title><style>${style}</style></head><body>
<h1>Evidence of access decisions</h1>
<p class="note">${escapeHtml(scope)}, ${day(period.from_ms)} to ${day(period.to_ms)} (UTC, end not included)</p>
${facts(input)}
<h2>Controls</h2>${controlTable(controls)}
<h2>Decisions over time</h2>${overTime(items, period)}
<h2>By rule</h2>${rowChart("decisions by rule", most(items.flatMap(rulesIn)))}
<h2>By person, agent or service</h2>${rowChart("decisions by principal", most(items.map(({ decision }) => String(decision.detail.principal.id))))}
<h2>Sample</h2>${sampleTable(sample)}
<h2>Completeness</h2>${completenessSection(completeness)}
<h2>How to check this</h2>${howTo}
</body></html>
`;
}

const day = (time_ms: number): string => new Date(time_ms).toISOString().slice(0, 16).replace("T", " ");

const table = (head: readonly string[], rows: readonly (readonly string[])[], kind = ""): string =>
  `<table class="${kind}">${head.length === 0 ? "" : `<thead><tr>${head.map((text) => `<th>${text}</th>`).join("")}</tr></thead>`}<tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`)
    .join("")}</tbody></table>`;

const verdictSign = (isGood: boolean, text: string): string =>
  `<span class="${isGood ? "good" : "bad"}">${escapeHtml(text)}</span>`;

function facts({ items, sample, seed, generated_at, generator, completeness }: ReportInput): string {
  const check = completeness.log_check;
  const whole = check.ok
    ? `${check.lines_count} lines, ${check.signed_count} of them signed`
    : `index ${check.fault.index}: ${check.fault.reason}`;
  return table(
    [],
    [
      ["Log", `<code>${escapeHtml(completeness.log)}</code>`],
      ["Key to check it by", `<code>${escapeHtml(completeness.key)}</code>`],
      ["The log is whole", verdictSign(check.ok, whole)],
      ["Population", `${items.length} decisions, in <a href="population.csv">population.csv</a>`],
      ["Sample", `${sample.length}, drawn with the seed <code>${escapeHtml(seed)}</code>`],
      ["Made", `${escapeHtml(generated_at)} by ${escapeHtml(generator)}`],
    ],
    "facts",
  );
}

function controlTable(controls: readonly ControlSummary[]): string {
  if (controls.length === 0) return `<p class="bad">No rule of any policy in the period names a control.</p>`;
  return table(
    ["Control", "Rules", "Decisions", "Findings"],
    controls.map(({ control, rules, decisions, findings }) => [
      escapeHtml(control),
      rules.map(({ id, decisions: count }) => `${escapeHtml(id)} (${count})`).join("<br>"),
      String(decisions),
      findings.length === 0 ? verdictSign(true, "none") : findings.map((text) => verdictSign(false, text)).join("<br>"),
    ]),
  );
}

const verdicts = ["allow", "approve", "block"] as const;
const day_ms = 86_400_000;
/** Columns of a chart; a longer period has days together. */
const columnsMax = 92;

function overTime(items: readonly Item[], { from_ms, to_ms }: Period): string {
  const begin = Math.floor(from_ms / day_ms);
  const days = Math.max(1, Math.ceil(to_ms / day_ms) - begin);
  const daysEach = Math.ceil(days / columnsMax);
  const stacks = Array.from({ length: Math.ceil(days / daysEach) }, (_, i) => ({
    name: new Date((begin + i * daysEach) * day_ms).toISOString().slice(0, 10),
    parts: verdicts.map((kind) => ({ kind, count: 0 })),
  }));
  for (const { decision } of items) {
    const at = Math.floor((Math.floor(Date.parse(decision.time) / day_ms) - begin) / daysEach);
    const part = stacks[at]?.parts.find(({ kind }) => kind === decision.detail.decision.verdict);
    if (part !== undefined) part.count++;
  }
  const legend = verdicts.map((verdict) => {
    const count = items.filter(({ decision }) => decision.detail.decision.verdict === verdict).length;
    return `<span>${verdict}: ${count}</span>`;
  });
  const unit = daysEach === 1 ? "day" : `${daysEach} days`;
  return `${columnChart(`decisions a ${unit}, by verdict`, stacks)}<p class="legend note">a column is ${unit}; from the bottom ${legend.join("")}</p>`;
}

const rulesIn = ({ decision }: Item): readonly string[] =>
  decision.detail.decision.rules.map(({ id }: { readonly id: string }) => id);

/** The fifteen names that occur most. */
function most(names: readonly string[]): readonly { readonly name: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    .slice(0, 15);
}

const sampleTable = (sample: readonly Item[]): string =>
  table(
    ["Item", "Time (UTC)", "Who", "Where", "Statement", "Decision", "Approval", "Ran"],
    sample.map((item) => {
      const { detail, time } = item.decision;
      const last = item.approval.at(-1)?.detail;
      const people = (last?.decisions ?? []).map(
        (each: { readonly user: string; readonly decision: string; readonly reason: string }) =>
          `${escapeHtml(each.user)}: ${escapeHtml(each.decision)}, “${escapeHtml(each.reason)}”`,
      );
      return [
        `<a href="items/${nameOf(item)}/event.json">${nameOf(item)}</a>`,
        time.slice(0, 19).replace("T", " "),
        escapeHtml(String(detail.principal.id)),
        escapeHtml(String(detail.connection.name)),
        `<code>${escapeHtml(detail.statement.text ?? "(not shown)")}</code>`,
        `${escapeHtml(detail.decision.verdict)}<br><span class="note">${rulesIn(item).map(escapeHtml).join("<br>")}</span>`,
        last === undefined ? "" : `${escapeHtml(last.state)}<br>${people.join("<br>")}`,
        escapeHtml(item.execution?.detail.status ?? "not_run"),
      ];
    }),
  );

function completenessSection({ lines, counts, gaps, consistency }: Completeness): string {
  const kinds = Object.entries(counts).map(([kind, count]) => [escapeHtml(kind), String(count)]);
  const named = gaps.map(({ from, to, seconds, reason }) => [from, to, String(seconds), escapeHtml(reason)]);
  return [
    `<p>${verdictSign(lines.contiguous, `lines ${lines.first ?? "none"} to ${lines.last ?? "none"}: ${lines.count}, without a missing index`)}<br>`,
    `${verdictSign(consistency !== null, consistency === null ? "there is no consistency proof" : "the log only grew: see completeness.json")}</p>`,
    table(["Kind of event", "Count"], kinds),
    gaps.length === 0
      ? `<p>${verdictSign(true, "no stretch of the period is without lines")}</p>`
      : `<h3>Stretches without any line</h3>${table(["From", "To", "Seconds", "What the log says"], named)}`,
  ].join("");
}

const howTo = `<ol>
<li>Compare the key above with the one that was noted when the gateway was set up.</li>
<li><code>sha256sum -c SHA256SUMS</code>: the files are those of the export.</li>
<li><code>hpl audit check-proof items/N/event.tlog-proof --key KEY</code>: the item is in the log that was signed.</li>
<li><code>hpl audit verify LOG --key KEY --checkpoint FILE</code>, with a checkpoint noted elsewhere: the log is whole.</li>
<li>Run the export again with the period and seed above: the population and the sample are the same.</li></ol>`;
