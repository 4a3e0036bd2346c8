export { NotificationsPage } from './NotificationsPage'
export { SettingsPage } from './SettingsPage'
