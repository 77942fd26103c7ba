import { type Verdict, verdicts } from "../abi/decision.js";
import * as abi from "../abi/layout.js";
import type { ModuleMetaReads } from "../abi/meta.js";
import { type Action, type Family, families, type RequestContext } from "../facts/action.js";
import { type Attribute, declareAttributes } from "../facts/attributes.js";
import { commonRoots, schemaOfFamily, schemaOfRoot } from "../facts/schema.js";
import { type FactWriter, factWriter, writeFact, writeNumbers, writeUnknown } from "./fact-writer.js";
import { type LayPlan, layPlanOf } from "./lay-plan.js";
import type { LoadedModule } from "./load.js";
import { minuteOfWeek } from "./week.js";

/** The facts area of one module, and what was laid there last: the common facts of a session are laid once. */
export interface FactsArea {
  readonly address: number;
  readonly view: DataView;
  readonly writer: FactWriter;
  /** How the common facts are laid, in the order of `commonRoots`, and those of each family that was asked about. */
  readonly commonPlans: readonly LayPlan[];
  readonly familyPlans: Map<Family, LayPlan>;
  readonly reads: ModuleMetaReads;
  readonly attributes: readonly Attribute[];
  /** Zones whose minute of the week is laid: UTC, then the module's. */
  readonly zones: readonly string[];
  /** The common facts that lie there, by identity, and where they end. */
  context: Partial<RequestContext>;
  contextEnd: number;
  /** How often they have been laid: the kernel keeps what it worked out of them until it changes. */
  epoch: number;
}

export function openFactsArea(module: LoadedModule): FactsArea {
  const view = new DataView(module.memory.buffer);
  const address = view.getInt32(abi.TABLES_ADDRESS + abi.HEADER_FACTS * 4, true);
  const size = view.getInt32(abi.TABLES_ADDRESS + abi.HEADER_FACTS_SIZE * 4, true);
  const writer = factWriter(module.memory, address + abi.FACTS_HEAP, address + size);
  const { attributes, zones, reads } = module.meta;
  const commonPlans = commonRoots.map((root) => layPlanOf(schemaOfRoot(root) ?? {}, reads[root] ?? {}));
  const plans = { commonPlans, familyPlans: new Map<Family, LayPlan>(), reads };
  return {
    address,
    view,
    writer,
    ...plans,
    attributes,
    zones: ["UTC", ...zones],
    context: {},
    contextEnd: 0,
    epoch: 0,
  };
}

/**
 * Lays the facts of one action into the module's memory. False when they do not fit. `parentBase` is the base of the action it
 * is part of, or null.
 */
export function layFacts(
  area: FactsArea,
  context: RequestContext,
  action: Action,
  parentBase: Verdict | null = null,
): boolean {
  layContext(area, context);
  const { address, view, writer } = area;
  writer.top = area.contextEnd;
  const complete = !action.opaque && action.facts.complete === true;
  view.setInt32(address + abi.FACTS_FAMILY, 1 << families.indexOf(action.family), true);
  const parent = parentBase === null ? 0 : verdicts.indexOf(parentBase) + 1;
  view.setInt32(address + abi.FACTS_OPAQUE, (action.opaque ? 1 : 0) | (parent << abi.FACTS_PARENT_SHIFT), true);
  view.setInt32(address + abi.FACTS_COMPLETE, complete ? abi.TRUE : abi.FALSE, true);
  const root = rootCell(area, abi.ROOT_ACTION);
  if (action.opaque) writeUnknown(writer, root);
  else writeFact(writer, root, action.facts, planOfFamily(area, action.family));
  return !writer.isFull;
}

function planOfFamily({ familyPlans, reads }: FactsArea, family: Family): LayPlan {
  const known = familyPlans.get(family);
  if (known !== undefined) return known;
  const schema = schemaOfFamily(family);
  // A root is laid even where no rule reads a field of it: the kernel looks into it.
  const plan = schema === null ? unread : layPlanOf(schema, reads[schema["x-hpl-root"] ?? family] ?? {});
  familyPlans.set(family, plan);
  return plan;
}

const unread: LayPlan = { kind: "unread" };

const rootCell = (area: FactsArea, root: number): number => area.address + abi.FACTS_ROOTS + root * abi.CELL_SIZE;

/** Facts are immutable, so the same objects need not be laid again. */
function layContext(area: FactsArea, context: RequestContext): void {
  const { writer } = area;
  const isSame = commonRoots.every((root) => area.context[root] === context[root]);
  if (area.contextEnd > 0 && isSame && area.context.zones === context.zones && !writer.isFull) return;
  writer.isFull = false;
  writer.top = area.address + abi.FACTS_HEAP;
  const declared = declareAttributes(context, area.attributes);
  commonRoots.forEach((root, i) => {
    writeFact(writer, rootCell(area, i), declared[root], area.commonPlans[i] ?? unread);
  });
  const minutes = area.zones.map((zone) => minuteOfWeek(context, zone));
  writeNumbers(writer, rootCell(area, abi.ROOT_WEEK), minutes);
  area.epoch = (area.epoch + 1) | 0;
  area.view.setInt32(area.address + abi.FACTS_EPOCH, area.epoch, true);
  area.context = context;
  area.contextEnd = writer.top;
}
