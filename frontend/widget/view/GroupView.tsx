import { Component } from "preact";
import { Body } from "../../shared/Body";
import { type Group, isPending } from "../../shared/groups";
import { progressOf } from "../../shared/progress";
import type { Entry, Person } from "../../shared/protocol";
import { Ticks } from "../../shared/Ticks";
import { cleanName, isOnlyEmoji } from "../../shared/text";
import { clockTime, exactTime } from "../../shared/time";
import type { Pending } from "../../shared/timeline";
import type { Chat } from "../chat";
import { panel as words } from "../strings";
import { Face } from "./Face";
import { Icon } from "./Icon";

interface Props {
  group: Group;
  own: boolean;
  chat: Chat;
}

/** What one person said in a row. Renders only when something in it changed. */
export class GroupView extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return next.group !== this.props.group || next.own !== this.props.own;
  }

  override render({ group, own, chat }: Props) {
    const { items, author } = group;
    const last = items.at(-1);
    if (!last) return null;
    if (group.kind !== "text") return isPending(last) ? null : <SystemLine entry={last} />;
    return (
      <li class={own ? "group own" : "group"}>
        {!own && <Face who={author} />}
        <div class="column">
          <span class={own ? "author hidden" : "author"}>
            <bdi>{own ? words.you : nameOf(author)}</bdi>
          </span>
          {items.map((item) => (
            <Bubble key={item.client_id} item={item} isLast={item === last} chat={chat} />
          ))}
          <Meta item={last} own={own} chat={chat} />
        </div>
      </li>
    );
  }
}

/** Somebody's name as shown, never empty. */
export function nameOf({ name }: Person): string {
  return cleanName(name) || words.someone;
}

function Bubble({ item, isLast, chat }: { item: Entry | Pending; isLast: boolean; chat: Chat }) {
  const failed = isPending(item) && item.state === "failed";
  // The group's own line says it of the last.
  const waiting = isPending(item) && item.state === "queued" && !isLast;
  return (
    <>
      <div class={`bubble${isOnlyEmoji(item.body) ? " emoji" : ""}${failed ? " failed" : ""}`}>
        <Body text={item.body} />
        {waiting && <Icon name="queued" label={words.queued} />}
      </div>
      {failed && (
        <p class="failure">
          <Icon name="failed" />
          {words.failed} {words.reasons[item.code ?? ""] ?? ""}
          <button type="button" class="link" onClick={() => chat.outbox.retry(item.client_id)}>
            {words.retry}
          </button>
          <button type="button" class="link" onClick={() => chat.outbox.discard(item.client_id)}>
            {words.remove}
          </button>
        </p>
      )}
    </>
  );
}

function Meta({ item, own, chat }: { item: Entry | Pending; own: boolean; chat: Chat }) {
  // What was not sent says so itself.
  if (isPending(item) && item.state === "failed") return null;
  return (
    <span class="meta">
      <time dateTime={new Date(item.at).toISOString()} title={exactTime(item.at)}>
        {clockTime(item.at)}
      </time>
      {own && <Progress item={item} chat={chat} />}
    </span>
  );
}

function Progress({ item, chat }: { item: Entry | Pending; chat: Chat }) {
  const progress = progressOf(item, chat.receipt.value) as Exclude<ReturnType<typeof progressOf>, "failed">;
  if (progress === "queued") return <Icon name={progress} label={words[progress]} />;
  return <Ticks of={progress} label={words[progress]} />;
}

function SystemLine({ entry }: { entry: Entry }) {
  const text = lineOf(entry);
  if (!text) return null;
  return (
    <li class="system" title={exactTime(entry.at)}>
      {text}
    </li>
  );
}

function lineOf({ kind, data }: Entry): string {
  if (kind === "status") return data.status === "resolved" ? words.endedLine : words.reopenedLine;
  const owner = data.owner as Person | null | undefined;
  return kind === "assignment" && owner ? words.joined(nameOf(owner)) : "";
}
