import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { codePoints, isBlank, maxCodePoints } from '../../../core/model/text.ts';
import { draftTo, keepDraft } from '../data/drafts.ts';
import { hasKeyboard } from './keyboard.ts';

const shownFrom = 100; // characters left at which the composer begins to show their number

/**
 * The field for a new message. With a keyboard, Enter sends and Shift+Enter begins a new line. The keyboard on a touch screen has no
 * Shift+Enter, so there Enter begins a new line; Ctrl+Enter sends everywhere.
 * @param props.handle of the recipient, for the draft
 * @param props.send receives the text exactly as the user wrote it
 */
export function Composer({ handle, label, send }: { handle: string; label: string; send: (text: string) => void }) {
  const [text, setText] = useState(() => draftTo(handle));
  const [wasRejected, setRejected] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const left = maxCodePoints - codePoints(text);
  const problem =
    left < 0
      ? `The message is ${-left} ${left === -1 ? 'character' : 'characters'} too long. Shorten it.`
      : wasRejected && isBlank(text)
        ? 'Write a message first.'
        : undefined;

  // Does not take the focus on a touch screen, where the keyboard would then cover half of the messages.
  useEffect(() => {
    if (hasKeyboard()) field.current?.focus({ preventScroll: true });
  }, []);

  const write = (next: string) => {
    keepDraft(handle, next);
    setText(next);
    setRejected(false);
  };
  const submit = () => {
    field.current?.focus();
    if (left < 0 || isBlank(text)) return setRejected(true);
    send(text);
    write('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    // In an input method (for Japanese or Chinese), Enter confirms a word and must not send. Safari tells it only by
    // the key code 229.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (!hasKeyboard() && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    submit();
  };
  return (
    <form
      className="composer"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor={id} className="visually-hidden">
        {label}
      </label>
      <textarea
        ref={field}
        id={id}
        rows={1}
        dir="auto"
        placeholder="Message"
        enterKeyHint={hasKeyboard() ? 'send' : 'enter'}
        value={text}
        onChange={({ currentTarget }) => write(currentTarget.value)}
        onKeyDown={onKeyDown}
        aria-invalid={problem ? true : undefined}
        aria-describedby={`${id}-left ${id}-problem`}
      />
      <button type="submit">Send</button>
      <div className="notes">
        <small id={`${id}-problem`} className="error-message" role="alert">
          {problem}
        </small>
        <small id={`${id}-left`} className="left">
          {left >= 0 && left <= shownFrom && `${left} ${left === 1 ? 'character' : 'characters'} left`}
        </small>
      </div>
    </form>
  );
}
