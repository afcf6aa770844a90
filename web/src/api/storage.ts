// What the browser keeps for a user from one visit to the next, in localStorage: drafts and messages that are not sent yet. It belongs
// to a user, named by the `sub` of their token, so that another user of the same browser neither sees nor loses it.

const nameOf = (user: string, name: string) => `cruddur:${user}:${name}`;

/** Keeps a value; undefined removes it. @returns false when the browser refuses to store it */
export function keep(user: string, name: string, value: unknown): boolean {
  try {
    if (value === undefined) localStorage.removeItem(nameOf(user, name));
    else localStorage.setItem(nameOf(user, name), JSON.stringify(value));
    return true;
  } catch {
    return false; // storage is switched off, or full
  }
}

/** @returns the kept values whose names begin with `prefix`, in the order of their names */
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
