export * from "./panel-C-TzjdqX.js";
