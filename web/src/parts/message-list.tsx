import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Message } from '../api/schema.ts';
import type { UnsentMessage } from '../data/outbox.ts';
import { Announcements } from './announcements.tsx';
import { hasAttention, useAttention } from './attention.ts';
import { useCopying } from './copying.ts';
import { MessageRow, UnsentRow } from './message-row.tsx';
import { useIsPrinting } from './printing.ts';
import { DayName } from './time.tsx';

const prefetchDistance = 600; // pixels before the start of the list at which older messages are fetched
const longestPause = 5 * 60_000; // milliseconds between two messages of one group
const endTolerance = 40; // pixels from the end that still count as the end
const firstLine = 40; // pixels of a message that must be visible for it to count as shown
const aboveLine = 40; // pixels of the list that stay visible above the first unread message
const restedFor = 400; // milliseconds that the list stays in one place before what it shows there counts as read

/**
 * The messages, newest at the bottom. At the bottom, the list follows new messages; further up, it keeps its position when
 * messages are added above or below. A line stands above the first unread message until the user writes; the list opens there if there is
 * more than a screen below it.
 * @param props.uuid of the conversation
 * @param props.seen how many of the user's own messages the other one has seen
 * @param props.hasReceipts whether the two users show each other what they have read
 * @param props.firstUnread the number (`sender_seq`) of the other user's first message that was unread when the conversation was opened
 * @param props.edited the UUID of the message that the user is editing
 * @param props.setEdited begins to edit a message, or ends it
 * @param props.report called with a message of the other user that the user wants to report
 * @param props.loadOlder loads the next older page; undefined when there is none, or while one is loading
 * @param props.onSeen called with the newest message that was on the screen while the page had the user's attention
 */
