// The data that the browser keeps for a user between visits, in localStorage: drafts, and messages that are not sent
// yet. Each entry belongs to one user, named by the `sub` of their token, so that another user of the same browser
// neither sees nor deletes it.

const nameOf = (user: string, name: string) => `cruddur:${user}:${name}`;

/**
 * Stores a value; if it is undefined, removes the stored one.
 * @returns false when the browser refuses to store it
 */
export function keep(user: string, name: string, value: unknown): boolean {
  try {
    if (value === undefined) localStorage.removeItem(nameOf(user, name));
    else localStorage.setItem(nameOf(user, name), JSON.stringify(value));
    return true;
  } catch {
    return false; // storage is switched off, or full
  }
}

/** @returns the stored values whose names begin with `prefix`, in the order of their names */
export function kept<Value>(user: string, prefix: string): Value[] {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(nameOf(user, prefix)));
    return names.sort().map((name) => JSON.parse(localStorage.getItem(name) ?? 'null') as Value);
  } catch {
    return [];
  }
}

/** Removes all that is kept for a user. */
export function forget(user: string): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(nameOf(user, ''))) localStorage.removeItem(name);
  } catch {
    // nothing is kept where storage is switched off
  }
}
