import type { ReadonlySignal } from "@preact/signals";
import { Fragment } from "preact";
import { Body } from "../../shared/Body";
import { type Group, isPending } from "../../shared/groups";
import { progressOf } from "../../shared/progress";
import type { Entry, Receipt } from "../../shared/protocol";
import { Ticks } from "../../shared/Ticks";
import { clockTime, exactTime } from "../../shared/time";
import type { Pending } from "../../shared/timeline";
import { nameOf } from "../state/names";
import { strings } from "../strings";
import { useInbox } from "./context";
import { Icon } from "./Icon";
import { Name } from "./Name";
import { wordsOf } from "./systemWords";

/** What one person said in a row, with one time and one tick; or one system entry. */
export function GroupView({ group, me, receipt }: { group: Group; me: string; receipt: ReadonlySignal<Receipt> }) {
  const [first] = group.items;
  const last = group.items.at(-1);
  if (first === undefined || last === undefined) return null;
  if (group.kind !== "text" && group.kind !== "note") return <SystemLine item={first} group={group} />;
  const side = group.author.ref.startsWith("customer:") ? "theirs" : "ours";
  const isNote = group.kind === "note";
  return (
    <li class={`group group-${isNote ? "note" : side}`}>
      {isNote && (
        <p class="note-label">
          <Icon name="lock" /> <b>{strings.note}</b> <Name of={group.author} />
          <span class="hidden">{strings.noteOf(nameOf(group.author))}</span>
        </p>
      )}
      {group.items.map((item) => (
        <Fragment key={item.client_id}>
          <div class="bubble" title={exactTime(item.at)}>
            <Body text={item.body} />
            {/* The group's own line says it of the last. */}
            {item !== last && isPending(item) && item.state === "queued" && (
              <Icon name="queued" label={strings.sending} />
            )}
          </div>
          {isPending(item) && item.state === "failed" && <Failure item={item} />}
        </Fragment>
      ))}
      <p class="group-foot">
        <span class={isNote || side === "theirs" || group.author.ref === me ? "hidden" : ""}>
          <Name of={group.author} />
        </span>
        <time dateTime={new Date(last.at).toISOString()} title={exactTime(last.at)}>
          {clockTime(last.at)}
        </time>
        {group.author.ref === me && <Progress item={last} receipt={receipt} />}
      </p>
    </li>
  );
}

function SystemLine({ item, group }: { item: Entry | Pending; group: Group }) {
  return (
    <li class="system">
      <span title={exactTime(item.at)}>
        {isPending(item) ? "" : wordsOf(item)} <time>{clockTime(item.at)}</time>
      </span>
      <span class="hidden">{nameOf(group.author)}</span>
    </li>
  );
}

/** Truthful: saved means stored by the server, seen means on the customer's screen. */
function Progress({ item, receipt }: { item: Entry | Pending; receipt: ReadonlySignal<Receipt> }) {
  const progress = progressOf(item, receipt.value);
  if (progress === "failed") return <Icon name="failed" label={strings.notSent} />;
  if (progress === "queued") return <Icon name="queued" label={strings.sending} />;
  return <Ticks of={progress} label={strings[progress]} />;
}

function Failure({ item }: { item: Pending }) {
  const { writing } = useInbox();
  return (
    <p class="failure" role="alert">
      <b>{strings.notSent}</b> {strings.failure(item.code, item.detail)}{" "}
      <button type="button" class="link" onClick={() => writing.retry(item.client_id)}>
        {strings.retry}
      </button>{" "}
      <button type="button" class="link" onClick={() => writing.discard(item.client_id)}>
        {strings.discard}
      </button>
    </p>
  );
}
