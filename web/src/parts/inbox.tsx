import { useEffect, useRef } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { Link } from 'wouter';
import type { MessageGroup } from '../api/schema.ts';
import { useInbox } from '../data/inbox.ts';
import { Avatar } from './avatar.tsx';
import { ErrorMessage } from './error-message.tsx';
import { Names } from './names.tsx';
import { ShortTime } from './time.tsx';

const ahead = 400; // pixels: the next page is asked for before the end is on the screen

/** The conversations, most recent first. @param open the one that is on the screen */
export function Inbox({ open }: { open: string | undefined }) {
  const { data: groups, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInbox();
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const readOn = () => {
    const { scrollOffset = 0, scrollSize = 0, viewportSize = 0 } = list.current ?? {};
    if (scrollOffset + viewportSize > scrollSize - ahead && hasNextPage && !isFetchingNextPage && !error)
      fetchNextPage({ cancelRefetch: false });
  };
  const latest = useRef(readOn);
  useEffect(() => {
    latest.current = readOn;
  });
  const isRead = groups !== undefined;
  useEffect(() => {
    // A short page does not fill a tall screen, and nobody scrolls what fits.
    const content = isRead && scroller.current?.querySelector('ul');
    const observer = new ResizeObserver(() => latest.current());
    if (content) for (const part of [content.parentElement, content]) observer.observe(part as Element);
    return () => observer.disconnect();
  }, [isRead]);
  return (
    <section className="pane inbox" aria-labelledby="inbox-title">
      <div className="bar">
        <h2 id="inbox-title">Messages</h2>
        <Link href="/messages/new" className="new">
          New
        </Link>
      </div>
      <div ref={scroller} className="scroller">
        {groups?.length === 0 && <p className="nothing">Nobody has written yet. Begin with “New”.</p>}
        {groups && (
          <Virtualizer ref={list} as="ul" item="li" data={groups} onScroll={readOn}>
            {(group) => <GroupLink key={group.uuid} group={group} isOpen={group.uuid === open} />}
          </Virtualizer>
        )}
        {!groups && !error && <p className="nothing" aria-busy="true" />}
        {error && <ErrorMessage error={error} retry={groups ? fetchNextPage : refetch} />}
      </div>
    </section>
  );
}

function GroupLink({ group, isOpen }: { group: MessageGroup; isOpen: boolean }) {
  const { uuid, display_name, handle, message, created_at, unread_count } = group;
  return (
    <Link href={`/messages/${uuid}`} className="group" aria-current={isOpen ? 'page' : undefined}>
      <Avatar name={display_name} />
      <Names display_name={display_name} handle={handle} />
      <ShortTime at={created_at} />
      <span className="preview" dir="auto">
        {message}
      </span>
      {unread_count > 0 && (
        <span className="badge">
          {unread_count}
          <span className="visually-hidden"> unread</span>
        </span>
      )}
    </Link>
  );
}
