import { type AroundNavHandler, Link } from 'wouter';

/** How many entries of the browser's history lie between the inbox and this page; undefined if the inbox is not among them. */
function stepsFromInbox(): number | undefined {
  if (location.pathname === '/messages') return 0;
  return (history.state as { stepsFromInbox?: number } | null)?.stepsFromInbox;
}

/** For the router: notes in each entry of the browser's history how far the inbox is behind it. */
export const countSteps: AroundNavHandler = (navigate, to, options) => {
  const steps = stepsFromInbox();
  const state = { stepsFromInbox: steps === undefined || options?.replace ? steps : steps + 1 };
  navigate(to, { ...options, state });
};

/**
 * The arrow that leads to the inbox on a phone. It goes back in the browser's history if the inbox is there, and otherwise replaces the
 * page by the inbox. So the phone's own Back does not return to the page that the user has left by the arrow.
 */
export function BackLink() {
  return (
    <Link
      href="/messages"
      replace
      className="back"
      aria-label="Back to messages"
      onClick={(event) => {
        const steps = stepsFromInbox();
        if (!steps) return;
        event.preventDefault();
        history.go(-steps);
      }}
    >
      ←
    </Link>
  );
}
