import * as abi from "../abi/layout.js";
import type { LoadedModule } from "./load.js";

/** Labels of all columns that an action reads, or has conditions on. */
export interface ActionLabels {
  /** Paths, in the order of the module's labels. */
  readonly labels: readonly string[];
  /** Whether there may be more: its lineage is not certain. */
  readonly more: boolean;
}

/** Of what has no columns nothing is known. */
export const unknownLabels: ActionLabels = { labels: [], more: true };

/** Reads what the kernel worked out for the action it decided last, which had facts of SQL. O(labels of the action). */
export function readLabels({ memory }: LoadedModule): ActionLabels {
  const view = new DataView(memory.buffer);
  const header = (word: number): number => view.getInt32(abi.TABLES_ADDRESS + word * 4, true);
  const action = header(abi.HEADER_FACTS) + abi.FACTS_ROOTS + abi.ROOT_ACTION * abi.CELL_SIZE;
  const facts = view.getInt32(action + abi.CELL_PAYLOAD, true);
  const list = facts + header(abi.HEADER_SLOT_LABELS) * abi.CELL_SIZE;
  if (view.getInt32(list, true) !== abi.TAG_LIST) return unknownLabels;
  const extra = view.getInt32(list + abi.CELL_EXTRA, true);
  const items = view.getInt32(list + abi.CELL_PAYLOAD, true);
  const labels = Array.from({ length: extra & ~abi.LIST_IS_OPEN }, (_, i) => {
    const item = items + i * abi.CELL_SIZE;
    const size = view.getInt32(item + abi.CELL_EXTRA, true);
    return new TextDecoder().decode(new Uint8Array(memory.buffer, view.getInt32(item + abi.CELL_PAYLOAD, true), size));
  });
  return { labels, more: (extra & abi.LIST_IS_OPEN) !== 0 };
}
