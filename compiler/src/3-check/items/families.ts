import { type Family, families } from "@hpl/runtime/facts";
import type { RuleItem } from "../../1-parse/ast.js";
import {
  familyNeeded,
  familyNotGoverned,
  knowledgeInRestriction,
  scopeReadsAction,
  twoFamilies,
  unknownFamily,
} from "../../diagnostics/catalog.js";
import { type Place, type Read, report, suggest } from "../site.js";

/**
 * The families a rule is for: that of the facts it reads, else the one it names with `on`, else the only one of its module.
 * A mask of labels reads the lineage of columns, and so is for `sql`; one of values looks at output, of whatever family its
 * module names. Reports HPL2011 and HPL4007 to HPL4009.
 */
export function ruleFamilies(item: RuleItem, place: Place): readonly Family[] {
  const { module, site } = place;
  const named = item.family === null ? null : familyNamed(item.family.text);
  if (item.family !== null && named === null) {
    const nearest = suggest(site, item.family.text, families);
    report(site, unknownFamily(item.family.span, { family: item.family.text, nearest }));
    return [];
  }
  const read = readFamily(item, place);
  if (item.family !== null && named !== null && read !== null && read.family !== named) {
    report(site, twoFamilies(item.family.span, { first: read.text, second: `on ${named}` }));
    return [];
  }
  const [family = null] = [read?.family, named, module.families.length === 1 ? module.families[0] : null].filter(
    (found) => found !== null && found !== undefined,
  );
  if (family === null && item.rule.kind === "mask" && item.rule.subject.kind === "values") return module.families;
  if (family === null) {
    // A header without a known family has its own error.
    if (module.families.length > 1)
      report(site, familyNeeded(item.head, { rule: item.id.value, families: module.families }));
    return [];
  }
  if (!module.families.includes(family)) {
    const root = read === null ? null : read.text;
    const span = read?.span ?? item.family?.span ?? item.head;
    if (module.families.length > 0) report(site, familyNotGoverned(span, { family, root, module: module.name }));
  }
  return [family];
}

const familyNamed = (name: string): Family | null => families.find((known) => known === name) ?? null;

interface FamilyRead {
  readonly family: Family;
  readonly text: string;
  readonly span: Read["span"] | null;
}

/** The one family whose facts the rule reads; null when it reads common facts alone. */
function readFamily(item: RuleItem, { site }: Place): FamilyRead | null {
  const first = site.reads.find((read) => read.family !== null);
  const start: FamilyRead | null =
    item.rule.kind === "mask" && item.rule.subject.kind === "labels"
      ? { family: "sql", text: "mask", span: null }
      : first === undefined || first.family === null
        ? null
        : { family: first.family, text: first.text, span: first.span };
  const other = site.reads.find((read) => read.family !== null && read.family !== start?.family);
  if (start !== null && other !== undefined)
    report(site, twoFamilies(other.span, { first: start.text, second: other.text }));
  return start;
}

/** Reports knowledge facts that a restriction reads (HPL4010). The approval of `allow .. after approval` is a restriction. */
export function reportKnowledge(item: RuleItem, { site }: Place): void {
  const afterApproval = item.rule.kind === "allow" && item.rule.after !== null;
  if (item.rule.kind === "allow" && !afterApproval) return;
  const read = site.reads.find((found) => found.knowledge);
  if (read === undefined) return;
  report(site, knowledgeInRestriction(read.span, { path: read.text, rule: item.id.value, afterApproval }));
}

/** Reports facts that a library's `let` reads of a family the library names others than (HPL4008). */
export function reportLibraryReads({ module, site }: Place): void {
  if (module.header.declares !== "library" || module.families.length === 0) return;
  for (const { family, text: root, span } of site.reads)
    if (family !== null && !module.families.includes(family))
      report(site, familyNotGoverned(span, { family, root, module: module.name }));
}

/** Reports facts of an action in a module's `for` (HPL4016): they are not there yet when it is asked. */
export function reportScopeReads({ site }: Place): void {
  for (const { root, span } of site.reads)
    if (root !== "principal" && root !== "connection" && root !== "session")
      report(site, scopeReadsAction(span, { root }));
}
