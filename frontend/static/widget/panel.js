export * from "./panel-zTiSwVlO.js";
