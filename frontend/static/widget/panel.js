export * from "./panel-CITupsii.js";
