import { expect, test } from "vitest";
import { inkOn } from "./contrast";

test("ink is the one of black and white that is easier to read", () => {
  expect(inkOn("#000000")).toBe("#ffffff");
  expect(inkOn("#B45309")).toBe("#ffffff");
  expect(inkOn("#fbbf24")).toBe("#000000");
  expect(inkOn("#ffffff")).toBe("#000000");
});

test("anything but six hexadecimal digits is refused", () => {
  for (const color of ["", "red", "#fff", "#12345g", "url(x)"]) expect(inkOn(color)).toBeNull();
});

test("every grey leaves at least 4.5 : 1 to its ink", () => {
  const luminance = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  for (let grey = 0; grey < 256; grey++) {
    const hex = grey.toString(16).padStart(2, "0");
    const ground = luminance(grey / 255);
    const ink = inkOn(`#${hex}${hex}${hex}`) === "#ffffff" ? 1 : 0;
    expect((Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05)).toBeGreaterThan(4.5);
  }
});
