import { type ErrorCode, RETRYABLE } from "./protocol";

/** The server's answer when it does nothing: a code from the table, and what may be shown with it. */
export class Refusal {
  constructor(
    readonly code: ErrorCode,
    readonly detail: string = "",
    /** Seconds to wait before the same thing can succeed. */
    readonly retryAfter: number | null = null,
  ) {}

  /** Whether sending the same thing again later can succeed. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}
