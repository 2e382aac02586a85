export * from "./panel-DPd63I4g.js";
