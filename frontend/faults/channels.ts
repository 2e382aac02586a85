/** One end of a channel. */
export interface Listener {
  readonly name: string;
  hear(data: unknown): void;
}

/** The BroadcastChannels of one browser. */
export class Channels {
  readonly #open = new Set<Listener>();

  add(channel: Listener): void {
    this.#open.add(channel);
  }

  remove(channel: Listener): void {
    this.#open.delete(channel);
  }

  post(from: Listener, data: unknown): void {
    for (const channel of this.#open) {
      if (channel !== from && channel.name === from.name) channel.hear(structuredClone(data));
    }
  }
}
