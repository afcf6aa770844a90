/** Why the histories do not find that a safeguard is disabled: by the reason, the names of the mutations. */
export const notFound: Record<string, readonly string[]> = {
  'the simulation opens no connections': ['a request without an answer times out'],
  'no history changes the identity of a user': ['a Cognito id replaces the one that was read'],
};

/** The reason for a mutation; undefined for one that the histories find. */
export const reasonFor = (mutation: string): string | undefined =>
  Object.keys(notFound).find((reason) => notFound[reason]?.includes(mutation));
