import { useEffect, useRef, useState } from 'react';
import type { Message } from '../api/schema.ts';

const most = 10; // messages read out at once

/** Makes screen readers announce new messages of the other participant: the newest of them, and how many others there are. */
export function Announcements({ messages, me }: { messages: Message[]; me: string }) {
  const announced = useRef(messages.at(-1)?.seq ?? 0);
  const [shown, setShown] = useState<Message[]>([]);
  useEffect(() => {
    const fresh = messages.filter(({ seq, user_uuid }) => seq > announced.current && user_uuid !== me);
    announced.current = messages.at(-1)?.seq ?? 0;
    if (fresh.length > 0) setShown(fresh);
  }, [messages, me]);
  return (
    <div className="visually-hidden" role="status">
      {shown.length > most && (
        <p>
          {shown.length} new messages, of which the last {most} are:
        </p>
      )}
      {shown.slice(-most).map(({ uuid, display_name, message }) => (
        <p key={uuid}>
          {display_name}: {message}
        </p>
      ))}
    </div>
  );
}
