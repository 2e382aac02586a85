/** Seconds of the machine's monotonic clock, the one that Python's time.monotonic() reads. */
export function monotonic(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1e6;
}

/** One line on stdout: when, which client, what, and what belongs to it. */
export type Log = (what: string, ...rest: unknown[]) => void;

export function logOf(client: string): Log {
  return (what, ...rest) => write([monotonic(), client, what, ...rest]);
}

export function write(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
