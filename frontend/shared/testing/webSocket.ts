/** A WebSocket whose other end is the test. `TestWebSocket.last` is the newest; `all` are those of this test. */
export class TestWebSocket {
  static all: TestWebSocket[] = [];

  static get last(): TestWebSocket {
    const last = TestWebSocket.all.at(-1);
    if (!last) throw new Error("nothing connected");
    return last;
  }

  static reset(): typeof WebSocket {
    TestWebSocket.all = [];
    return TestWebSocket as unknown as typeof WebSocket;
  }

  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    TestWebSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
  }

  /** The frames of one type that the client sent. */
  sentOf(type: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame.type === type);
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** Accepts and answers the hello. */
  welcome(frame: object = {}): void {
    this.accept();
    this.say({ type: "welcome", ...frame });
  }

  cut(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}
