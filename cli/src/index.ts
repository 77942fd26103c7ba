export { compileForGateway } from "./commands/gateway.js";
export { main } from "./main.js";
