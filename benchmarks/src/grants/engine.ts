import type { Grants, Question } from "./grants.js";

/** An engine with the rules loaded. What it is handed is made ready beforehand, as far as the engine allows. */
export interface Engine {
  /** Turns a question into a call that answers it: true is allowed. */
  prepare(question: Question): () => boolean;
}

/** What is deployed: a compiled module, or a text of policies. */
export type Artefact = string | Uint8Array<ArrayBuffer>;

/** What every file of an engine has: rules to what is deployed, and that to an engine ready to answer. */
export interface EngineFile {
  makeArtefact(grants: Grants): Artefact | Promise<Artefact>;
  /** `grants` only says who the users are. */
  openEngine(artefact: Artefact, grants: Grants): Promise<Engine>;
}

export const textOf = (artefact: string | Uint8Array): string =>
  typeof artefact === "string" ? artefact : new TextDecoder().decode(artefact);
