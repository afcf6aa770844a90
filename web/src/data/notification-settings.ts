import { sessionUser } from '../api/session.ts';
import { keep, kept } from '../api/storage.ts';

/** What tells a user of a message that is not on their screen. Each user of a browser chooses for it; all is off at first. */
export interface NotificationSettings {
  notifications: boolean;
  /** Whether a notification shows the text of the message. */
  text: boolean;
  sound: boolean;
}

const name = 'notifications';
const off: NotificationSettings = { notifications: false, text: false, sound: false };

export const notificationSettings = (): NotificationSettings => ({
  ...off,
  ...kept<Partial<NotificationSettings>>(sessionUser(), name)[0],
});

/** Changes settings. @returns false when the browser refuses to store them */
export const changeNotificationSettings = (change: Partial<NotificationSettings>): boolean =>
  keep(sessionUser(), name, { ...notificationSettings(), ...change });
