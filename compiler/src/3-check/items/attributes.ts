import type { AttributeItem } from "../../1-parse/ast.js";
import { type DeclaredFact, type FactType, factRoots } from "../../2-resolve/fact-types.js";
import type { DeclaredAttribute } from "../../2-resolve/resolve.js";
import { badAttribute, duplicateName, unknownChoice } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { nearestName } from "../../diagnostics/nearest-name.js";
import type { CheckedAttribute, FactPath } from "../checked.js";

/** Attributes as facts of the type environment, and as the checked policy says them. */
export interface AttributesOutput {
  readonly facts: readonly DeclaredFact[];
  readonly attributes: readonly CheckedAttribute[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What `connection.env` is in a policy that does not say: the three that nearly everybody has. */
const env: DeclaredFact = {
  of: "connection",
  name: "env",
  type: { kind: "Enum", members: ["prod", "staging", "dev"] },
  optional: false,
};

/** The attributes that `declared` are, and `connection.env`. Reports HPL2005, HPL2031 and HPL3021. O(n log n). */
export function checkAttributes(declared: readonly DeclaredAttribute[]): AttributesOutput {
  const diagnostics: Diagnostic[] = [];
  const own = declared.flatMap(({ item }) => factOf(item, diagnostics) ?? []);
  const hasEnv = own.some(({ of, name }) => of === "connection" && name === "env");
  const facts = hasEnv ? own : [env, ...own];
  const attributes = facts.map((fact): CheckedAttribute => {
    const members = fact.type.kind === "Enum" ? fact.type.members : null;
    return { path: pathOf(fact), members, optional: fact.optional };
  });
  return { facts, attributes: attributes.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)), diagnostics };
}

function pathOf({ of, name }: DeclaredFact): FactPath {
  if (of === "claim") return { root: "principal", steps: ["claims", name] };
  return { root: "connection", steps: name === "env" ? ["env"] : ["labels", name] };
}

const keyOf = ({ path }: CheckedAttribute): string => [path.root, ...path.steps].join(".");

function factOf(item: AttributeItem, diagnostics: Diagnostic[]): DeclaredFact | null {
  const [of, name, ...more] = item.path.words.map((word) => word.text);
  const path = [of, name, ...more].join(".");
  const fail = (problem: string, help: string): null => {
    diagnostics.push(badAttribute(item.path.span, { path, problem, help }));
    return null;
  };
  if ((of !== "connection" && of !== "claim") || name === undefined || more.length > 0)
    return fail(
      "is not something a policy declares",
      "attributes are `connection.NAME`, a label of connections, and `claim.NAME`",
    );
  const connection = factRoots.get("connection")?.type;
  const isFact = of === "connection" && connection?.kind === "Record" && connection.fields.has(name);
  if (isFact && name !== "env") return fail("is a fact that every connection has", "choose another name");
  if (name === "env" && of === "connection" && item.optional) return fail("is never absent", "take out the `?`");
  const type = typeOf(item, diagnostics);
  return type && { of, name, type, optional: item.optional };
}

function typeOf({ members, type }: AttributeItem, diagnostics: Diagnostic[]): FactType | null {
  if (members !== null) {
    const seen = new Set<string>();
    for (const { text, span } of members) {
      if (seen.has(text)) diagnostics.push(duplicateName(span, { name: text }));
      seen.add(text);
    }
    return { kind: "Enum", members: [...seen] };
  }
  if (type === null || type.text === "String") return { kind: "Text", format: null };
  const choices = ["String"];
  const nearest = nearestName(type.text, choices);
  const params = { what: "a type of an attribute", found: type.text, choices: [...choices, "{gold, silver}"], nearest };
  diagnostics.push(unknownChoice(type.span, params));
  return null;
}
