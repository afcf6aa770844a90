/** The sign of a muted conversation: a bell that is struck through. */
export function Muted() {
  return (
    <svg className="muted" role="img" aria-label="Muted" viewBox="0 0 24 24">
      <path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 20.5a2 2 0 0 0 4 0M4 3l16 18" />
    </svg>
  );
}
