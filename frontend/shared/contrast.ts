/** Black or white ink for words on a colour given as #rrggbb, whichever is easier to read; null for other notations. */
export function inkOn(color: string): "#1c1917" | "#ffffff" | null {
  const channels = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!channels) return null;
  const [red = 0, green = 0, blue = 0] = channels.slice(1).map((hex) => linear(Number.parseInt(hex, 16) / 255));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / (DARK + 0.05) ? "#ffffff" : "#1c1917";
}

// The relative luminance of #1c1917.
const DARK = 0.0098;

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
