import { useEffect, useState } from 'react';
import { draftTo, keepDraft } from '../data/drafts.ts';
import { hasKeyboard } from './keyboard.ts';
import { MessageForm } from './message-form.tsx';

/**
 * The field for a new message.
 * @param props.handle of the recipient, for the draft
 * @param props.send receives the text exactly as the user wrote it
 * @param props.onTyping called at each change that leaves text in the field
 * @param props.editLast called for the ↑ key in the empty field
 * @param props.field the text area, which takes the focus when the editing of a message ends
 */
export function Composer(props: {
  handle: string;
  label: string;
  send: (text: string) => void;
  onTyping: () => void;
  editLast: () => void;
  field: { current: HTMLTextAreaElement | null };
}) {
  const { handle, label, send, onTyping, editLast, field } = props;
  const [text, setText] = useState(() => draftTo(handle));

  // Does not take the focus on a touch screen, where the keyboard would then cover half of the messages.
  useEffect(() => {
    if (hasKeyboard()) field.current?.focus({ preventScroll: true });
  }, [field]);

  const write = (next: string) => {
    keepDraft(handle, next);
    setText(next);
  };
  return (
    <MessageForm
      field={field}
      className="composer"
      label={label}
      text={text}
      onChange={(next) => {
        write(next);
        if (next !== '') onTyping();
      }}
      onSubmit={() => {
        send(text);
        write('');
      }}
      onKey={(event) => {
        if (event.key !== 'ArrowUp' || text !== '') return;
        event.preventDefault(); // or the caret of the field that opens would move
        editLast();
      }}
    >
      <button type="submit">Send</button>
    </MessageForm>
  );
}
