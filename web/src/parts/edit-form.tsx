import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Message } from '../api/schema.ts';
import { editMessage } from '../data/message-changes.ts';
import { MessageForm } from './message-form.tsx';

/**
 * Stands in place of a message while the user edits it. Escape leaves the message as it is. If the service refuses the new text, the text
 * stays in the field, with the error below it.
 * @param props.uuid of the conversation
 * @param props.onEnd called when the message is stored, or the user has cancelled
 */
export function EditForm({ uuid, message, onEnd }: { uuid: string; message: Message; onEnd: () => void }) {
  const client = useQueryClient();
  const [text, setText] = useState(message.message);
  const field = useRef<HTMLTextAreaElement>(null);
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => editMessage(client, uuid, message, text),
    retry: false, // the user decides
    networkMode: 'always',
    onSuccess: onEnd,
  });
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(-1, -1); // behind the last letter
  }, []);
  return (
    <div className="edited">
      <MessageForm
        field={field}
        className="composer"
        label="Edit message"
        text={text}
        onChange={setText}
        onSubmit={() => {
          if (text === message.message) onEnd();
          else if (!isPending) mutate();
        }}
        onKey={(event) => {
          if (event.key === 'Escape') onEnd();
        }}
      >
        <span className="buttons">
          <button type="button" className="secondary" onClick={onEnd}>
            Cancel
          </button>
          <button type="submit" aria-busy={isPending}>
            Save
          </button>
        </span>
      </MessageForm>
      {error && (
        <p role="alert" className="error-message">
          Not saved: {error.message}
        </p>
      )}
    </div>
  );
}
