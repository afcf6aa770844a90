import { type ReactNode, useId, useState } from 'react';
import {
  changeNotificationSettings,
  type NotificationSettings,
  notificationSettings,
} from '../data/notification-settings.ts';

/** Switches notifications and the sound on and off, for this browser. Asks for the browser's permission only when one is needed. */
export function NotificationSwitches() {
  const [settings, setSettings] = useState(notificationSettings);
  const [problem, setProblem] = useState('');
  const isAllowed = 'Notification' in window && Notification.permission === 'granted';
  const change = (next: Partial<NotificationSettings>) => {
    const isStored = changeNotificationSettings(next);
    setProblem(isStored ? '' : 'This browser stores nothing for this page, so this cannot be changed.');
    setSettings(notificationSettings());
  };
  const switchNotifications = async (notifications: boolean) => {
    if (notifications && !('Notification' in window)) return setProblem('This browser cannot show notifications.');
    if (notifications && (await Notification.requestPermission()) !== 'granted')
      return setProblem(
        'Your browser blocks notifications of this page. Allow them in its settings, then switch this on again.',
      );
    change({ notifications });
  };
  const isOn = settings.notifications && isAllowed;
  return (
    <>
      <h2>In this browser</h2>
      <Switch isOn={isOn} set={switchNotifications} help="Tell you of new messages that are not on your screen.">
        Notifications
      </Switch>
      {isOn && (
        <Switch isOn={settings.text} set={(text) => change({ text })} help="Others near your screen can read it.">
          Show the text of the message
        </Switch>
      )}
      <Switch isOn={settings.sound} set={(sound) => change({ sound })} help="Muted conversations make none.">
        Sound
      </Switch>
      <p role="status">{problem}</p>
    </>
  );
}

function Switch(props: { isOn: boolean; set: (isOn: boolean) => void; help: string; children: ReactNode }) {
  const id = useId();
  return (
    <>
      <label>
        <input
          type="checkbox"
          checked={props.isOn}
          onChange={({ currentTarget }) => props.set(currentTarget.checked)}
          aria-describedby={id}
        />
        {props.children}
      </label>
      <small id={id}>{props.help}</small>
    </>
  );
}
