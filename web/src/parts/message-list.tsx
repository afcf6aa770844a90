import { focusManager } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Message } from '../api/schema.ts';
import type { UnsentMessage } from '../data/outbox.ts';
import { Announcements } from './announcements.tsx';
import { MessageRow, UnsentRow } from './message-row.tsx';

const ahead = 600; // pixels: older messages are asked for before their place is on the screen
const nearly = 40; // pixels from the end that still count as the end

/**
 * The messages, newest at the bottom. Somebody who is at the bottom stays there; somebody who reads further up is not moved,
 * whatever is added above or below.
 * @param props.onSeen called with the newest message when it is on the screen, and somebody is there to see it
 */
export function MessageList(props: {
  messages: Message[];
  unsent: UnsentMessage[];
  me: string;
  label: string;
  older: (() => void) | undefined;
  onSeen: (newest: Message) => void;
}) {
  const { messages, unsent, me, label, older, onSeen } = props;
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const stays = useRef(true); // the same, for what runs before the next render
  const newest = messages.at(-1);
  const count = messages.length + unsent.length;

  // What is added at the start shifts everything else down by as much; the list must be told that it was added there.
  const firstBefore = useRef(messages[0]?.uuid);
  const grewAbove = messages[0]?.uuid !== firstBefore.current;
  useLayoutEffect(() => {
    firstBefore.current = messages[0]?.uuid;
  }, [messages]);

  const toEnd = useCallback(() => {
    stays.current = true;
    const { current } = scroller;
    if (current) current.scrollTop = current.scrollHeight;
  }, []);
  const settle = useCallback(() => {
    const { scrollSize = 0, viewportSize = 0 } = list.current ?? {};
    if (viewportSize > 0 && scrollSize <= viewportSize + nearly) older?.(); // nobody can scroll what fits
    if (stays.current) toEnd();
  }, [older, toEnd]);
  useEffect(() => {
    // The keyboard of a phone and a message of many lines make the list smaller; a message that is measured changes its content.
    const observer = new ResizeObserver(settle);
    for (const part of [scroller.current, scroller.current?.lastElementChild]) if (part) observer.observe(part);
    return () => observer.disconnect();
  }, [settle]);

  const onScroll = () => {
    const { scrollOffset = 0, scrollSize = 0, viewportSize = 0 } = list.current ?? {};
    stays.current = scrollOffset + viewportSize >= scrollSize - nearly;
    setAtEnd(stays.current);
    if (scrollOffset < ahead && !stays.current) older?.();
  };

  // One's own message is one's own doing: it is shown.
  const shown = useRef(new Set(unsent.map(({ key }) => key)));
  useEffect(() => {
    if (unsent.some(({ key }) => !shown.current.has(key))) toEnd();
    shown.current = new Set(unsent.map(({ key }) => key));
  }, [unsent, toEnd]);

  const isLookedAt = useSyncExternalStore(
    (watcher) => focusManager.subscribe(watcher),
    () => focusManager.isFocused(),
  );
  const seen = useRef(newest?.seq ?? 0);
  useEffect(() => {
    if (!newest || !isAtEnd || !isLookedAt) return;
    seen.current = newest.seq;
    onSeen(newest);
  }, [newest, isAtEnd, isLookedAt, onSeen]);
  const below = isAtEnd ? 0 : messages.filter(({ seq, user_uuid }) => seq > seen.current && user_uuid !== me).length;

  return (
    <div className="thread">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={scroller} className="scroller" aria-label={label} tabIndex={0}>
        <div className="filler" />
        <Virtualizer
          ref={list}
          as="ol"
          item="li"
          scrollRef={scroller}
          shift={grewAbove}
          onScroll={onScroll}
          keepMounted={count > 0 ? [count - 1] : []}
        >
          {[
            ...messages.map((message, index) => (
              <MessageRow
                key={message.uuid}
                message={message}
                isMine={message.user_uuid === me}
                beginsDay={dayOf(message) !== dayOf(messages[index - 1])}
              />
            )),
            ...unsent.map((each) => <UnsentRow key={each.key} unsent={each} />),
          ]}
        </Virtualizer>
      </section>
      {!isAtEnd && (
        <button
          type="button"
          className="below"
          onClick={() => {
            scroller.current?.focus(); // the button goes
            toEnd();
          }}
        >
          {below === 0 ? 'To the newest' : below === 1 ? '1 new message' : `${below} new messages`} ↓
        </button>
      )}
      <Announcements messages={messages} me={me} />
    </div>
  );
}

/** The day on which a message was sent, where its reader is. */
const dayOf = (message: Message | undefined) => message && new Date(message.created_at).toDateString();
