import { expect, test, vi } from "vitest";
import { makeEvents } from "./events";

test("listeners hear their event until they stop, by the returned function or by off", () => {
  const { on, off, emit } = makeEvents();
  const heard: unknown[] = [];
  const listener = (detail: unknown) => heard.push(detail);
  const stop = on("unread", listener);
  emit("unread", 1);
  emit("open");
  stop();
  emit("unread", 2);
  on("unread", listener);
  on("unread", listener);
  emit("unread", 3);
  off("unread", listener);
  emit("unread", 4);
  expect(heard).toEqual([1, 3]);
});

test("a listener that throws does not keep the others from hearing", () => {
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  const { on, emit } = makeEvents();
  const heard = vi.fn();
  on("ready", () => {
    throw new Error("host page");
  });
  on("ready", heard);
  emit("ready");
  expect(heard).toHaveBeenCalledOnce();
  expect(reported).toHaveBeenCalledOnce();
});
