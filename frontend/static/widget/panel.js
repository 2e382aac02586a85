export * from "./panel-DSJOmMmS.js";
