export * from "./panel-5loDieav.js";
