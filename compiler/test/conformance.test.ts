import { readdirSync, readFileSync } from "node:fs";
import {
  type Decision,
  judge,
  loadPolicy,
  type Policy,
  type ReadRequest,
  readRequest,
  refuseBadRequest,
} from "@hpl/runtime";
import type { Request } from "@hpl/runtime/facts";
import { loadPostgres, postgresFrontEnd } from "@hpl/runtime/sql";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, test } from "vitest";
import type { CheckedPolicy } from "../src/3-check/checked.js";
import { compile, embedText, policyInModule } from "../src/index.js";
import { decide } from "../src/reference/evaluate.js";
import { decideOpa, type OpaPolicy, sdk } from "./opa/decide-opa.js";

const root = new URL("../../spec/", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const skips = JSON.parse(read("conformance/skips.json")) as Readonly<Record<string, string>>;
const isDecision = new Ajv2020({ strict: false }).compile(JSON.parse(read("decision.schema.json")));

interface Case {
  readonly note: string;
  readonly request: unknown;
  readonly expect: Readonly<Record<string, unknown>>;
}

/** A list of cases, or cases as changes of one request. */
type CaseFile =
  | readonly Case[]
  | { readonly base: unknown; readonly cases: readonly (Omit<Case, "request"> & { readonly change: unknown })[] };

const casesIn = (file: CaseFile): readonly Case[] =>
  "base" in file
    ? file.cases.map(({ change, ...rest }) => ({ ...rest, request: mergePatch(file.base, change) }))
    : file;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `target` changed by `patch` as RFC 7396 says: null takes a field out. An unknown value takes the place of any other. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch) || "?" in patch) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

beforeAll(() => loadPostgres());

interface CompiledCase {
  readonly checked: CheckedPolicy;
  readonly module: Policy;
  readonly opa: OpaPolicy;
}

function compileCase(text: string): CompiledCase {
  const [first = "", ...more] = text.split(/^# file: (.+)$/m);
  const others = more.flatMap((part, i) => (i % 2 === 0 ? [{ path: part, text: more[i + 1] ?? "" }] : []));
  const input = {
    sources: [{ path: "policy.hpl", text: first }, ...others.filter(({ path }) => path.endsWith(".hpl"))],
    libraries: [],
    data: others.filter(({ path }) => path.endsWith(".json")),
  };
  const { policy, module, diagnostics } = compile(input);
  const opa = compile(input, "opa").module;
  if (policy === null || module === null || opa === null) throw new Error(JSON.stringify(diagnostics));
  const withText = embedText(module, input);
  const loaded = loadPolicy(withText);
  if (!loaded.ok) throw new Error(loaded.failure.message);
  // What explains a decision is what the module itself says it was made from.
  const found = policyInModule(withText);
  expect(found).toEqual({ ok: true, policy });
  return { checked: found.ok ? found.policy : policy, module: loaded.policy, opa: sdk.loadPolicySync(opa) };
}

/** The decision of the compiled module, which the reference evaluator and the module for OPA's hosts must share. */
function decideAll({ checked, module, opa }: CompiledCase, asked: ReadRequest): Decision {
  if (!asked.ok) return refuseBadRequest(asked.bad);
  const { context, subject } = asked.request;
  const { actions, decision } = judge(module, { postgres: postgresFrontEnd }, asked.request);
  const assumed = subject.kind === "sql" ? { assumed_catalog: true } : {};
  const request: Request = { ...context, actions, ...assumed };
  expect(decision).toEqual(decide(checked, request, module.digest));
  // A module without a grammar cannot be told of a text that it would have to understand.
  const known = actions.flatMap((action) => (action.opaque ? [] : [{ [action.family]: action.facts }]));
  if (known.length < actions.length) return decision;
  const { catalog: _, ...rest } = decision;
  expect(decideOpa(opa, { ...context, actions: known })).toEqual(rest);
  return decision;
}

/** A decision in the short words of a case. */
function shorten(decision: Decision): Readonly<Record<string, unknown>> {
  const { verdict, code, complete, reasons, rules, obligations } = decision;
  return {
    verdict,
    code,
    complete,
    reasons,
    rules: rules.map((rule) => `${rule.id} ${rule.effect} ${rule.certainty}${rule.advisory ? " advisory" : ""}`),
    masks: obligations.flatMap((each) => (each.type === "mask" ? [[each.index, each.name, each.transform]] : [])),
    approvals: obligations.flatMap((each) =>
      each.type === "approval" ? [{ all: each.all, within_s: each.within_s }] : [],
    ),
    limits: obligations.flatMap((each) => {
      if (each.type !== "limit") return [];
      const { rows, time_ms, bytes } = each;
      return [JSON.parse(JSON.stringify({ rows, time_ms, bytes })) as unknown];
    }),
    detects: obligations.flatMap((each) => (each.type === "detect" ? [[each.set, each.transform]] : [])),
  };
}

const folders = readdirSync(new URL("conformance/", root), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((area) => readdirSync(new URL(`conformance/${area.name}/`, root)).map((name) => `${area.name}/${name}`));

describe.each(folders)("%s", (name) => {
  const cases = casesIn(JSON.parse(read(`conformance/${name}/case.json`)) as CaseFile);
  test.each(cases.map((each) => [each.note, each] as const))("%s", (note, { request, expect: expected }) => {
    const decision = decideAll(compileCase(read(`conformance/${name}/policy.hpl`)), readRequest(request, null));
    expect(isDecision(decision), JSON.stringify(isDecision.errors)).toBe(true);
    const assertion = expect(shorten(decision));
    if (skips[`${name}: ${note}`] === undefined) assertion.toMatchObject(expected);
    else assertion.not.toMatchObject(expected);
  });
});
