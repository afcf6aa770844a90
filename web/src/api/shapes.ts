import type * as views from '../../../handlers/http/views.ts';

// The API's own views: a field that changes there does not compile here. `brand` is what only the core's types carry.
type Sent<View> = { [Field in keyof View]: View[Field] extends string ? string : View[Field] };

/** Somebody who writes and is written to. */
export type User = Sent<ReturnType<typeof views.userView>>;

/** A conversation, as it stands in the inbox: the other person, and the last message. */
export type Group = Sent<ReturnType<typeof views.messageGroupView>>;

/** A message, and who wrote it. */
export type Message = Sent<ReturnType<typeof views.messageView>>;

/** A message that was just sent, and the conversation that it went to. */
export type SentMessage = Sent<ReturnType<typeof views.sentMessageView>>;
