export * from "./panel-CJ272jbn.js";
