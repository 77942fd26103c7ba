import type { ExceptionItem, Header, Item, ModuleTree, RuleItem, Text } from "../1-parse/ast.js";
import {
  badExceptionId,
  badRuleId,
  duplicateId,
  duplicateName,
  duplicateRule,
  ruleInLibrary,
  secondDefault,
} from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { pathText } from "./label-tree.js";

/** What a module may hold once, or not at all: rules and a default in a library, ids, labels. O(items). */
export function checkItems(tree: ModuleTree, header: Header, diagnostics: Diagnostic[]): void {
  const ids: Ids = { rule: new Set(), exception: new Set(), test: new Set(), proof: new Set(), assumption: new Set() };
  const labels = new Set<string>();
  let hasDefault = false;
  for (const item of tree.items) {
    const word = header.declares === "library" ? onlyInPolicies(item) : null;
    if (word !== null) {
      diagnostics.push(ruleInLibrary(item.span, { word }));
      continue;
    }
    checkId(item, ids, diagnostics);
    if (item.kind === "Label") {
      const name = pathText(item.path);
      if (labels.has(name)) diagnostics.push(duplicateName(item.path.span, { name }));
      labels.add(name);
    }
    if (item.kind === "Default" && hasDefault) diagnostics.push(secondDefault(item.span, {}));
    hasDefault ||= item.kind === "Default";
  }
}

/** Ids seen so far: of each sort, one space in each module. */
type Ids = Readonly<Record<"rule" | "exception" | "test" | "proof" | "assumption", Set<string>>>;

/** The word of an item that decides, lifts or claims a decision; null for one that a library may hold. */
function onlyInPolicies(item: Item): string | null {
  switch (item.kind) {
    case "Rule":
      return wordOf(item);
    case "Default":
      return "default";
    case "Exception":
      return "exception";
    case "Proof":
    case "Comparison":
      return "prove";
    case "Assumption":
      return "assume";
    default:
      return null;
  }
}

function checkId(item: Item, ids: Ids, diagnostics: Diagnostic[]): void {
  if (item.kind === "Rule") checkRuleId(item, ids.rule, diagnostics);
  else if (item.kind === "Exception") checkExceptionId(item, ids.exception, diagnostics);
  else if (item.kind === "Test") reportSecond("tests", item.id, ids.test, diagnostics);
  else if (item.kind === "Proof" || item.kind === "Comparison") reportSecond("proofs", item.id, ids.proof, diagnostics);
  else if (item.kind === "Assumption") reportSecond("assumptions", item.id, ids.assumption, diagnostics);
}

/** An exception is called as the ticket that grants it, so capitals are fine. */
function checkExceptionId({ id }: ExceptionItem, seen: Set<string>, diagnostics: Diagnostic[]): void {
  if (!/^[A-Za-z0-9-]+$/.test(id.value)) diagnostics.push(badExceptionId(id.span, { id: id.value }));
  else reportSecond("exceptions", id, seen, diagnostics);
}

function reportSecond(what: string, id: Text, seen: Set<string>, diagnostics: Diagnostic[]): void {
  if (seen.has(id.value)) diagnostics.push(duplicateId(id.span, { what, id: id.value }));
  seen.add(id.value);
}

function wordOf(item: RuleItem): string {
  return item.rule.kind === "approve" ? "require approval" : item.rule.kind;
}

function checkRuleId(item: RuleItem, rules: Set<string>, diagnostics: Diagnostic[]): void {
  const id = item.id.value;
  if (!/^[a-z0-9-]+$/.test(id) || id === "default") diagnostics.push(badRuleId(item.id.span, { id }));
  else if (rules.has(id)) diagnostics.push(duplicateRule(item.id.span, { id }));
  rules.add(id);
}
