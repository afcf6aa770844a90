import { Question } from './question.tsx';

/** Asks before a user is blocked. */
export function BlockQuestion(props: { name: string; onClose: () => void; onConfirm: () => void }) {
  return (
    <Question
      title={`Block ${props.name}?`}
      text="Neither of you can write to the other then. They are not told. You can unblock them at any time."
      keep="Cancel"
      confirm="Block"
      onClose={props.onClose}
      onConfirm={props.onConfirm}
    />
  );
}
