export * from "./panel-DKSe8rdv.js";
