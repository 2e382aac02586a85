export * from "./panel-CrvMET1F.js";
