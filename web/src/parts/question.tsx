import { useEffect, useId, useRef } from 'react';

/**
 * A dialog that asks before something is lost. The browser closes it with Escape, keeps the focus in it, and gives the focus back.
 * @param props.keep the name of the button that changes nothing
 * @param props.confirm the name of the button that calls `onConfirm`
 */
export function Question(props: {
  title: string;
  text: string;
  keep: string;
  confirm: string;
  onClose: () => void;
  onConfirm: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const close = () => dialog.current?.close();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={id} aria-describedby={`${id}-text`} onClose={props.onClose}>
      <article>
        <h2 id={id}>{props.title}</h2>
        <p id={`${id}-text`}>{props.text}</p>
        <footer>
          <button type="button" onClick={close}>
            {props.keep}
          </button>
          <button
            type="button"
            className="secondary"
            onClick={() => {
              close();
              props.onConfirm();
            }}
          >
            {props.confirm}
          </button>
        </footer>
      </article>
    </dialog>
  );
}
