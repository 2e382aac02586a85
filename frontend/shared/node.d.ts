// The little of node that replay.ts uses, instead of the types of all of it.
declare module "node:readline" {
  export function createInterface(options: { input: unknown }): AsyncIterable<string>;
}
declare const process: { stdin: unknown; stdout: { write(text: string): void } };
