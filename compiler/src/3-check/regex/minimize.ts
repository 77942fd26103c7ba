import type { Table } from "./automaton.js";

/**
 * `table` with as few states as its language needs (Hopcroft's algorithm), numbered as a walk from the start meets them, and
 * the dead state 0. O(states * classes * log states).
 */
export function minimize(table: Table): Table {
  const blockOf = partition(table);
  const order = [blockOf[0] ?? 0];
  const numbers = new Map([[blockOf[0] ?? 0, 0]]);
  const numberOf = (state: number): number => {
    const block = blockOf[state] ?? 0;
    const number = numbers.get(block) ?? order.push(block) - 1;
    numbers.set(block, number);
    return number;
  };
  const member = new Map<number, number>();
  blockOf.forEach((block, state) => {
    member.set(block, state);
  });
  const start = numberOf(table.start);
  const next: Uint32Array[] = [];
  const accepting: boolean[] = [];
  for (let number = 0; number < order.length; number++) {
    const state = member.get(order[number] ?? 0) ?? 0;
    next.push((table.next[state] ?? new Uint32Array(table.classes_count)).map(numberOf));
    accepting.push(table.accepting[state] ?? false);
  }
  return { next, accepting, start, classes_count: table.classes_count };
}

/**
 * The states in blocks, each a run of `order`. In a block the marked states come first, so that splitting it costs what is
 * marked and not what it holds.
 */
interface Blocks {
  readonly order: Uint32Array;
  /** Where a state stands in `order`. */
  readonly placeOf: Uint32Array;
  readonly blockOf: Uint32Array;
  /** Of each block: where it starts, where it ends, and how many of its states are marked. */
  readonly first: number[];
  readonly end: number[];
  readonly marked: number[];
}

/** Block of each state: two states are in one block exactly when no rest of a text tells them apart. */
function partition(table: Table): Uint32Array {
  const blocks = startingBlocks(table.accepting);
  const before = predecessors(table);
  // A block on the list has yet to tell its predecessors apart.
  const pending = blocks.first.map((_, block) => block);
  const isPending = pending.map(() => true);
  for (let splitter = pending.pop(); splitter !== undefined; splitter = pending.pop()) {
    isPending[splitter] = false;
    // The block may be split while it splits others: what counts is what it holds now.
    const members = [...blocks.order.subarray(blocks.first[splitter], blocks.end[splitter])];
    for (let i = 0; i < table.classes_count; i++)
      for (const [old, added] of splitBy(i, members, before, blocks)) {
        const chosen = isPending[old] || sizeOf(blocks, added) <= sizeOf(blocks, old) ? added : old;
        pending.push(chosen);
        isPending[added] = chosen === added;
        if (chosen === old) isPending[old] = true;
      }
  }
  return blocks.blockOf;
}

const sizeOf = ({ first, end }: Blocks, block: number): number => (end[block] ?? 0) - (first[block] ?? 0);

/** States that accept, and those that do not. */
function startingBlocks(accepting: readonly boolean[]): Blocks {
  const states = [...accepting.keys()];
  const order = Uint32Array.from([
    ...states.filter((state) => !accepting[state]),
    ...states.filter((state) => accepting[state]),
  ]);
  const placeOf = new Uint32Array(states.length);
  order.forEach((state, place) => {
    placeOf[state] = place;
  });
  const rejecting_count = accepting.filter((accepts) => !accepts).length;
  const bounds = [0, rejecting_count, states.length].filter((bound, i, all) => bound !== all[i - 1]);
  const blockOf = Uint32Array.from(accepting, (accepts) => (accepts && rejecting_count > 0 ? 1 : 0));
  return {
    order,
    placeOf,
    blockOf,
    first: bounds.slice(0, -1),
    end: bounds.slice(1),
    marked: bounds.slice(1).map(() => 0),
  };
}

/** Splits every block of which class `i` leads some states, and not all, to `members`. Gives the pairs [old, new block]. */
function splitBy(
  i: number,
  members: readonly number[],
  before: (i: number, state: number) => readonly number[],
  blocks: Blocks,
): readonly (readonly [number, number])[] {
  const touched: number[] = [];
  for (const member of members) for (const state of before(i, member)) mark(state, blocks, touched);
  return touched.flatMap((block) => {
    const [start = 0, marked_count = 0] = [blocks.first[block], blocks.marked[block]];
    blocks.marked[block] = 0;
    if (marked_count === sizeOf(blocks, block)) return [];
    const added = blocks.first.push(start) - 1;
    blocks.end.push(start + marked_count);
    blocks.marked.push(0);
    blocks.first[block] = start + marked_count;
    for (const state of blocks.order.subarray(start, start + marked_count)) blocks.blockOf[state] = added;
    return [[block, added] as const];
  });
}

/** Moves `state` to the marked ones of its block. A class leads from each state to one, so that none is marked twice. */
function mark(state: number, { order, placeOf, blockOf, first, marked }: Blocks, touched: number[]): void {
  const block = blockOf[state] ?? 0;
  const marked_count = marked[block] ?? 0;
  if (marked_count === 0) touched.push(block);
  const [from, to] = [placeOf[state] ?? 0, (first[block] ?? 0) + marked_count];
  const other = order[to] ?? 0;
  order[to] = state;
  order[from] = other;
  placeOf[state] = to;
  placeOf[other] = from;
  marked[block] = marked_count + 1;
}

/** For a class and a state, the states that the class leads from to it. */
function predecessors({ next, classes_count }: Table): (found: number, state: number) => readonly number[] {
  const lists: number[][][] = Array.from({ length: classes_count }, () => []);
  next.forEach((row, from) => {
    row.forEach((to, found) => {
      const list = lists[found] ?? [];
      list[to] = list[to] ?? [];
      list[to].push(from);
    });
  });
  return (found, state) => lists[found]?.[state] ?? [];
}