export function MessageList(props: {
  uuid: string;
  messages: Message[];
  unsent: UnsentMessage[];
  me: string;
  label: string;
  seen: number;
  hasReceipts: boolean;
  firstUnread: number | undefined;
  edited: string | undefined;
  setEdited: (message: Message | undefined) => void;
  report: (message: Message) => void;
  loadOlder: (() => void) | undefined;
  onSeen: (newest: Message) => void;
}) {
  const {
    uuid,
    messages,
    unsent,
    me,
    label,
    seen,
    hasReceipts,
    firstUnread,
    edited,
    setEdited,
    report,
    loadOlder,
    onSeen,
  } = props;
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const lineIndex = lineAbove(messages, unsent, me, firstUnread);
  const line = lineIndex < 0 ? undefined : messages[lineIndex];
  const [isAtEnd, setAtEnd] = useState(line === undefined);
  const [topTime, setTopTime] = useState<string>(); // of a message of the day at the top, once the list is scrolled
  const staysAtEnd = useRef(line === undefined); // the same value as a ref, for code that runs before the next render
  const newest = messages.at(-1);
  const count = messages.length + unsent.length;

  // The list component (Virtua) keeps its scroll position only if `shift` tells it that rows were added above.
  const firstBefore = useRef(messages[0]?.uuid);
  const grewAbove = messages[0]?.uuid !== firstBefore.current;
  useLayoutEffect(() => {
    firstBefore.current = messages[0]?.uuid;
  }, [messages]);

  // Only a user who scrolls up leaves the end of the list. A change of the list's height changes the distance to the end as well, but
  // must not count. The heights come from the browser, since Virtua's are still the old ones at this moment.
  const lastOffset = useRef(0);
  const isSettled = useRef(line === undefined); // not while the list opens at the line: rows without a height look like the end
  const measure = useCallback(() => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = scroller.current ?? {};
    const isNear = isSettled.current && scrollTop + clientHeight >= scrollHeight - endTolerance;
    if (isNear || scrollTop < lastOffset.current) staysAtEnd.current = isNear;
    lastOffset.current = scrollTop;
    setAtEnd(staysAtEnd.current);
    const top = scrollTop > 0 ? (list.current?.findItemIndex(scrollTop) ?? 0) : undefined;
    const topMessage = top === undefined ? undefined : (messages[top] ?? messages.at(-1)); // below the messages are unsent ones
    // Renders again for another day only, not for each row.
    setTopTime((before) => (dayOf(before) === dayOf(topMessage?.created_at) ? before : topMessage?.created_at));
    return { scrollTop, hasScrollbar: scrollHeight > clientHeight + endTolerance };
  }, [messages]);
  const hasUserAttention = useAttention();
  // The number of the newest message that has been on the screen; those above the line had been before.
  const [shown, setShown] = useState(line ? line.seq - 1 : (newest?.seq ?? 0));
  const noteShown = useCallback(() => {
    const { scrollTop = 0, clientHeight = 0 } = scroller.current ?? {};
    const index = list.current?.findItemIndex(scrollTop + clientHeight - firstLine) ?? 0;
    const lowest = staysAtEnd.current ? newest : (messages[index] ?? newest);
    if (lowest && isSettled.current && hasAttention()) setShown((before) => Math.max(before, lowest.seq));
  }, [messages, newest]);

  const opening = useRef<{ line: string; newest: string }>(undefined);
  const settling = useRef(0);
  const scrollToEnd = useCallback(() => {
    opening.current = undefined;
    staysAtEnd.current = true;
    const { current } = scroller;
    if (current) current.scrollTop = current.scrollHeight;
    measure();
  }, [measure]);
  // The list opens at the line. Heights become known one after another, so it is placed again until the user or a new message moves it. A
  // message that arrives before the list has opened does not.
  const opened = useRef(false);
  if (line && newest && !opened.current) {
    opened.current = true;
    opening.current = { line: line.uuid, newest: newest.uuid };
    isSettled.current = false;
    setShown((before) => Math.min(before, line.seq - 1)); // what was at the end for an instant does not count
  }
  if (opening.current && newest && !isSettled.current) opening.current.newest = newest.uuid;
  const isOpening = opening.current?.line === line?.uuid && opening.current?.newest === newest?.uuid;
  const scrollToLine = useCallback(() => {
    const { current } = scroller;
    const row = line && current?.querySelector(`[data-message="${line.uuid}"]`);
    if (!current || !row) return;
    current.scrollTop += row.getBoundingClientRect().top - current.getBoundingClientRect().top - aboveLine;
    staysAtEnd.current = false;
    // Two frames after the last change of a height, the rows are measured.
    cancelAnimationFrame(settling.current);
    settling.current = requestAnimationFrame(() => {
      settling.current = requestAnimationFrame(() => {
        isSettled.current = true;
        measure(); // notices when all that is unread fits on the screen
        noteShown();
      });
    });
  }, [line, measure, noteShown]);
  useEffect(() => () => cancelAnimationFrame(settling.current), []);
  const adjust = useCallback(() => {
    const { hasScrollbar } = measure();
    // Fetch here, since a list without a scrollbar fires no scroll event.
    if (list.current?.viewportSize && !hasScrollbar) loadOlder?.();
    if (line && isOpening && opening.current) scrollToLine();
    else if (staysAtEnd.current && edited === undefined) scrollToEnd(); // a message that is being edited stays in view
    noteShown();
  }, [edited, line, isOpening, loadOlder, measure, noteShown, scrollToEnd, scrollToLine]);
  useEffect(() => {
    // The list shrinks when a phone's keyboard opens or a draft grows. The height of its content changes when Virtua measures a row.
    const observer = new ResizeObserver(adjust);
    for (const part of [scroller.current, scroller.current?.lastElementChild]) if (part) observer.observe(part);
    return () => observer.disconnect();
  }, [adjust]);

  const endOpening = () => {
    opening.current = undefined;
    isSettled.current = true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    endOpening();
    moveBetweenMenus(event);
  };
  const onScroll = () => {
    const { scrollTop } = measure();
    noteShown();
    if (scrollTop < prefetchDistance && !staysAtEnd.current) loadOlder?.();
  };

  // Sending a message scrolls to it.
  const shownKeys = useRef(new Set(unsent.map(({ key }) => key)));
  useEffect(() => {
    if (unsent.some(({ key }) => !shownKeys.current.has(key))) scrollToEnd();
    shownKeys.current = new Set(unsent.map(({ key }) => key));
  }, [unsent, scrollToEnd]);

  useEffect(() => {
    if (hasUserAttention) noteShown();
  }, [hasUserAttention, noteShown]);
  useEffect(() => {
    if (!newest || !hasUserAttention || !isSettled.current) return;
    if (isAtEnd) return onSeen(newest);
    // Further up, waits until the list rests: scrolling must not cost a request for each message.
    const lowest = line && messages.find(({ seq }) => seq === shown);
    if (!lowest || lowest.seq < line.seq) return;
    const timer = setTimeout(() => onSeen(lowest), restedFor);
    return () => clearTimeout(timer);
  }, [newest, messages, line, shown, isAtEnd, hasUserAttention, onSeen]);
  const unseenBelow = isAtEnd ? 0 : messages.filter(({ seq, user_uuid }) => seq > shown && user_uuid !== me).length;

  const selected = useCopying(
    scroller,
    useMemo(
      () => [
        ...messages.map(({ uuid, message }) => ({ id: uuid, text: message })),
        ...unsent.map(({ key, message }) => ({ id: key, text: message })),
      ],
      [messages, unsent],
    ),
  );
  const isPrinting = useIsPrinting();
  const editedIndex = messages.findIndex(({ uuid }) => uuid === edited);
  const newestWithMenu = messages.findLastIndex(({ deleted_at }) => deleted_at === undefined); // its menu is the tab stop
  const kept = [...selected, lineIndex, editedIndex, newestWithMenu, count - 1].filter((index) => index >= 0);
  // Not made again while the list is scrolled: there may be thousands.
  const rows = useMemo(
    () => [
      ...messages.map((message, index) => (
        <div key={message.uuid} data-message={message.uuid}>
          <MessageRow
            uuid={uuid}
            message={message}
            me={me}
            isFirstOfDay={dayOf(message.created_at) !== dayOf(messages[index - 1]?.created_at)}
            isFirstOfGroup={!isSameGroup(messages[index - 1], message)}
            isNewest={index === newestWithMenu}
            receipt={
              hasReceipts && message.user_uuid === me ? (message.sender_seq <= seen ? 'seen' : 'sent') : undefined
            }
            isFirstUnread={index === lineIndex}
            isEdited={message.uuid === edited}
            setEdited={setEdited}
            report={report}
          />
        </div>
      )),
      ...unsent.map((each) => (
        <div key={each.key} data-message={each.key}>
          <UnsentRow unsent={each} />
        </div>
      )),
    ],
    [uuid, messages, unsent, me, seen, hasReceipts, lineIndex, newestWithMenu, edited, setEdited, report],
  );

  return (
    <div className="thread">
      {isPrinting && <div className="printed">{rows}</div>}
      <section
        ref={scroller}
        className="scroller"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must reach a scroll area
        tabIndex={0}
        onKeyDown={onKeyDown}
        onWheel={endOpening}
        onTouchMove={endOpening}
        onPointerDown={endOpening}
      >
        <div className="filler" />
        {topTime && (
          // Virtua places each row by itself, so the heading among them cannot stick.
          <p className="day at-top" aria-hidden="true">
            <DayName at={topTime} />
          </p>
        )}
        <Virtualizer
          ref={list}
          as="ol"
          item="li"
          scrollRef={scroller}
          shift={grewAbove}
          onScroll={onScroll}
          keepMounted={[...new Set(kept)]}
        >
          {rows}
        </Virtualizer>
      </section>
      {!isAtEnd && (
        <button
          type="button"
          className="below"
          onClick={() => {
            scroller.current?.focus(); // otherwise the focus would be lost when the button disappears
            scrollToEnd();
          }}
        >
          {unseenBelow === 0 ? 'Jump to newest' : unseenBelow === 1 ? '1 new message' : `${unseenBelow} new messages`} ↓
        </button>
      )}
      <Announcements messages={messages} me={me} />
    </div>
  );
}

