export { type CloudEffect, effectsOf } from "./verbs.js";
