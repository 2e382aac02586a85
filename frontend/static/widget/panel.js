export * from "./panel-CmXv7RaB.js";
