import type { LinkProps } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import {
  AudioLines,
  BadgeCheck,
  CalendarClock,
  Compass,
  type LucideIcon,
  MessagesSquare,
  MonitorSmartphone,
  Phone,
  PhoneMissed,
  Shield,
} from 'lucide-react'
import type { Notification } from '../../api'
import { isolate } from '../../i18n'

/** The sentence of a notification. */
export function sentence(t: TFunction, one: Notification): string {
  const name = one.person && isolate(one.person.name)
  switch (one.kind) {
    case 'match':
      return name ? t('notifications.said.match', { name }) : t('notifications.said.matchGone')
    case 'call_ring':
      if (!name) return t('notifications.said.ringGone')
      return t(`notifications.said.ring.${ringEnd(one)}`, { name })
    case 'call_proposal':
      return t('notifications.said.alert')
    case 'fits':
      return t('notifications.said.fits')
    case 'happy_hour':
      return t('notifications.said.hour', { title: isolate(one.detail ?? '') })
    case 'live': {
      const title = isolate(one.detail ?? '')
      return name
        ? t('notifications.said.live', { name, title })
        : t('notifications.said.liveGone', { title })
    }
    case 'verification':
      return t(`notifications.said.${one.outcome === 'approved' ? 'verified' : 'notVerified'}`)
    case 'safety':
      return t('notifications.said.report')
    case 'new_device':
      return t('notifications.said.device', { device: isolate(one.detail ?? '') })
    case 'message':
      return t('notifications.said.message')
    case 'moment_answer':
      return t('notifications.said.momentAnswer')
  }
}

const ringEnd = ({ outcome = 'open' }: { outcome?: Notification['outcome'] | 'open' }) =>
  outcome === 'approved' ? 'answered' : outcome

/** Beside a notification that is about nobody. */
export const icons: Record<Notification['kind'], LucideIcon> = {
  match: MessagesSquare,
  message: MessagesSquare,
  moment_answer: MessagesSquare,
  call_ring: PhoneMissed,
  call_proposal: Phone,
  fits: Compass,
  happy_hour: CalendarClock,
  live: AudioLines,
  verification: BadgeCheck,
  safety: Shield,
  new_device: MonitorSmartphone,
}

/** The link of a notification. */
export function linkOf({ kind, person, room_id }: Notification): LinkProps {
  switch (kind) {
    case 'match':
    case 'message':
    case 'moment_answer':
    case 'call_ring':
      return person
        ? { to: '/chats/$person', params: { person: person.id } }
        : { to: kind === 'call_ring' ? '/call' : '/chats' }
    case 'call_proposal':
    case 'happy_hour':
      return { to: '/call' }
    case 'fits':
      return { to: '/discover' }
    case 'live':
      return room_id ? { to: '/rooms/$room', params: { room: room_id } } : { to: '/' }
    case 'verification':
    case 'safety':
    case 'new_device':
      return { to: '/me' }
  }
}
