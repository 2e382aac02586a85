export * from "./panel-DdENlIDZ.js";
