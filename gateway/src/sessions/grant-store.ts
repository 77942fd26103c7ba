/**
 * Where grants are: with this gateway alone, or with all that share a database.
 *
 * In: what was given and taken back, each with what writes it down. Out: the grants there are. Giving is written down before it
 * counts, ending counts before it is written down. Absent: whether somebody may have one.
 */
import type { Grant } from "./grants.js";

export interface GrantStore {
  /** By id, oldest first; also what is over but has not been dropped yet. */
  readonly all: ReadonlyMap<string, Grant>;
  /** Gives `grant` from now on, for `lasting_s`. Rejects when it was not given. */
  give(grant: Grant, lasting_s: number, write: (given: Grant) => void): Promise<Grant>;
  /** Rejects when others may still have it; here it has ended all the same. False when somebody else was first. */
  end(id: string, write: () => void): Promise<boolean>;
  /** Forgets a grant that is over. */
  drop(id: string): void;
}

/** Grants that end with the gateway. */
export function localGrants(): GrantStore {
  const all = new Map<string, Grant>();
  return {
    all,
    give: async (grant, _lasting_s, write) => {
      write(grant);
      all.set(grant.id, grant);
      return grant;
    },
    end: async (id, write) => {
      const isThere = all.delete(id);
      if (isThere) write();
      return isThere;
    },
    drop: (id) => void all.delete(id),
  };
}
