import { useMutation } from '@tanstack/react-query';
import { type ComponentProps, type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { ApiError, SignInError } from '../api/errors.ts';
import { ErrorMessage } from './error-message.tsx';
import { useTitle } from './title.ts';

const fieldOf = (error: Error | null) =>
  error instanceof SignInError || error instanceof ApiError ? error.field : undefined;

/** An input of the form. */
export interface FieldProps extends ComponentProps<'input'> {
  name: string;
  label: string;
  hint?: string;
}

/**
 * A page with one form. An error about a field is shown below that field, which gets the focus; any other error is
 * shown above the button.
 * @param props.startsAt where the focus goes first: to the title, by default, so that a screen reader reads the page from there
 * @param props.onInput called at the first letters that the user types
 * @param props.send receives the values by field name; if it throws, the form shows the error
 */
export function FormPage(props: {
  title: string;
  intro?: ReactNode;
  fields: FieldProps[];
  action: string;
  send: (values: Record<string, string>) => Promise<unknown>;
  onInput?: () => void;
  startsAt?: 'title' | 'first empty field';
  children?: ReactNode;
}) {
  const form = useRef<HTMLFormElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const { mutate, error, isPending } = useMutation({
    mutationFn: props.send,
    retry: false, // the user decides
    networkMode: 'always',
  });
  const invalidField = props.fields.some(({ name }) => name === fieldOf(error)) ? fieldOf(error) : undefined;
  useTitle(props.title);
  const { startsAt = 'title' } = props;
  useEffect(() => {
    if (startsAt === 'title') heading.current?.focus();
    else [...(form.current?.querySelectorAll('input') ?? [])].find(({ value }) => value === '')?.focus();
  }, [startsAt]);
  useEffect(() => {
    if (invalidField) form.current?.querySelector<HTMLInputElement>(`[name="${invalidField}"]`)?.focus();
  }, [invalidField]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget) as unknown as Iterable<[string, string]>;
    if (!isPending) mutate(Object.fromEntries(values));
  };
  return (
    <main className="card">
      <h1 ref={heading} tabIndex={-1}>
        {props.title}
      </h1>
      {props.intro}
      <form ref={form} onSubmit={submit} onInput={props.onInput}>
        {props.fields.map((field) => (
          <Field key={field.name} {...field} error={field.name === invalidField ? error?.message : undefined} />
        ))}
        {error && !invalidField && <ErrorMessage error={error} />}
        <button type="submit" aria-busy={isPending}>
          {props.action}
        </button>
      </form>
      {props.children}
    </main>
  );
}

function Field({ label, hint, error, ...input }: FieldProps & { error: string | undefined }) {
  const id = useId();
  const help = error ?? hint;
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        required
        {...input}
        aria-invalid={error ? true : undefined}
        aria-describedby={help ? `${id}-help` : undefined}
      />
      {help && (
        <small id={`${id}-help`} role={error ? 'alert' : undefined}>
          {help}
        </small>
      )}
    </div>
  );
}
