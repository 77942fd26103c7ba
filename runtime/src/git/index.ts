export { analyseReceivePack, COMMANDS_COUNT_MAX } from "./receive-pack.js";
export { fullName, type RefUpdate, readReceiveCommand, readRefspec } from "./refs.js";
