/** Why the histories do not find that a safeguard is disabled: by the reason, the names of the mutations. */
export const notFound: Record<string, readonly string[]> = {
  'the simulation opens no connections': ['a request without an answer times out'],
  'no history changes the identity of a user': [
    'a Cognito id replaces the one that was read',
    'an identity is not taken from a user who has just got it',
  ],
  'a cursor of messages names a conversation, so it differs from one of an inbox by that alone': [
    'a cursor is valid for its list only',
  ],
  'the doctor reads such a message in a transaction first, so the condition is a second line of defence': [
    'a repair sets a head back only if its newest message does not exist',
  ],
  'the version of the head refuses such a change first, so the condition is a second line of defence': [
    'a change is of the revision that was read',
  ],
};

/** The reason for a mutation; undefined for one that the histories find. */
export const reasonFor = (mutation: string): string | undefined =>
  Object.keys(notFound).find((reason) => notFound[reason]?.includes(mutation));
