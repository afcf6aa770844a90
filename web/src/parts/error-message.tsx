/** An error, with a button to try again if `retry` is given. */
export function ErrorMessage({ error, retry }: { error: Error; retry?: (() => unknown) | undefined }) {
  return (
    <div role="alert" className="error-message">
      <p>{error.message}</p>
      {retry && (
        <button type="button" className="secondary" onClick={() => retry()}>
          Try again
        </button>
      )}
    </div>
  );
}
