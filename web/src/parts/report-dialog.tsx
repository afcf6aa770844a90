import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { codePoints, maxCodePoints } from '../../../core/model/text.ts';
import { ApiError } from '../api/errors.ts';
import type { Message, MessageGroup, NewReport } from '../api/schema.ts';
import { setBlocked } from '../data/blocks.ts';
import { sendReport } from '../data/reports.ts';
import { ErrorMessage } from './error-message.tsx';

const reasons: Record<NewReport['reason'], string> = {
  spam: 'Spam or advertising',
  harassment: 'Insults or harassment',
  violence: 'Threats or violence',
  sexual: 'Unwanted sexual content',
  impersonation: 'Pretends to be someone else',
  other: 'Something else',
};

type Reported = Pick<MessageGroup, 'uuid' | 'user_uuid' | 'display_name'>;

/**
 * Asks for what a report needs, sends it, and then offers to block the user. What was entered stays if the service refuses the report.
 * @param props.message the reported message; without it, the conversation as a whole is reported
 */
export function ReportDialog(props: {
  group: Reported;
  message?: Message | undefined;
  isBlocked: boolean;
  onClose: () => void;
}) {
  const { group, message, isBlocked, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [isSent, setSent] = useState(false);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <article className="report">
        {isSent ? (
          <Sent id={id} group={group} isBlocked={isBlocked} close={close} />
        ) : (
          <Form id={id} group={group} message={message} onSent={() => setSent(true)} close={close} />
        )}
      </article>
    </dialog>
  );
}

function Form(props: {
  id: string;
  group: Reported;
  message: Message | undefined;
  onSent: () => void;
  close: () => void;
}) {
  const { id, group, message, onSent, close } = props;
  const [reason, setReason] = useState<NewReport['reason']>();
  const [note, setNote] = useState('');
  const [wasSubmitted, setSubmitted] = useState(false);
  const { mutate, error, isPending } = useMutation({
    mutationFn: sendReport,
    retry: false, // the user decides
    networkMode: 'always',
    onSuccess: onSent,
  });
  const tooLong = codePoints(note) - maxCodePoints;
  const problem =
    tooLong > 0
      ? `The note is ${tooLong} ${tooLong === 1 ? 'character' : 'characters'} too long. Shorten it.`
      : wasSubmitted && !reason
        ? 'Choose what is wrong.'
        : undefined;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setSubmitted(true);
        if (!reason || tooLong > 0 || isPending) return;
        mutate({
          message_group_uuid: group.uuid,
          ...(message && { created_at: message.created_at }),
          reason,
          ...(note.trim() !== '' && { note }),
        });
      }}
    >
      <h2 id={id}>{message ? 'Report this message' : <>Report {<bdi>{group.display_name}</bdi>}</>}</h2>
      {message && (
        <blockquote>
          <p dir="auto">{message.message}</p>
        </blockquote>
      )}
      <fieldset aria-describedby={`${id}-problem`}>
        <legend>What is wrong?</legend>
        {Object.entries(reasons).map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name="reason"
              checked={reason === value}
              onChange={() => setReason(value as NewReport['reason'])}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <label>
        Note (optional)
        <textarea
          rows={2}
          dir="auto"
          value={note}
          aria-invalid={tooLong > 0 ? true : undefined}
          aria-describedby={`${id}-problem`}
          onChange={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </label>
      <p>
        <small>
          {message ? 'The 20 messages up to this one' : 'The last 20 messages'} go to the operators of this service, who
          keep them for 180 days, also if they are deleted meanwhile. <bdi>{group.display_name}</bdi> is not told.
        </small>
      </p>
      <p id={`${id}-problem`} role="alert" className="error-message">
        {problem}
      </p>
      {error && <Refused error={error} />}
      <footer>
        <button type="button" className="secondary" onClick={close}>
          Cancel
        </button>
        <button type="submit" aria-busy={isPending}>
          Report
        </button>
      </footer>
    </form>
  );
}

/** The error, and after a limit when the user can report again: the service's message does not say that, only its `Retry-After`. */
function Refused({ error }: { error: Error }) {
  const seconds = error instanceof ApiError && error.status === 429 ? error.retryAfter : undefined;
  const minutes = Math.ceil((seconds ?? 0) / 60);
  return (
    <>
      <ErrorMessage error={error} />
      {minutes > 0 && <p>You can report again in {minutes === 1 ? 'a minute' : inUnits(minutes)}.</p>}
    </>
  );
}

const inUnits = (minutes: number) => (minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`);

function Sent(props: { id: string; group: Reported; isBlocked: boolean; close: () => void }) {
  const { id, group, isBlocked, close } = props;
  const client = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []); // otherwise the focus would be lost with the form
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => setBlocked(client, group.user_uuid, true),
    retry: false, // the user decides
    networkMode: 'always',
    onSuccess: close,
  });
  const name: ReactNode = <bdi>{group.display_name}</bdi>;
  return (
    <>
      <h2 id={id} ref={heading} tabIndex={-1}>
        Thank you for the report
      </h2>
      {isBlocked ? (
        <p>The operators will look at it.</p>
      ) : (
        <p>The operators will look at it. You can also block {name}: then neither of you can write to the other.</p>
      )}
      {error && <ErrorMessage error={error} />}
      <footer>
        <button type="button" className={isBlocked ? undefined : 'secondary'} onClick={close}>
          Close
        </button>
        {!isBlocked && (
          <button type="button" aria-busy={isPending} onClick={() => mutate()}>
            Block {name}
          </button>
        )}
      </footer>
    </>
  );
}