/** The Tab key reaches the menu of the newest message only; from there the arrows lead to those of the others. */
function moveBetweenMenus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const menus = [...event.currentTarget.querySelectorAll<HTMLElement>('.menu-button')];
  const at = menus.indexOf(event.target as HTMLElement);
  if (!step || at < 0) return;
  event.preventDefault();
  menus[at + step]?.focus();
}

/** The index of the first unread message; -1 if there is none, if it is not loaded, or if the user is writing. */
function lineAbove(messages: Message[], unsent: unknown[], me: string, firstUnread: number | undefined): number {
  if (firstUnread === undefined || unsent.length > 0) return -1;
  return messages.findIndex(({ user_uuid, sender_seq }) => user_uuid !== me && sender_seq === firstUnread);
}

/** Whether a message follows another one of the same sender, on the same day and within a few minutes. */
function isSameGroup(before: Message | undefined, message: Message): boolean {
  const pause = Date.parse(message.created_at) - Date.parse(before?.created_at ?? '');
  return (
    before?.user_uuid === message.user_uuid &&
    pause < longestPause &&
    dayOf(before.created_at) === dayOf(message.created_at)
  );
}

/** The day of a message in the reader's time zone. */
const dayOf = (created_at: string | undefined) => created_at && new Date(created_at).toDateString();
