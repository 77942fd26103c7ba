/**
 * A Cedar expression to a formula, over the entity model of `cedar.ts`.
 *
 * Negations are pushed down to the tests, so that each stands in HPL as it is meant. Only attributes that every request has are
 * read: in Cedar a missing one is an error that switches the whole policy off, which no condition in HPL can say. What is not
 * read is a reason; the caller drops the grant, or the condition of a restriction.
 */
import type { CedarValueJson, Expr } from "@cedar-policy/cedar-wasm/nodejs";
import { quote } from "../hpl-text.js";
import { constant, type Formula, join, ofRequest, ofTable } from "./formula.js";

/** Names that policies use, and what the module must declare for them. */
export interface Groups {
  /** The name in HPL of a group. */
  readonly nameOf: (group: string) => string;
}

/** What stands in the way of an expression. */
export class NotExpressible extends Error {}

export interface Entity {
  readonly type: string;
  readonly id: string;
}

/** The last part of a type's name: `App::User` is a `User`. */
const typeName = (type: string): string => type.slice(type.lastIndexOf(":") + 1);

const kindsOfPrincipal: Readonly<Record<string, string>> = { User: "human", Agent: "agent", Service: "service" };
const groupTypes: ReadonlySet<string> = new Set(["Group", "Role", "Team"]);

/** `uid` in any of the forms Cedar's JSON has. */
export function entityOf(json: unknown): Entity | null {
  if (typeof json !== "object" || json === null) return null;
  const { __entity: inner, type, id } = json as Readonly<Record<string, unknown>>;
  if (inner !== undefined) return entityOf(inner);
  return typeof type === "string" && typeof id === "string" ? { type: typeName(type), id } : null;
}

const equal = (fact: string, value: string, positive: boolean): string => `${fact} ${positive ? "==" : "!="} ${value}`;

/** Both of, or by De Morgan either not of. */
const both = (positive: boolean, parts: readonly Formula[]): Formula => join(positive ? "and" : "or", parts);
const either = (positive: boolean, parts: readonly Formula[]): Formula => join(positive ? "or" : "and", parts);

/** `principal is TYPE`. */
export function principalIs(type: string, positive: boolean): Formula {
  const kind = kindsOfPrincipal[typeName(type)];
  if (kind === undefined) throw new NotExpressible(`a principal of the type ${type}`);
  return ofRequest(equal("principal.kind", kind, positive));
}

/** `principal in ENTITY`, which a person is in themselves. */
export function principalIn({ type, id }: Entity, groups: Groups, positive: boolean): Formula {
  if (groupTypes.has(type)) return ofRequest(`${positive ? "" : "not "}principal in ${groups.nameOf(id)}`);
  return principalIsEntity({ type, id }, positive);
}

export const principalIsEntity = ({ type, id }: Entity, positive: boolean): Formula =>
  both(positive, [principalIs(type, positive), ofRequest(equal("principal.id", quote(id), positive))]);

/** `resource is TYPE`: every resource is a table. */
export function resourceIs(type: string, positive: boolean): Formula {
  if (typeName(type) !== "Table") throw new NotExpressible(`a resource of the type ${type}`);
  return constant(positive);
}

/** `resource in ENTITY`: a table, its schema, the connection. */
export function resourceIn({ type, id }: Entity, positive: boolean): Formula {
  const schemaIs = (schema: string): Formula => ofTable((table) => equal(`${table}.schema`, quote(schema), positive));
  if (type === "Schema") return schemaIs(id);
  if (type === "Connection") return ofRequest(equal("connection.name", quote(id), positive));
  if (type !== "Table") throw new NotExpressible(`a resource in ${type}`);
  const [schema, name, more] = id.includes(".") ? id.split(".") : ["public", id];
  if (schema === undefined || name === undefined || more !== undefined)
    throw new NotExpressible(`a table called ${id}`);
  return both(positive, [schemaIs(schema), ofTable((table) => equal(`${table}.name`, quote(name), positive))]);
}

export function resourceIsEntity(entity: Entity, positive: boolean): Formula {
  if (entity.type !== "Table") throw new NotExpressible(`a resource that is ${entity.type}`);
  return resourceIn(entity, positive);
}

type FactType = "text" | "flag" | readonly string[];

interface Attribute {
  readonly type: FactType;
  readonly of: (text: (fact: string) => string) => Formula;
}

const requestFact = (fact: string, type: FactType): Attribute => ({ type, of: (text) => ofRequest(text(fact)) });
const tableFact = (name: string): Attribute => ({
  type: "text",
  of: (text) => ofTable((table) => text(`${table}.${name}`)),
});

