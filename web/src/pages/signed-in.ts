// The pages of a signed-in user, which are one file of the built client: see load-signed-in.ts.
export { MessagesPage } from './messages.tsx';
export { SettingsPage } from './settings.tsx';
