export * from "./panel-B5OhElen.js";
