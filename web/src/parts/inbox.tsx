import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { Link, useLocation } from 'wouter';
import type { MessageGroup } from '../api/schema.ts';
import { useDraft } from '../data/drafts.ts';
import { useInbox } from '../data/inbox.ts';
import { filterRows } from '../data/inbox-filter.ts';
import { useOutbox } from '../data/outbox.ts';
import { Avatar } from './avatar.tsx';
import { ConversationMenu } from './conversation-menu.tsx';
import { ErrorMessage } from './error-message.tsx';
import { Muted } from './muted.tsx';
import { Names } from './names.tsx';
import { OtherUsers } from './other-users.tsx';
import { useSignedInUser } from './require-sign-in.tsx';
import { useSteadyRows } from './steady-rows.ts';
import { ShortTime } from './time.tsx';
import { TypingDots, useShownTyping } from './typing.tsx';

const prefetchDistance = 400; // pixels before the end of the list at which the next page is fetched

/**
 * The user's conversations, most recent first, and a search for them and for other users.
 * @param open the UUID of the open conversation
 */
export function Inbox({ open }: { open: string | undefined }) {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInbox();
  const me = useSignedInUser();
  const [sought, setSought] = useState('');
  const isFiltered = sought.trim() !== '';
  const found = useMemo(() => data && filterRows(data, sought), [data, sought]);
  const { rows, focused, handlers } = useSteadyRows(found);
  const known = useMemo(() => new Set([me.uuid, ...(found ?? []).map(({ user_uuid }) => user_uuid)]), [me, found]);
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const loadMore = () => {
    if (isFiltered) return; // a short list of what was found must not load the whole inbox
    const { scrollOffset = 0, scrollSize = 0, viewportSize = 0 } = list.current ?? {};
    if (scrollOffset + viewportSize > scrollSize - prefetchDistance && hasNextPage && !isFetchingNextPage && !error)
      fetchNextPage({ cancelRefetch: false });
  };
  const latest = useRef(loadMore);
  useEffect(() => {
    latest.current = loadMore;
  });
  const isLoaded = rows !== undefined;
  useEffect(() => {
    // If a page of rows does not fill the screen, the next one is fetched here: a list without a scrollbar fires no
    // scroll event.
    const content = isLoaded && scroller.current?.querySelector('ul');
    const observer = new ResizeObserver(() => latest.current());
    if (content) for (const part of [content.parentElement, content]) observer.observe(part as Element);
    return () => observer.disconnect();
  }, [isLoaded]);
  const id = useId();
  const [path] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: choosing what was found ends the search
  useEffect(() => setSought(''), [path]);
  return (
    <section className="pane inbox" aria-labelledby="inbox-title">
      <div className="bar">
        <h2 id="inbox-title">Messages</h2>
        <Link href="/messages/new" className="new">
          New
        </Link>
      </div>
      <search>
        <label htmlFor={id} className="visually-hidden">
          Search conversations and users
        </label>
        <input
          id={id}
          type="search"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder="Search"
          value={sought}
          onChange={({ currentTarget }) => setSought(currentTarget.value)}
          onKeyDown={({ key }: KeyboardEvent) => {
            if (key === 'Escape') setSought('');
            if (key === 'Enter') scroller.current?.querySelector('a')?.click();
          }}
        />
      </search>
      <div ref={scroller} className="scroller" {...handlers}>
        <p role="status" className={isFiltered && rows?.length === 0 ? 'none-found' : 'visually-hidden'}>
          {isFiltered && rows && (rows.length === 0 ? 'No conversation matches.' : countOf(rows.length))}
        </p>
        {!isFiltered && rows?.length === 0 && (
          <p className="nothing">No conversations yet. Choose “New” to start one.</p>
        )}
        {rows && (
          <Virtualizer
            ref={list}
            as="ul"
            item="li"
            data={rows}
            onScroll={loadMore}
            keepMounted={focused < 0 ? [] : [focused]} // otherwise scrolling would take the focus away
          >
            {(row) => <ConversationRow key={row.uuid} row={row} isOpen={row.uuid === open} />}
          </Virtualizer>
        )}
        {isFiltered && <OtherUsers text={sought} known={known} />}
        {!rows && !error && <p className="nothing" aria-busy="true" />}
        {error && <ErrorMessage error={error} retry={rows ? fetchNextPage : refetch} />}
      </div>
    </section>
  );
}

const countOf = (conversations: number) => (conversations === 1 ? '1 conversation' : `${conversations} conversations`);

/** A conversation: the link to it, and its menu. */
function ConversationRow({ row, isOpen }: { row: MessageGroup; isOpen: boolean }) {
  return (
    <div className="entry-row" data-uuid={row.uuid}>
      <ConversationLink row={row} isOpen={isOpen} />
      <ConversationMenu label={`Options for ${row.display_name}`} group={row} newest={row} />
    </div>
  );
}

function ConversationLink({ row, isOpen }: { row: MessageGroup; isOpen: boolean }) {
  const { uuid, user_uuid, display_name, handle, message, created_at, unread_count, muted, marked_unread } = row;
  const isUnread = unread_count > 0 || marked_unread;
  const isUnsent = useOutbox(handle).some(({ state }) => state === 'failed');
  const draft = useDraft(handle);
  const isTyping = useShownTyping(uuid);
  return (
    <Link
      href={`/messages/${uuid}`}
      className={isUnread ? 'entry unread' : 'entry'}
      aria-current={isOpen ? 'page' : undefined}
    >
      <Avatar name={display_name} user={user_uuid} />
      <Names display_name={display_name} handle={handle} />
      <span className="when">
        {muted && <Muted />} <ShortTime at={created_at} />
      </span>
      {isUnsent ? (
        <span className="preview not-sent">Not sent</span>
      ) : isTyping ? (
        <span className="preview">
          <TypingDots /> typing
        </span>
      ) : draft && !isOpen ? (
        <span className="preview">
          <em>Draft:</em> {draft}
        </span>
      ) : (
        <span className={message === '' ? 'preview deleted' : 'preview'} dir="auto">
          {message === '' ? 'Message deleted' : message}
        </span>
      )}
      {isUnread && (
        <span className={muted ? 'badge of-muted' : 'badge'}>
          {unread_count > 0 ? unread_count : <span aria-hidden="true">●</span>}
          <span className="visually-hidden">{unread_count > 0 ? ' unread' : 'Marked as unread'}</span>
        </span>
      )}
    </Link>
  );
}
