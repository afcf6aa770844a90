/** What went wrong, where it went wrong, and a way to try again where there is one. */
export function ErrorMessage({ error, retry }: { error: Error; retry?: (() => unknown) | undefined }) {
  return (
    <div role="alert" className="problem">
      <p>{error.message}</p>
      {retry && (
        <button type="button" className="secondary" onClick={() => retry()}>
          Try again
        </button>
      )}
    </div>
  );
}
