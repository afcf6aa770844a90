/** Why the histories do not find that a safeguard is disabled: by the reason, the names of the mutations. */
export const notFound: Record<string, readonly string[]> = {
  'the simulation opens no connections': ['a request without an answer times out'],
  'no history prepares a rollback': [
    'before a rollback names return to the head',
    'before a rollback names return to the rows',
    'before a rollback no head hides a row that is shown',
    'before a rollback what is cleared and hides no row stays cleared',
    'before a rollback a hidden row leaves the place where it was',
    'before a rollback a shown row takes no place of another conversation',
    'before a rollback rows that have moved are read again',
    'before a rollback a block ends in the head',
    'before a rollback a pair that has got a conversation stays',
  ],
  'the histories check what is refused, not what is read before': [
    'a report over the limit is refused before its evidence is read',
  ],
  'no history changes the identity of a user': ['a Cognito id replaces the one that was read'],
};

/** The reason for a mutation; undefined for one that the histories find. */
export const reasonFor = (mutation: string): string | undefined =>
  Object.keys(notFound).find((reason) => notFound[reason]?.includes(mutation));
