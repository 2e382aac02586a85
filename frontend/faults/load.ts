import type { Member } from "./member";

// As unlike each other as what people write: lengths, scripts, signs outside the basic plane.
const WORDS = ["kiln", "Glasur", "παράδοση", "お茶碗", "🪴", "the parcel", "is it here?", "–", "line\nbreak", "naïve"];
const NOTES = 0.1;

/** How much is written, and by which dice. */
export interface Load {
  seconds: number;
  /** Texts a second, of each client. */
  rate: number;
  seed: number;
}

/** Lets the members write at seeded times; what each writes names its tab and counts. */
export class Writers {
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #counts = new Map<string, number>();

  start(members: Iterable<Member>, { seconds, rate, seed }: Load): void {
    for (const member of members) {
      const random = dice(`${seed}/${member.id}`);
      // As if they had been writing for long: who writes seldom may be the first.
      this.#plan(member, random, seconds * 1000, 1000 / rate, (random() * 1000) / rate);
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Writes one text now. */
  write(member: Member, random: () => number): void {
    const count = (this.#counts.get(member.id) ?? 0) + 1;
    const filler = Array.from(
      { length: 1 + Math.floor(random() * 12) },
      () => WORDS[Math.floor(random() * WORDS.length)],
    );
    const body = `${member.id}#${count} ${filler.join(" ")}`.trim();
    const note = random() < NOTES;
    // Before it is handed over, which may send it at once.
    member.log("say", body);
    if (member.tab.run(() => member.say(body, note))) this.#counts.set(member.id, count);
    else member.log("unsaid", body);
  }

  #plan(member: Member, random: () => number, left: number, mean: number, wait = mean * (0.5 + random())): void {
    if (wait > left) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (member.tab.abort.signal.aborted) return;
      this.write(member, random);
      if (random() < 0.2) member.tab.run(() => member.look());
      this.#plan(member, random, left - wait, mean);
    }, wait);
    this.#timers.add(timer);
  }
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function dice(seed: string): () => number {
  let state = [...seed].reduce((sum, sign) => Math.imul(sum ^ sign.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
