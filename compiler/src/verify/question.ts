import type { Decision } from "@hpl/runtime/abi";
import type { Request } from "@hpl/runtime/facts";
import type { CheckedCircumstances, CheckedSubject } from "../3-check/checked.js";

/** What an example or a test asks. */
export interface Question {
  readonly subject: CheckedSubject;
  readonly circumstances: CheckedCircumstances;
}

/** The production evaluator's decision, and the request it decided on: facts, no text. */
export interface Answer {
  readonly decision: Decision;
  readonly request: Request;
}

/** Decides on one question; null when there is no front end for its family. */
export type QuestionJudge = (question: Question) => Answer | null;
