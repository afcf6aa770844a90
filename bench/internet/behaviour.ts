/** What users do. All of it is assumed: replace it by what your product sees. */
export interface Behaviour {
  /** Share of the monthly active users who are active on a given day. */
  activeDaily: number;
  // The following count per user who is active on that day.
  messagesPerDay: number;
  firstContactsPerDay: number;
  sessionsPerDay: number;
  /** Length of a session, in seconds: the page is open and visible. */
  session: number;
  /** Conversations opened in a session. */
  openedPerSession: number;
  /** Share of a session in which a conversation is open, which is then polled besides the inbox. */
  conversationOpen: number;
  /** Time between two changes that a visible page sees (own or others' messages), in seconds. */
  changeEvery: number;
  searchesPerDay: number;
  renewalsPerDay: number;
  /** Devices that are in use, each with a connection of its own with realtime. */
  devices: number;
  /** Share of these devices that are connected when a message concerns their user: users write to those who are online. */
  online: number;
  /** Messages that a user writes in a row, on average, and the time between them in seconds. */
  burst: number;
  burstGap: number;
  /** Registered users for each monthly active one. */
  registered: number;
  /** New users on a day, as a share of the monthly active users. */
  newUsersPerDay: number;
  /** The busiest hour of a day, relative to the mean hour. */
  dailyPeak: number;
  /** The minute after midnight of New Year's Eve, relative to the busiest hour of another day. */
  newYearPeak: number;
  /** Share of the users whose handle begins with the most frequent letter, and that of the most frequent first two letters. */
  topLetter: number;
  topTwoLetters: number;
  /** Share of all messages that the user gets to whom most is written: a support address, a bot. */
  topRecipient: number;
}

export const behaviour: Behaviour = {
  activeDaily: 0.5,
  messagesPerDay: 40,
  firstContactsPerDay: 0.05,
  sessionsPerDay: 12,
  session: 240,
  openedPerSession: 2,
  conversationOpen: 0.7,
  changeEvery: 40,
  searchesPerDay: 0.5,
  renewalsPerDay: 8,
  devices: 1.4,
  online: 0.4,
  burst: 3,
  burstGap: 6,
  registered: 2,
  newUsersPerDay: 0.003,
  dailyPeak: 2.2,
  newYearPeak: 6,
  topLetter: 0.1,
  topTwoLetters: 0.02,
  topRecipient: 1e-4,
};

/** What each assumption says, in the words of the document. */
export const meanings: Record<keyof Behaviour, string> = {
  activeDaily: 'share of the monthly active users who are active on a day',
  messagesPerDay: 'messages sent a day, by a user who is active on that day (as all that follow)',
  firstContactsPerDay: 'conversations started a day',
  sessionsPerDay: 'sessions a day: the page is open and visible',
  session: 'length of a session, in seconds',
  openedPerSession: 'conversations opened in a session',
  conversationOpen: 'share of a session in which a conversation is open, which is polled besides the inbox',
  changeEvery: 'seconds between two changes that a visible page sees; polling is frequent after a change',
  searchesPerDay: 'searches for users a day',
  renewalsPerDay: 'renewals of the session a day: a page loaded anew, or an access token that has expired',
  devices: 'devices in use, each with a connection of its own with realtime',
  online: 'share of these devices that are connected when a message concerns their user',
  burst: 'messages written in a row',
  burstGap: 'seconds between the messages of a burst',
  registered: 'registered users for each monthly active one',
  newUsersPerDay: 'new users a day, as a share of the monthly active users',
  dailyPeak: 'the busiest hour of a day, relative to the mean hour',
  newYearPeak: 'the minute after midnight of New Year’s Eve, relative to the busiest hour of another day',
  topLetter: 'share of the handles that begin with the most frequent letter',
  topTwoLetters: 'share of the names that begin with the most frequent two letters',
  topRecipient: 'share of all messages that go to the one user to whom most is written, such as a support address',
};

// The intervals of web/src/data/polling.ts, which a test compares with these. In seconds.
const shortest = 2;
const longest = 30;
const growth = 1.5;
/** After which time a poll asks for the state of the open conversation again (web/src/data/thread.ts). In seconds. */
export const stateAge = 25;

// With realtime, as web/src/data/polling.ts and web/src/data/connection.ts have them. In seconds.
/** Between two polls while a connection is open. */
export const slowPoll = 60;
/** Between two frames by which a device keeps its connection open. */
export const pingInterval = 240;

/** @param emptyPolls consecutive polls that found nothing new @returns seconds until the next poll */
export const pollInterval = (emptyPolls: number): number => Math.min(longest, shortest * growth ** emptyPolls);

/** How often a page asks for the state of an open conversation in a session: after each change, and when the state is old. */
export const statesPerSession = ({ session, changeEvery }: Pick<Behaviour, 'session' | 'changeEvery'>): number =>
  session / changeEvery + session / stateAge;

/** How often a visible page polls in a session, when something changes every `changeEvery` seconds. */
export function pollsPerSession({ session, changeEvery }: Pick<Behaviour, 'session' | 'changeEvery'>): number {
  let polls = 0;
  let emptyPolls = 0;
  let nextChange = changeEvery;
  for (let now = 0; now < session; ) {
    polls++;
    const interval = pollInterval(emptyPolls);
    now += interval;
    emptyPolls++;
    if (now >= nextChange) {
      emptyPolls = 0; // this poll finds the change
      while (nextChange <= now) nextChange += changeEvery;
    }
  }
  return polls;
}

/**
 * How many messages one projection covers, on average: those of a burst that reach the same batch.
 * @param window seconds of the stream that one batch takes in
 */
export function messagesPerProjection(
  { burst, burstGap }: Pick<Behaviour, 'burst' | 'burstGap'>,
  window: number,
): number {
  const another = 1 - 1 / burst; // the probability that the burst goes on
  const inTime = 1 - Math.exp(-window / burstGap); // and that the next message comes within the window
  return 1 / (1 - another * inTime);
}

/**
 * How many more users are online in the minute after midnight of New Year's Eve than in the busiest hour of another day. Most write
 * more rather than stay longer, so it is the square root of the growth in messages.
 */
export const onlinePeak = ({ newYearPeak }: Behaviour): number => Math.sqrt(newYearPeak);
