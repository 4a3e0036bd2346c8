import type { LinkProps } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import {
  AudioLines,
  BadgeCheck,
  CalendarClock,
  Compass,
  IdCard,
  type LucideIcon,
  MessagesSquare,
  MonitorSmartphone,
  Phone,
  PhoneMissed,
  Shield,
  UserPlus,
  Users,
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
    case 'club_request': {
      const club = isolate(one.detail ?? '')
      return name
        ? t('notifications.said.clubRequest', { name, club })
        : t('notifications.said.clubRequestGone', { club })
    }
    case 'club_answer':
      return t(`notifications.said.${one.outcome === 'approved' ? 'clubYes' : 'clubNo'}`, {
        club: isolate(one.detail ?? ''),
      })
    case 'card':
      if (one.outcome === 'exchanged') {
        return name ? t('notifications.said.cards', { name }) : t('notifications.said.cardsGone')
      }
      return name ? t('notifications.said.card', { name }) : t('notifications.said.cardGone')
    case 'event': {
      const title = isolate(one.detail ?? '')
      const what = eventNews(one)
      if (what !== 'invited') return t(`notifications.said.event.${what}`, { title })
      return name
        ? t('notifications.said.event.invited', { name, title })
        : t('notifications.said.event.invitedGone', { title })
    }
    case 'replay':
      return t(`notifications.said.replay.${replayNews(one)}`, { title: isolate(one.detail ?? '') })
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

const ringEnds = ['answered', 'declined', 'missed'] as const

const ringEnd = ({ outcome }: Pick<Notification, 'outcome'>) => {
  if (outcome === 'approved') return 'answered'
  return ringEnds.find((one) => one === outcome) ?? 'open'
}

const news = ['soon', 'begins', 'started', 'moved', 'cancelled', 'invited'] as const

const eventNews = ({ outcome }: Pick<Notification, 'outcome'>) =>
  news.find((one) => one === outcome) ?? 'soon'

const ofReplay = ['ready', 'kept', 'opened'] as const

const replayNews = ({ outcome }: Pick<Notification, 'outcome'>) =>
  ofReplay.find((one) => one === outcome) ?? 'opened'

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
  event: CalendarClock,
  replay: AudioLines,
  card: IdCard,
  club_request: UserPlus,
  club_answer: Users,
  verification: BadgeCheck,
  safety: Shield,
  new_device: MonitorSmartphone,
}

/** The link of a notification. */
export function linkOf(one: Notification): LinkProps {
  const { kind, person, room_id, club_id, event_id, replay_id } = one
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
    case 'event':
      if (room_id) return { to: '/rooms/$room', params: { room: room_id } }
      return event_id
        ? { to: '/events/$event', params: { event: event_id } }
        : { to: '/events', search: {} }
    case 'replay':
      return replay_id
        ? { to: '/replays/$replay', params: { replay: replay_id } }
        : { to: '/replays', search: {} }
    case 'card':
      return { to: '/me/cards' }
    case 'club_request':
    case 'club_answer':
      return club_id ? { to: '/clubs/$club', params: { club: club_id } } : { to: '/clubs' }
    case 'verification':
    case 'safety':
    case 'new_device':
      return { to: '/me' }
  }
}
