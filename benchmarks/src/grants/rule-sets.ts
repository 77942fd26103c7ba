import type { Grants } from "./grants.js";
import { makePlain } from "./plain.js";
import { makeRealistic } from "./realistic.js";

/** The same rules, users and questions in every run and in every process. */
export const makeGrants = (sort: Grants["sort"], rules_count: number, questions_count: number): Grants =>
  sort === "plain" ? makePlain(rules_count, questions_count) : makeRealistic(rules_count, questions_count);
