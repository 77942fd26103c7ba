export { overriddenMethod } from "./method.js";
export { type HttpRequest, hostOf, httpFacts, pathOf, readUrl } from "./request.js";
export { analyseHttp } from "./wire.js";
