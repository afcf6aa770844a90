import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { codePoints, isBlank, maxCodePoints } from '../../../core/model/text.ts';
import { hasKeyboard } from './keyboard.ts';

/** What was written and not sent, by where it was to go: it is there again when somebody comes back. */
const drafts = new Map<string, string>();

/**
 * Where a message is written. Enter sends, Shift+Enter begins a line.
 * @param props.place names where it goes
 * @param props.send gets the text exactly as it was written
 */
export function Composer({ place, label, send }: { place: string; label: string; send: (text: string) => void }) {
  const [text, setText] = useState(drafts.get(place) ?? '');
  const [isRefused, setRefused] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const left = maxCodePoints - codePoints(text);
  const problem =
    left < 0
      ? `The message is ${-left} ${left === -1 ? 'character' : 'characters'} too long.`
      : isRefused && isBlank(text)
        ? 'Write something first.'
        : undefined;

  // With a keyboard, writing is what one came for; on a touch screen it would cover half of what one came to read.
  useEffect(() => {
    if (hasKeyboard()) field.current?.focus({ preventScroll: true });
  }, []);

  const write = (next: string) => {
    drafts.set(place, next);
    setText(next);
    setRefused(false);
  };
  const submit = () => {
    field.current?.focus();
    if (left < 0 || isBlank(text)) return setRefused(true);
    send(text);
    write('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    // While a word is being composed (Japanese, Chinese), Enter chooses it. Safari says so by the key code alone.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
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
        enterKeyHint="send"
        value={text}
        onChange={({ currentTarget }) => write(currentTarget.value)}
        onKeyDown={onKeyDown}
        aria-invalid={problem ? true : undefined}
        aria-describedby={`${id}-left ${id}-problem`}
      />
      <button type="submit">Send</button>
      <small id={`${id}-problem`} className="problem" role="alert">
        {problem}
      </small>
      <small id={`${id}-left`} className="left">
        {left}
        <span className="visually-hidden"> characters left</span>
      </small>
    </form>
  );
}
