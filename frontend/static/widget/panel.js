export * from "./panel-BUug8Rr1.js";
