import { useEffect, useRef, useState } from 'react';
import type { Message } from '../api/schema.ts';

/** Makes screen readers announce new messages of the other participant. */
export function Announcements({ messages, me }: { messages: Message[]; me: string }) {
  const announced = useRef(messages.at(-1)?.seq ?? 0);
  const [shown, setShown] = useState<Message[]>([]);
  useEffect(() => {
    const fresh = messages.slice(-10).filter(({ seq, user_uuid }) => seq > announced.current && user_uuid !== me);
    announced.current = messages.at(-1)?.seq ?? 0;
    if (fresh.length > 0) setShown(fresh);
  }, [messages, me]);
  return (
    <div className="visually-hidden" role="status">
      {shown.map(({ uuid, display_name, message }) => (
        <p key={uuid}>
          {display_name}: {message}
        </p>
      ))}
    </div>
  );
}
