import type { ReactNode } from 'react';
import { ApiError } from '../api/errors.ts';

/**
 * An error and the way on: a button to try again if `retry` is given and the same request may succeed later, otherwise the children.
 */
export function ErrorMessage(props: { error: Error; retry?: (() => unknown) | undefined; children?: ReactNode }) {
  const { error, retry, children } = props;
  const isFinal = error instanceof ApiError && !error.isTransient;
  return (
    <div role="alert" className="error-message">
      <p>{error.message}</p>
      {isFinal && children}
      {retry && !(isFinal && children) && (
        <button type="button" className="secondary" onClick={() => retry()}>
          Try again
        </button>
      )}
    </div>
  );
}
