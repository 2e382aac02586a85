export * from "./panel-Bf3-S4MR.js";
