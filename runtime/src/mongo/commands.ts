/** What MongoDB's commands do, as data: `commands.json`, an entry for each sort of them. */
import type { MongoFacts } from "../facts/generated.js";
import table from "./commands.json" with { type: "json" };

type ListItem<T> = T extends readonly (infer I)[] ? I : never;
export type MongoEffect = Extract<ListItem<MongoFacts["effects"]>, string>;

export interface MongoCommand {
  readonly effects: readonly MongoEffect[];
  /** What the command's own value names: a collection of the database, `database.collection`, or neither. */
  readonly on: "collection" | "namespace" | "database" | "nothing";
  /** The field that names the collection, where the command's own value does not. */
  readonly collection?: string;
  /** A second collection, of the same database; or with its database. */
  readonly other?: string;
  readonly to?: string;
  /** Fields that hold conditions, and those that hold pipelines. */
  readonly filters: readonly string[];
  readonly pipelines: readonly string[];
  /** The field that lists updates (`q`, `u`, `multi`) or deletes (`q`, `limit`). */
  readonly changes?: "updates" | "deletes";
  /** Where results are kept. */
  readonly out?: string;
  /** Collections are gone, whatever is in them. */
  readonly drops: boolean;
  /** Every collection of the database is meant. */
  readonly all: boolean;
  /** That it is this command says nothing certain of what it touches. */
  readonly opaque: boolean;
}

interface Source extends Partial<Omit<MongoCommand, "effects" | "on">> {
  readonly effects: string;
  readonly on: string;
}

const commands = new Map<string, MongoCommand>(
  Object.entries(table as Readonly<Record<string, Source>>).flatMap(([names, source]) => {
    const command = {
      filters: [],
      pipelines: [],
      drops: false,
      all: false,
      opaque: false,
      ...source,
      effects: source.effects.split(" ") as MongoEffect[],
      on: source.on as MongoCommand["on"],
    };
    return names.split(" ").map((name) => [name, command] as const);
  }),
);

/** The command `name`; null for one that is not listed. Names of commands are told apart by case, as servers do. */
export const commandOf = (name: string): MongoCommand | null => commands.get(name) ?? null;

/** Stages that only look at what comes through them, or at the server. */
export const readingStages: ReadonlySet<string> = new Set(
  (
    "$addFields $bucket $bucketAuto $changeStream $collStats $count $currentOp $densify $documents $facet $fill $geoNear " +
    "$graphLookup $group $indexStats $limit $listLocalSessions $listSessions $lookup $match $planCacheStats $project $redact " +
    "$replaceRoot $replaceWith $sample $search $searchMeta $set $setWindowFields $skip $sort $sortByCount $unionWith $unset " +
    "$unwind $vectorSearch"
  ).split(" "),
);
