import type { ErrorObject } from "ajv/dist/2020.js";
import type { FieldPath, FieldProblem } from "./resolve-config.js";

/**
 * What a schema check found, in words, each with its field. Of a value that fits none of several forms only that is told,
 * unless it is an object that was plainly meant as one of them. No message quotes a value.
 */
export function describeSchemaErrors(errors: readonly ErrorObject[]): readonly FieldProblem[] {
  const choices = errors.filter(({ keyword }) => keyword === "anyOf");
  const isTold = (error: ErrorObject): boolean => {
    if (error.propertyName !== undefined) return false; // `propertyNames` itself follows, and says whose name it is.
    if (error.keyword === "anyOf") return meantForm(error) === null;
    const [choice] = choices
      .filter(({ instancePath }) => isWithin(error.instancePath, instancePath))
      .toSorted((a, b) => b.instancePath.length - a.instancePath.length);
    return choice === undefined || isAbout(error, meantForm(choice));
  };
  return errors.filter(isTold).map((error) => ({ path: pathOf(error), message: messageOf(error) }));
}

const isWithin = (path: string, outer: string): boolean => path === outer || path.startsWith(`${outer}/`);

/** The one field that says which form of a value is meant. */
const markers: readonly string[] = ["url", "embedded", "env", "file", "command", "bundle"];

function meantForm({ data }: ErrorObject): string | null {
  if (typeof data !== "object" || data === null) return null;
  const given = markers.filter((marker) => marker in data);
  return given.length === 1 ? (given[0] ?? null) : null;
}

/** Whether `error` came from the form that has `marker`. */
function isAbout({ parentSchema, schemaPath }: ErrorObject, marker: string | null): boolean {
  if (marker === null) return false;
  const required: unknown = parentSchema?.required;
  if (Array.isArray(required)) return required.includes(marker);
  return schemaPath.includes("/properties/");
}

function pathOf({ instancePath, keyword, params }: ErrorObject): FieldPath {
  const path = instancePath.split("/").slice(1).map(unescapePointer);
  if (keyword === "propertyNames") return [...path, String(params.propertyName)];
  return keyword === "additionalProperties" ? [...path, String(params.additionalProperty)] : path;
}

const unescapePointer = (part: string): string | number =>
  /^\d+$/.test(part) ? Number(part) : part.replaceAll("~1", "/").replaceAll("~0", "~");

function messageOf({ keyword, params, parentSchema, message }: ErrorObject): string {
  if (keyword === "additionalProperties") return "unknown field";
  if (keyword === "required") return `the field \`${params.missingProperty}\` is missing`;
  if (keyword === "enum")
    return `must be one of ${params.allowedValues.map((value: unknown) => JSON.stringify(value)).join(", ")}`;
  if (keyword === "const") return `must be ${JSON.stringify(params.allowedValue)}`;
  if (keyword === "minLength" || keyword === "minItems" || keyword === "minProperties") return "must not be empty";
  if (keyword === "pattern") return formOf(parentSchema?.description, String(params.pattern));
  if (keyword === "propertyNames") return "is no name that is possible here";
  if (keyword === "anyOf") return "has none of the forms that are possible here";
  return message ?? keyword;
}

const formOf = (description: unknown, pattern: string): string =>
  description === "host:port" ? "must be host:port" : `must match ${pattern}`;
