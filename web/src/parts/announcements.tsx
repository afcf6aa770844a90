import { useEffect, useRef, useState } from 'react';
import type { Message } from '../api/schema.ts';

/** Says what the other has just written to who does not see it come. */
export function Announcements({ messages, me }: { messages: Message[]; me: string }) {
  const known = useRef(messages.at(-1)?.seq ?? 0);
  const [arrived, setArrived] = useState<Message[]>([]);
  useEffect(() => {
    const fresh = messages.slice(-10).filter(({ seq, user_uuid }) => seq > known.current && user_uuid !== me);
    known.current = messages.at(-1)?.seq ?? 0;
    if (fresh.length > 0) setArrived(fresh);
  }, [messages, me]);
  return (
    <div className="visually-hidden" role="status">
      {arrived.map(({ uuid, display_name, message }) => (
        <p key={uuid}>
          {display_name}: {message}
        </p>
      ))}
    </div>
  );
}
