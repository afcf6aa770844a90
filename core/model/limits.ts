/** How long after it was sent a message may be edited, in seconds. */
export const editWindow = 24 * 60 * 60;
