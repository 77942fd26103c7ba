/**
 * A policy for one session: who asks, and on what, are fixed.
 *
 * In: the actions of one text, and what may have changed since the last one: the time and the session's own facts. Out: the
 * decision that `Policy.decide` gives. What was decided for the very same list of actions is remembered for as long as nothing
 * it may depend on differs: a fact of the session, or the time past a moment at which the policy says anything else. A front
 * end that remembers a text gives the same list again, so a statement that was seen before costs a comparison and a look-up.
 * A few states of the session are kept side by side, because a client goes in and out of transactions all the time.
 * Lists are held weakly: what the front end forgets is forgotten here. Absent: any key that is less than the facts themselves.
 */
import type { Decision } from "../abi/decision.js";
import type { ModuleMeta } from "../abi/meta.js";
import type { Action, Request, RequestContext } from "../facts/action.js";
import type { Connection, Principal } from "../facts/generated.js";
import { minuteOfWeek } from "./week.js";

/** What may differ from one statement of a session to the next. Objects are compared by what they hold. */
export interface Moment extends Pick<RequestContext, "session" | "now" | "zones"> {
  readonly assumed_catalog?: boolean;
}

export interface PolicySession {
  /** The decision over `actions`. Remembered by the identity of the list, which must not change afterwards. */
  decide(actions: readonly Action[], moment: Moment): Decision;
}

/** Decides one request without remembering. */
export type Decide = (request: Request) => Decision;

export function openPolicySession(
  meta: ModuleMeta,
  decide: Decide,
  principal: Principal,
  connection: Connection,
): PolicySession {
  let memories: readonly Memory[] = [];
  const memoryOf = (moment: Moment): Memory => {
    const time = timeClass(meta, moment);
    const known = memories.find((memory) => memory.time === time && isSameMoment(memory.moment, moment));
    if (known !== undefined) return known;
    const fresh: Memory = { moment, time, decisions: new WeakMap() };
    // The time does not come back.
    memories = [fresh, ...memories.filter((memory) => memory.time === time)].slice(0, memories_max);
    return fresh;
  };
  return {
    decide: (actions, moment) => {
      const { decisions } = memoryOf(moment);
      const before = decisions.get(actions);
      if (before !== undefined) return before;
      const decision = decide({ ...moment, principal, connection, actions });
      decisions.set(actions, decision);
      return decision;
    },
  };
}

/** States of a session whose decisions are kept: inside and outside of a transaction, before and after a grant. */
const memories_max = 4;

/** What was decided while the session and the time were as at `moment`. */
interface Memory {
  readonly moment: Moment;
  readonly time: string;
  readonly decisions: WeakMap<readonly Action[], Decision>;
}

/** Equal for two moments at which every test of the time comes out the same. */
function timeClass({ time, zones }: ModuleMeta, moment: Moment): string {
  const { now } = moment;
  if (typeof now !== "number" || !Number.isSafeInteger(now)) return `at ${JSON.stringify(now ?? null)}`;
  if (time.instants_ms.length === 0 && !time.weekly) return "any";
  const passed_count = time.instants_ms.filter((at_ms) => at_ms <= now).length;
  const minutes = time.weekly ? ["UTC", ...zones].map((zone) => minuteOfWeek(moment, zone)) : [];
  return [passed_count, ...minutes].join(" ");
}

/** Facts of a session are few, and mostly the same objects. */
function isSameMoment(a: Moment, b: Moment): boolean {
  if (a.assumed_catalog !== b.assumed_catalog) return false;
  return a.session === b.session || JSON.stringify(a.session) === JSON.stringify(b.session);
}
