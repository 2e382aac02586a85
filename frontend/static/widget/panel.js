export * from "./panel-CaxhCksa.js";
