import { Refusal } from "../../shared/refusal";
import type { Endpoint } from "../../shared/socket";

/** Where the inbox connects: its own origin, by the session's cookie. Refused when the session is over. */
export async function agentEndpoint(fresh: boolean): Promise<Endpoint> {
  if (fresh && !(await isSignedIn())) throw new Refusal("bad_token");
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return { url: `${scheme}//${location.host}/ws/agent/`, protocols: ["porchlight.v1"] };
}

// Browsers hide why a handshake was refused. The inbox' own page sends strangers to sign in.
async function isSignedIn(): Promise<boolean> {
  const answer = await fetch(location.pathname, { method: "HEAD", redirect: "manual", cache: "no-store" });
  return answer.type !== "opaqueredirect" && answer.status !== 401 && answer.status !== 403;
}