/** Attributes of the entity model, which every request has. */
const attributes: Readonly<Record<string, Attribute>> = {
  "principal.id": requestFact("principal.id", "text"),
  "principal.issuer": requestFact("principal.issuer", "text"),
  "principal.kind": requestFact("principal.kind", ["human", "agent", "service"]),
  "principal.mfa": requestFact("principal.mfa", "flag"),
  "resource.schema": tableFact("schema"),
  "resource.name": tableFact("name"),
  "context.connection": requestFact("connection.name", "text"),
  "context.env": requestFact("connection.env", ["prod", "staging", "dev"]),
  "context.mfa": requestFact("principal.mfa", "flag"),
  "context.client": requestFact("session.client", "text"),
  "context.in_transaction": requestFact("session.in_transaction", "flag"),
  "context.sandboxed": requestFact("session.sandboxed", "flag"),
};

type Node = Readonly<Record<string, unknown>>;
const operand = (expr: Expr): { readonly operator: string; readonly given: unknown } => {
  const [[operator, given] = ["", null]] = Object.entries(expr as Node);
  return { operator, given };
};

const variableOf = (expr: Expr): string | null => {
  const { operator, given } = operand(expr);
  return operator === "Var" ? String(given) : null;
};

function attributeOf(expr: Expr): Attribute | null {
  const { operator, given } = operand(expr);
  if (operator !== ".") return null;
  const { left, attr } = given as { readonly left: Expr; readonly attr: string };
  return attributes[`${variableOf(left)}.${attr}`] ?? null;
}

const literalOf = (expr: Expr): CedarValueJson | undefined => {
  const { operator, given } = operand(expr);
  return operator === "Value" ? (given as CedarValueJson) : undefined;
};

/** The members of a set that is written out. */
function membersOf(expr: Expr): readonly CedarValueJson[] | null {
  const { operator, given } = operand(expr);
  if (operator === "Value" && Array.isArray(given)) return given as readonly CedarValueJson[];
  if (operator !== "Set") return null;
  const values = (given as readonly Expr[]).map(literalOf);
  return values.every((value) => value !== undefined) ? (values as readonly CedarValueJson[]) : null;
}

/**
 * Parts of one condition that are read. An `if` is written out with its test in both branches, so that a few of them in each other
 * would fill the memory; what a person writes has a tenth of it.
 */
export const PARTS_MAX = 128;

interface Pair {
  readonly left: Expr;
  readonly right: Expr;
}

/** `expr`, or its negation. Throws `NotExpressible`. */
export const formulaOf = (expr: Expr, groups: Groups, positive = true): Formula =>
  readExpression(expr, { groups, parts_left: PARTS_MAX }, positive);

interface Reading {
  readonly groups: Groups;
  parts_left: number;
}

function readExpression(expr: Expr, reading: Reading, positive: boolean): Formula {
  if (reading.parts_left === 0) throw new NotExpressible("a condition so large");
  reading.parts_left -= 1;
  const { groups } = reading;
  const inner = (each: Expr, as = positive): Formula => readExpression(each, reading, as);
  const { operator, given } = operand(expr);
  const { left, right } = given as Pair;
  switch (operator) {
    case "&&":
      return both(positive, [inner(left), inner(right)]);
    case "||":
      return either(positive, [inner(left), inner(right)]);
    case "!":
      return inner((given as { readonly arg: Expr }).arg, !positive);
    case "if-then-else": {
      const { if: test, then, else: other } = given as { readonly if: Expr; readonly then: Expr; readonly else: Expr };
      return either(true, [
        both(true, [inner(test, true), inner(then)]),
        both(true, [inner(test, false), inner(other)]),
      ]);
    }
    case "==":
      return equality(left, right, positive);
    case "!=":
      return equality(left, right, !positive);
    case "in":
      return membership(left, right, groups, positive);
    case "is":
      return typeTest(
        given as { readonly left: Expr; readonly entity_type: string; readonly in?: Expr },
        groups,
        positive,
      );
    case "contains":
      return contains(left, right, positive);
    case "like":
      return likeTest(given as { readonly left: Expr; readonly pattern: readonly unknown[] }, positive);
    case "has":
      return hasTest(given as { readonly left: Expr; readonly attr: unknown }, positive);
    default:
      return plainTest(expr, positive);
  }
}

/** `true`, or an attribute that is true or false. */
function plainTest(expr: Expr, positive: boolean): Formula {
  const value = literalOf(expr);
  if (typeof value === "boolean") return constant(value === positive);
  const attribute = attributeOf(expr);
  if (attribute?.type === "flag") return attribute.of((fact) => (positive ? fact : `not ${fact}`));
  throw new NotExpressible(`\`${operand(expr).operator}\` of ${shortly(expr)}`);
}

