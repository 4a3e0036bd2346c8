import type { Notification, NotificationKind, NotificationSettings, Person } from '../../src/api'
import { notificationKindKeys } from '../../src/i18n/vocabulary.gen'
import { long, nora, wei } from './people'
import type { Scene } from './spec'

const now = Date.UTC(2026, 2, 6, 19, 41)
const minute = 60_000

const line = (
  kind: NotificationKind,
  ago: number,
  more: Partial<Notification> & { person?: Person } = {},
): Notification => ({
  id: `00000000-0000-4000-8000-${String(ago).padStart(12, '0')}`,
  kind,
  at: now - ago * minute,
  seen: true,
  ...more,
})

const all: Notification[] = [
  line('match', 4, { person: nora, seen: false }),
  line('call_ring', 31, { person: wei, outcome: 'missed', seen: false }),
  line('fits', 95),
  line('new_device', 300, { detail: 'Firefox on Windows' }),
  line('call_ring', 1500, { person: long, outcome: 'answered' }),
  line('live', 1600, { person: wei, detail: '一起练口语：今天只说早餐', room_id: 'r-lang' }),
  line('happy_hour', 1700, { detail: 'Friday late talk' }),
  line('call_proposal', 2900),
  line('event', 1740, { person: nora, detail: 'One record', outcome: 'soon', event_id: 'e-jazz' }),
  line('replay', 1745, {
    person: nora,
    detail: 'One record',
    outcome: 'kept',
    replay_id: 'p-jazz',
  }),
  line('replay', 1746, { detail: 'Friday late talk', outcome: 'opened', replay_id: 'p-talk' }),
  line('club_request', 1750, { person: nora, detail: 'Jazz at night', club_id: 'k-jazz' }),
  line('club_answer', 1800, {
    detail: 'Caffè dei lettori',
    outcome: 'approved',
    club_id: 'k-read',
  }),
  line('verification', 4400, { outcome: 'approved' }),
  line('verification', 5800, { outcome: 'declined' }),
  line('safety', 7200),
]

const settings: NotificationSettings & { subscribed: boolean } = {
  push: Object.fromEntries(notificationKindKeys.map((kind) => [kind, kind !== 'fits'])),
  time_zone: 'Europe/Rome',
  quiet_from: 22 * 60,
  quiet_to: 7 * 60 + 30,
  daily_cap: 20,
  private_content: false,
  email: true,
  subscribed: true,
}

const centre = (notifications: readonly Notification[], more: object = {}) => ({
  '/api/notifications': {
    notifications,
    unseen: notifications.filter((n) => !n.seen).length,
    ...more,
  },
  '/api/notifications/seen': { unseen: 0 },
})
const choosing = (more: Partial<NotificationSettings> = {}) => ({
  '/api/me/notifications': { ...settings, ...more },
})

/** The switch is below the fold. */
const toEmail: Scene['act'] = async (page) => {
  await page.locator('#by-email').evaluate((title) => title.scrollIntoView({ block: 'center' }))
}

export const notifyings: Record<string, Scene> = {
  notifications: { path: '/notifications', api: centre(all, { next: 'more' }) },
  'notifications-none': { path: '/notifications', api: centre([]) },
  'notifications-loading': { path: '/notifications', api: { '/api/notifications': 'never' } },
  'notifications-lost': { path: '/notifications', api: { '/api/notifications': 'lost' } },
  'notification-settings': { path: '/me/notifications', push: 'on', api: choosing() },
  'notification-settings-loud': {
    path: '/me/notifications',
    api: choosing({ quiet_from: 0, quiet_to: 0, email: false }),
  },
  'notification-settings-blocked': { path: '/me/notifications', push: 'blocked', api: choosing() },
  'notification-settings-iphone': {
    path: '/me/notifications',
    push: 'home_screen',
    api: choosing(),
  },
  'notification-settings-none': { path: '/me/notifications', push: 'impossible', api: choosing() },
  'notification-email': { path: '/me/notifications', api: choosing(), act: toEmail },
  'notification-email-off': {
    path: '/me/notifications',
    push: 'on',
    api: choosing({ email: false }),
    act: toEmail,
  },
  'notification-settings-lost': {
    path: '/me/notifications',
    api: { '/api/me/notifications': 'lost' },
  },
}
