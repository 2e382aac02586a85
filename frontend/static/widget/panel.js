export * from "./panel-BB0gjLt6.js";
