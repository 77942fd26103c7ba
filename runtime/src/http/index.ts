export { type HttpRequest, hostOf, httpFacts, pathOf, readUrl } from "./request.js";
