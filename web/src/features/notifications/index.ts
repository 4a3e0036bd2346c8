export { NotificationsPage } from './NotificationsPage'
export { SettingsPage } from './SettingsPage'
export { UnsubscribePage } from './UnsubscribePage'
