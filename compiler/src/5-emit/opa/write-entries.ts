import {
  type ModuleMap,
  type ModuleMeta,
  type ModuleMetaApproval,
  type ModuleMetaRule,
  opaLayout as opa,
  type PackedSpan,
  type RuleEffect,
  unpackSpan,
  type Verdict,
} from "@hpl/runtime/abi";
import type { TableWriter } from "../table-writer.js";
import { escaped, textWords, writeTexts } from "./escaped-texts.js";

/** A rule, exception or default as a decision may list it. */
interface Entry {
  readonly source: number;
  readonly index: number;
  readonly id: string;
  readonly effect: RuleEffect;
  readonly isAdvisory: boolean;
  readonly span: PackedSpan | undefined;
}

const shown = {
  allow: opa.SHOWN_ALLOW,
  approve: opa.SHOWN_APPROVE,
  block: opa.SHOWN_BLOCK,
  mask: opa.SHOWN_MASK,
  limit: opa.SHOWN_LIMIT,
  exception: opa.SHOWN_EXCEPTION,
} as const;

const verdictWords: Readonly<Record<Verdict, string>> = {
  allow: "allowed by",
  approve: "needs approval by",
  block: "blocked by",
};

/** All that a decision may list, in the order in which it lists them: by id, then effect. */
export function writeEntries(
  writer: TableWriter,
  meta: ModuleMeta,
  map: ModuleMap,
): { readonly address: number; readonly count: number } {
  const entries = entriesOf(meta, map).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return {
    address: writer.words(entries.flatMap((entry) => entryWords(writer, entry, meta, map))),
    count: entries.length,
  };
}

const keyOf = ({ id, effect }: Entry): string => `${id} ${effect}`;

function entriesOf(meta: ModuleMeta, map: ModuleMap): readonly Entry[] {
  const rules = meta.rules.flatMap(({ id, effect, level, on_unknown }, index): readonly Entry[] => {
    const entry = { index, id, isAdvisory: level === "advisory", span: map.rules[index] };
    const own: Entry = { ...entry, source: opa.SOURCE_RULE, effect };
    return typeof on_unknown === "string"
      ? [own]
      : [own, { ...entry, source: opa.SOURCE_ASKING_RULE, effect: "approve" }];
  });
  const exceptions = meta.exceptions.map(({ id }, index): Entry => {
    return {
      source: opa.SOURCE_EXCEPTION,
      index,
      id,
      effect: "exception",
      isAdvisory: false,
      span: map.exceptions[index],
    };
  });
  const defaults = meta.modules.flatMap(({ name, default: verdict }, index): readonly Entry[] => {
    if (verdict === null) return [];
    const id = `${name}/default`;
    return [{ source: opa.SOURCE_DEFAULT, index, id, effect: verdict, isAdvisory: false, span: map.modules[index] }];
  });
  return [...rules, ...exceptions, ...defaults];
}

function entryWords(writer: TableWriter, entry: Entry, { rules }: ModuleMeta, map: ModuleMap): readonly number[] {
  const { source, index, id, effect, isAdvisory } = entry;
  const span = entry.span === undefined ? null : unpackSpan(map, entry.span);
  // A block that asks for approval has its words under its own effect.
  const texts = rules.find((rule) => rule.id === id && rule.effect === effect) ?? rules.find((rule) => rule.id === id);
  const message = effect in verdictWords ? (texts?.why ?? `${verdictWords[effect as Verdict]} \`${id}\``) : "";
  return [
    source,
    index,
    shown[effect],
    isAdvisory ? opa.ENTRY_IS_ADVISORY : 0,
    ...textWords(writer, `{"id":${JSON.stringify(id)},"effect":"${effect}","certainty":"`),
    ...textWords(writer, `"${isAdvisory ? ',"advisory":true' : ""},"span":${JSON.stringify(span)}}`),
    ...textWords(writer, escaped(id)),
    ...textWords(writer, escaped(message)),
    ...(texts?.fix == null ? [0, 0] : textWords(writer, escaped(texts.fix))),
  ];
}

/** Groups that any approval asks, sorted as decisions list them. */
export function groupsOf({ rules, modules }: ModuleMeta): readonly string[] {
  const approvals = [
    ...rules.flatMap(({ approval, on_unknown }) => [approval, typeof on_unknown === "string" ? null : on_unknown]),
    ...modules.map(({ approval }) => approval),
  ];
  return [...new Set(approvals.flatMap((approval) => approval?.all.map(({ group }) => group) ?? []))].toSorted();
}

export const writeGroups = (writer: TableWriter, groups: readonly string[]): number =>
  writeTexts(
    writer,
    groups.map((group) => `{"group":${JSON.stringify(group)},"count":`),
  );

export const writeDefaultApprovals = (
  writer: TableWriter,
  { modules }: ModuleMeta,
  groups: readonly string[],
): number => writer.words(modules.map(({ approval }) => writeApproval(writer, approval, groups)));

/** What the rules oblige to; advisory ones oblige to nothing. */
export const writeDuties = (writer: TableWriter, { rules }: ModuleMeta, groups: readonly string[]): number =>
  writer.words(rules.flatMap((rule) => dutyWords(writer, rule, groups)));

function dutyWords(writer: TableWriter, rule: ModuleMetaRule, groups: readonly string[]): readonly number[] {
  const id = textWords(writer, escaped(rule.id));
  if (rule.level === "advisory") return [0, 0, 0, 0, 0, ...id];
  const onUnknown = typeof rule.on_unknown === "string" ? null : rule.on_unknown;
  return [
    writeApproval(writer, rule.approval, groups),
    writeApproval(writer, onUnknown, groups),
    writeLimit(writer, rule),
    ...(rule.detect === null ? [0, 0] : textWords(writer, detectText(rule.id, rule.detect))),
    ...id,
  ];
}

/** The rest of the obligation, behind the number of its action. */
const detectText = (rule: string, { set, transform }: NonNullable<ModuleMetaRule["detect"]>): string =>
  `,${JSON.stringify({ set, transform, rule }).slice(1)}`;

function writeApproval(writer: TableWriter, approval: ModuleMetaApproval | null, groups: readonly string[]): number {
  if (approval === null) return 0;
  const asked = approval.all.flatMap(({ group, count }) => [groups.indexOf(group), count]);
  return writer.words([approval.all.length, approval.within_s, ...asked]);
}

function writeLimit(writer: TableWriter, { limit }: ModuleMetaRule): number {
  if (limit === null) return 0;
  return writer.words([limit.rows, limit.time_ms, limit.bytes].flatMap((amount) => wordsOf(amount ?? -1)));
}

/** The two words of a 64-bit integer, the lower first. */
const wordsOf = (amount: number): readonly number[] => {
  const bits = BigInt.asUintN(64, BigInt(amount));
  return [Number(BigInt.asIntN(32, bits)), Number(BigInt.asIntN(32, bits >> 32n))];
};
