export * from "./panel-LloV4VGE.js";
