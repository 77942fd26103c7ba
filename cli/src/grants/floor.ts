/**
 * What the database itself can hold back of what a policy masks.
 *
 * In: a policy, and the catalog of a database. Out: for every relation, which of its columns may be read by somebody who gets past
 * the gateway. A column that any mask of the policy is about may not, whoever the mask is for: privileges know no conditions. The
 * lineage of a view's columns is that of its query; where it is not certain, the column may not be read either. Absent: rows.
 */
import type { CheckedPolicy } from "@hpl/compiler";
import { actionsOf, type Catalog, type FrontEnds, type Policy, readRequest } from "@hpl/runtime";

export interface RelationFloor {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ColumnFloor[];
}

export interface ColumnFloor {
  readonly name: string;
  /** Labels by which it is masked. */
  readonly labels: readonly string[];
  /** Whether its lineage is certain. */
  readonly certain: boolean;
}

export const isOpen = ({ labels, certain }: ColumnFloor): boolean => certain && labels.length === 0;

/** In the catalog's order. One statement is judged for each column. */
export function floorOf(
  { checked, loaded }: { readonly checked: CheckedPolicy; readonly loaded: Policy },
  catalog: Catalog,
  frontEnds: FrontEnds,
): readonly RelationFloor[] {
  const masked = maskedLabels(checked);
  const columnOf = (schema: string, relation: string, name: string): ColumnFloor => {
    const text = `SELECT ${quotedName(name)} FROM ${quotedName(schema)}.${quotedName(relation)}`;
    const read = readRequest({ action: { sql: { dialect: "postgres", text } } }, catalog);
    if (!read.ok) throw new Error(`HPL9001: a column cannot be asked about: ${read.bad.field}`);
    const { actions } = actionsOf(read.request, frontEnds);
    const [found = { labels: [], more: true }] = loaded.labels({ ...read.request.context, actions });
    return {
      name,
      labels: found.labels.filter((label) => masked.has(label)),
      certain: masked.size === 0 || !found.more,
    };
  };
  return Object.entries(catalog.schemas).flatMap(([schema, relations]) =>
    Object.entries(relations)
      .filter(([, { kind }]) => kind !== "sequence")
      .map(([name, { columns }]) => ({
        schema,
        name,
        columns: columns.map((column) => columnOf(schema, name, column.name)),
      })),
  );
}

/** Labels that a mask hides: advisory ones hide nothing. */
const maskedLabels = ({ rules, labels }: CheckedPolicy): ReadonlySet<string> =>
  new Set(
    rules.flatMap(({ effect, level }) =>
      effect.kind === "mask" && level !== "advisory"
        ? effect.mask.labels.map((index) => labels[index]?.path ?? "")
        : [],
    ),
  );

/** A name as SQL has it, whatever is in it. */
export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
