export { fullName, type RefUpdate, readReceiveCommand, readRefspec } from "./refs.js";
