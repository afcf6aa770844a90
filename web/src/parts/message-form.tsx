import { type FormEvent, type KeyboardEvent, type ReactNode, type RefObject, useId, useState } from 'react';
import { codePoints, isBlank, maxCodePoints } from '../../../core/model/text.ts';
import { hasKeyboard } from './keyboard.ts';

const shownFrom = 100; // characters left at which the form begins to show their number

/**
 * A field for the text of a message. With a keyboard, Enter submits and Shift+Enter begins a new line. The keyboard on a touch screen
 * has no Shift+Enter, so there Enter begins a new line; Ctrl+Enter submits everywhere.
 * @param props.onSubmit called when the text can be sent
 * @param props.onKey called for the other keys
 * @param props.children the buttons
 */
export function MessageForm(props: {
  field: RefObject<HTMLTextAreaElement | null>;
  className: string;
  label: string;
  text: string;
  onChange: (text: string) => void;
  onSubmit: () => void;
  onKey: (event: KeyboardEvent) => void;
  children: ReactNode;
}) {
  const { field, text, onChange, onSubmit, onKey } = props;
  const [wasRejected, setRejected] = useState(false);
  const id = useId();
  const left = maxCodePoints - codePoints(text);
  const problem =
    left < 0
      ? `The message is ${-left} ${left === -1 ? 'character' : 'characters'} too long. Shorten it.`
      : wasRejected && isBlank(text)
        ? 'Write a message first.'
        : undefined;

  const submit = () => {
    field.current?.focus();
    const isRejected = left < 0 || isBlank(text);
    setRejected(isRejected);
    if (!isRejected) onSubmit();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // In an input method (for Japanese or Chinese), Enter confirms a word and must not send. Safari tells it only by
    // the key code 229.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key !== 'Enter') return onKey(event);
    if (event.shiftKey || (!hasKeyboard() && !event.ctrlKey && !event.metaKey)) return;
    event.preventDefault();
    submit();
  };
  return (
    <form
      className={props.className}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor={id} className="visually-hidden">
        {props.label}
      </label>
      <textarea
        ref={field}
        id={id}
        rows={1}
        dir="auto"
        placeholder="Message"
        enterKeyHint={hasKeyboard() ? 'send' : 'enter'}
        value={text}
        onChange={({ currentTarget }) => {
          setRejected(false);
          onChange(currentTarget.value);
        }}
        onKeyDown={onKeyDown}
        aria-invalid={problem ? true : undefined}
        aria-describedby={`${id}-left ${id}-problem`}
      />
      {props.children}
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
