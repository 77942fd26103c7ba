/**
 * The judge: from a text to a decision.
 *
 * In: a loaded policy, who asks, and a text or an action. Out: the actions found in the text, and the decision over them.
 * Front ends are passed in: the judge knows their interface, never a grammar. A text of a family without a front end is
 * opaque, which is block. Absent: I/O, waiting, memory of earlier requests.
 */
import type { Decision } from "../abi/decision.js";
import { refusalTexts } from "../abi/message.js";
import type { Policy } from "../engine/policy.js";
import type { Action, Family, Request } from "../facts/action.js";
import type { FrontEnd, WireFrontEnd } from "../facts/front-end.js";
import type { ShellContext } from "../facts/shell-context.js";
import type { WireRequest } from "../facts/wire.js";
import { withEstimate } from "./estimate.js";
import { nestedActions } from "./nested-sql.js";
import type { BadRequest, JudgeRequest, ShellText, SqlText } from "./request.js";
import { type AnalyseText, joinWire } from "./wire.js";

/** What a SQL front end is told beside the text. */
export type SqlFrontEndContext = Omit<SqlText, "text" | "estimate">;

/** The front ends a host has loaded. */
export interface FrontEnds {
  readonly postgres?: FrontEnd<SqlFrontEndContext>;
  readonly mysql?: FrontEnd<SqlFrontEndContext>;
  readonly bigquery?: FrontEnd<SqlFrontEndContext>;
  readonly shell?: FrontEnd<ShellContext>;
  readonly wire?: WireFrontEnd;
  /** Reads plain text, with the detectors of the policy that is asked. */
  readonly text?: (text: string, policy: Policy | null) => Action;
}

export interface Judgement {
  readonly actions: readonly Action[];
  readonly decision: Decision;
}

/** Decides `request`. Pure and total. Costs one parse of the text and one decision an action. */
export function judge(policy: Policy, frontEnds: FrontEnds, request: JudgeRequest): Judgement {
  const { actions, assumed } = actionsOf(request, frontEnds, policy);
  const asked: Request = { ...request.context, actions, ...(assumed ? { assumed_catalog: true } : {}) };
  return { actions, decision: policy.decide(asked) };
}

/**
 * The actions of what a request asks about, and whether their names were taken as plain tables for want of a catalog. What a text
 * holds only a policy's detectors can tell.
 */
export function actionsOf(
  { subject }: Pick<JudgeRequest, "subject">,
  frontEnds: FrontEnds,
  policy: Policy | null = null,
): { readonly actions: readonly Action[]; readonly assumed: boolean } {
  if (subject.kind === "facts") return { actions: [subject.action], assumed: false };
  if (subject.kind === "wire") return actionsOfWire(subject.wire, frontEnds);
  if (subject.kind === "shell") return actionsOfShell(subject.shell, frontEnds);
  if (subject.kind === "text") {
    const action = frontEnds.text?.(subject.text, policy) ?? opaque("text", "no_front_end:text");
    return { actions: [action], assumed: false };
  }
  return { actions: actionsOfSql(subject.sql, frontEnds), assumed: subject.sql.catalog === null };
}

/** A shell line's own actions, then those of the SQL texts in it. */
function actionsOfShell(
  { text, ...context }: ShellText,
  frontEnds: FrontEnds,
): { readonly actions: readonly Action[]; readonly assumed: boolean } {
  if (frontEnds.shell === undefined) return { actions: [opaque("shell", "no_front_end:shell")], assumed: false };
  const { actions, nested = [] } = frontEnds.shell.analyse(text, context);
  const found = nested.flatMap((each) =>
    nestedActions(each, (dialect, sql) =>
      actionsOfSql(
        { dialect, text: sql, catalog: null, server_version: null, estimate: each.estimate ?? null },
        frontEnds,
      ),
    ),
  );
  return { actions: [...actions, ...found], assumed: nested.length > 0 };
}

/** What a request on a wire does, with the SQL in it and the command it starts. */
function actionsOfWire(wire: WireRequest, frontEnds: FrontEnds): ReturnType<typeof actionsOf> {
  if (frontEnds.wire === undefined) {
    const family = wire.kind === "bigquery" ? "cloud" : wire.kind;
    return { actions: [opaque(family, `no_front_end:${wire.kind}`)], assumed: false };
  }
  const analysis = frontEnds.wire.analyse(wire);
  const texts: AnalyseText = {
    sql: (sql, context) => actionsOfSql({ ...context, text: sql, catalog: null, server_version: null }, frontEnds),
    started: (text) => actionsOfShell({ text, place: "container" }, frontEnds).actions,
  };
  return { actions: joinWire(analysis, texts), assumed: analysis.statement !== undefined };
}

function actionsOfSql({ text, estimate, ...context }: SqlText, frontEnds: FrontEnds): readonly Action[] {
  const frontEnd = frontEnds[context.dialect];
  if (frontEnd === undefined) return [opaque("sql", `no_front_end:${context.dialect}`)];
  const { actions } = frontEnd.analyse(text, context);
  return estimate ? actions.map((action) => withEstimate(action, estimate)) : actions;
}

const opaque = (family: Family, reason: string): Action => ({ family, opaque: true, reasons: [reason] });

/** The decision over a request that cannot be read. */
export function refuseBadRequest(bad: BadRequest): Decision {
  const { code, message, fix } = refusalTexts.ill_typed;
  const text = `${message}: \`${bad.field}\``;
  return {
    verdict: "block",
    rules: [],
    obligations: [],
    complete: false,
    reasons: ["ill_typed"],
    message: text,
    fix,
    code,
  };
}
