export * from "./panel-DEXroP9j.js";
