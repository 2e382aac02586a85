export * from "./panel-DJ78B_Vb.js";
