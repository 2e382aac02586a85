export * from "./panel-BHmCZzho.js";