function equality(left: Expr, right: Expr, positive: boolean): Formula {
  const [subject, value] = literalOf(left) === undefined ? [left, literalOf(right)] : [right, literalOf(left)];
  const entity = entityOf(value);
  const variable = variableOf(subject);
  if (entity !== null && variable === "principal") return principalIsEntity(entity, positive);
  if (entity !== null && variable === "resource") return resourceIsEntity(entity, positive);
  const attribute = attributeOf(subject);
  if (attribute === null || value === undefined)
    throw new NotExpressible(`\`==\` of ${shortly(left)} and ${shortly(right)}`);
  return attributeEquals(attribute, value, positive);
}

function attributeEquals({ type, of }: Attribute, value: CedarValueJson, positive: boolean): Formula {
  if (type === "flag" && typeof value === "boolean") return of((fact) => (value === positive ? fact : `not ${fact}`));
  if (type === "text" && typeof value === "string") return of((fact) => equal(fact, quote(value), positive));
  if (Array.isArray(type) && typeof value === "string")
    return type.includes(value) ? of((fact) => equal(fact, value, positive)) : constant(!positive);
  // Values of two types are never equal; in HPL it is a mistake to ask.
  return constant(!positive);
}

function membership(left: Expr, right: Expr, groups: Groups, positive: boolean): Formula {
  const variable = variableOf(left);
  const one = entityOf(literalOf(right));
  const entities = one === null ? membersOf(right)?.map(entityOf) : [one];
  if (entities === undefined || entities.includes(null)) throw new NotExpressible(`\`in\` of ${shortly(right)}`);
  const found = entities.filter((entity) => entity !== null);
  if (variable === "principal")
    return either(
      positive,
      found.map((entity) => principalIn(entity, groups, positive)),
    );
  if (variable === "resource")
    return either(
      positive,
      found.map((entity) => resourceIn(entity, positive)),
    );
  throw new NotExpressible(`\`in\` of ${shortly(left)}`);
}

function typeTest(
  { left, entity_type, in: inside }: { readonly left: Expr; readonly entity_type: string; readonly in?: Expr },
  groups: Groups,
  positive: boolean,
): Formula {
  const variable = variableOf(left);
  if (variable !== "principal" && variable !== "resource") throw new NotExpressible(`\`is\` of ${shortly(left)}`);
  const type = variable === "principal" ? principalIs(entity_type, positive) : resourceIs(entity_type, positive);
  return inside === undefined ? type : both(positive, [type, membership(left, inside, groups, positive)]);
}

function contains(left: Expr, right: Expr, positive: boolean): Formula {
  const [members, attribute] = [membersOf(left), attributeOf(right)];
  if (members === null || attribute === null) throw new NotExpressible(`\`contains\` of ${shortly(left)}`);
  return either(
    positive,
    members.map((member) => attributeEquals(attribute, member, positive)),
  );
}

function likeTest(
  { left, pattern }: { readonly left: Expr; readonly pattern: readonly unknown[] },
  positive: boolean,
): Formula {
  const attribute = attributeOf(left);
  if (attribute?.type !== "text") throw new NotExpressible(`\`like\` of ${shortly(left)}`);
  const text = pattern.map((part) =>
    part === "Wildcard" ? "**" : escaped((part as { readonly Literal: string }).Literal),
  );
  const like = text.join("").replaceAll(/(?:\*\*){2,}/g, "**");
  if (like === "") return attribute.of((fact) => equal(fact, '""', positive));
  if (like.length > LIKE_LETTERS_MAX) throw new NotExpressible("a pattern so long");
  return attribute.of((fact) => `${positive ? "" : "not "}${fact} like ${quote(like)}`);
}

/** Letters of a pattern that the compiler takes. */
export const LIKE_LETTERS_MAX = 1_024;

const escaped = (text: string): string => text.replaceAll(/[\\*{},]/g, (sign) => `\\${sign}`);

/** Attributes that are read are always there. */
function hasTest({ left, attr }: { readonly left: Expr; readonly attr: unknown }, positive: boolean): Formula {
  if (attributes[`${variableOf(left)}.${String(attr)}`] !== undefined) return constant(positive);
  throw new NotExpressible(`\`has ${String(attr)}\` of ${shortly(left)}`);
}

/** Letters of an expression that a message shows. */
const SHOWN_MAX = 80;

const shortly = (expr: Expr): string => {
  const text = JSON.stringify(expr);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}..` : text;
};
