import fc from "fast-check";
import { expect, test } from "vitest";
import { shellFrontEnd } from "../../src/shell/index.js";
import { type FlagSpec, specFiles, specOf, type ToolSpec } from "../../src/shell/spec.js";

// One invocation has many spellings: long or short names, glued or apart, clusters, abbreviations, any order, quotes, escapes,
// continued lines. All of them have the same facts, but for the words themselves.

const programs = Object.values(specFiles)
  .flatMap((file) => Object.keys(file))
  .flatMap((names) => names.split(" "));

/** Tools whose flags are read as getopt_long reads them, and may stand anywhere. */
const specs = programs.flatMap((name) => {
  const spec = specOf(name);
  const isPlain =
    spec !== null &&
    (spec.style ?? "getopt") === "getopt" &&
    !spec.stops &&
    !spec.bundled &&
    !spec.joins &&
    spec.subcommands.size === 0 &&
    !(spec.operands ?? []).includes("command") &&
    spec.flags.size > 0;
  return isPlain ? [[name, spec] as const] : [];
});

/** A flag that is given, and what with. */
interface Given {
  readonly flag: FlagSpec;
  readonly value: string;
}

const namesOf = (spec: ToolSpec, flag: FlagSpec): readonly string[] =>
  [...spec.flags].flatMap(([name, each]) => (each === flag ? [name] : []));

/** Flags that stand for a text in another language, or end the reading, are spelt in one way. */
const isPlainFlag = ({ role, ends }: FlagSpec): boolean =>
  !ends && !["shell", "sql", "command", "url"].includes(role ?? "");

const invocation = fc.constantFrom(...specs).chain(([name, spec]) => {
  const flags = [...new Set(spec.flags.values())].filter(isPlainFlag);
  const given = fc
    .uniqueArray(fc.constantFrom(...flags), { maxLength: 3 })
    .map((chosen) => chosen.map((flag, i): Given => ({ flag, value: `value${i}` })));
  const operands = fc.array(fc.constantFrom("one", "two/three", "/srv/four"), { maxLength: 2 });
  return fc.record({ name: fc.constant(name), spec: fc.constant(spec), given, operands });
});

/** Ways to write one flag: the words it becomes. */
function waysOf(spec: ToolSpec, { flag, value }: Given): readonly (readonly string[])[] {
  return namesOf(spec, flag).flatMap((name): readonly (readonly string[])[] => {
    const isLong = name.startsWith("--");
    if (!isLong && name.length !== 2) return [];
    if (flag.role === null) return [[name]];
    if (flag.is_optional) return [isLong ? [`${name}=${value}`] : [`${name}${value}`]];
    return isLong ? [[name, value], [`${name}=${value}`]] : [[name, value], [`${name}${value}`]];
  });
}

/** Quotes that say the same word. */
const quotings: readonly ((word: string) => string)[] = [
  (word) => word,
  (word) => `'${word}'`,
  (word) => `"${word}"`,
  (word) => word.replace(/^./, "\\$&"),
  (word) => word.replace(/^(.)(?=.)/, "$1\\\n"),
  (word) => `$'${word}'`,
  (word) => word.replace(/^(.)(?=.)/, "$1''"),
];

/** A spelling: indices into the ways of each flag, an order of all parts, and how each word is quoted. */
const spelling = fc.record({
  ways: fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }),
  flags_first: fc.boolean(),
  turned: fc.boolean(),
  dashes: fc.boolean(),
  clustered: fc.boolean(),
  quotes: fc.array(fc.nat(quotings.length - 1), { minLength: 12, maxLength: 12 }),
});
type Spelling = Parameters<typeof write>[1];

function write(
  {
    name,
    spec,
    given,
    operands,
  }: { name: string; spec: ToolSpec; given: readonly Given[]; operands: readonly string[] },
  how: {
    ways: readonly number[];
    flags_first: boolean;
    turned: boolean;
    dashes: boolean;
    clustered: boolean;
    quotes: readonly number[];
  },
): string {
  const chosen = given.map((each, i) => {
    const ways = waysOf(spec, each);
    return ways[(how.ways[i] ?? 0) % Math.max(ways.length, 1)] ?? [];
  });
  const parts = how.clustered ? cluster(chosen) : chosen;
  const ordered = how.turned ? parts.toReversed() : parts;
  const words = how.flags_first
    ? [...ordered.flat(), ...(how.dashes ? ["--"] : []), ...operands]
    : [...operands.slice(0, 1), ...ordered.flat(), ...operands.slice(1)];
  return [name, ...words].map((word, i) => quotings[how.quotes[i % 12] ?? 0]?.(word) ?? word).join(" ");
}

/** Short switches in one word. */
function cluster(parts: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const isSwitch = (part: readonly string[]) => part.length === 1 && /^-[A-Za-z]$/.test(part[0] ?? "");
  const letters = parts.filter(isSwitch).map((part) => part[0]?.slice(1));
  return letters.length < 2 ? parts : [[`-${letters.join("")}`], ...parts.filter((part) => !isSwitch(part))];
}

/** Facts of every action, without the words as they were written; order of flags is not theirs to keep. */
function factsOf(line: string): unknown {
  const { actions, nested = [] } = shellFrontEnd.analyse(line, { cwd: "/workspace", env: { HOME: "/home/dev" } });
  const facts = actions.map((action) => {
    if (action.opaque) return action;
    const { argv: _, ...rest } = action.facts as unknown as Record<string, unknown>;
    return JSON.stringify(sorted({ family: action.family, ...rest }));
  });
  return [facts.toSorted(), nested.map(({ text }) => text)];
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => JSON.stringify(sorted(each))).toSorted();
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, sorted(each)]));
}

test("every spelling of an invocation has the same facts", () => {
  fc.assert(
    fc.property(invocation, spelling, spelling, (what, a: Spelling, b: Spelling) => {
      const [first, second] = [write(what, a), write(what, b)];
      expect([second, factsOf(second)]).toEqual([second, factsOf(first)]);
    }),
    { numRuns: 5_000 },
  );
});

test("there is something to spell", () => {
  expect(specs.length).toBeGreaterThan(100);
});
