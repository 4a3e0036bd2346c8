import { Link } from '@tanstack/react-router'
import { CalendarCheck, CalendarPlus, DoorOpen } from 'lucide-react'
import { useEffect } from 'react'
import { type Event, me } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { Button, buttonClass, Icon, IconButton, iconClass, toast, useStore } from '../../ui'
import { useGoing } from './events'

/** Says that one goes, or leads into a room that is open. Hosts go anyway. */
export function Going({
  event,
  size = 'small',
}: {
  event: Event
  size?: 'icon' | 'small' | 'large'
}) {
  const { t } = useTranslation()
  const who = useStore(me)
  const { busy, trouble, change, forget } = useGoing(event)
  useEffect(() => {
    if (!trouble) return
    toast({ text: trouble })
    forget()
  }, [trouble, forget])

  const large = size === 'large'
  const title = isolate(event.title)
  if (event.room_id) {
    const to = { to: '/rooms/$room', params: { room: event.room_id } } as const
    if (size === 'icon') {
      const label = `${t('event.join')}: ${title}`
      return (
        <Link {...to} className={iconClass('primary')} aria-label={label} title={t('event.join')}>
          <Icon of={DoorOpen} />
        </Link>
      )
    }
    return (
      <Link
        {...to}
        className={buttonClass({ look: 'primary', large, full: large })}
        data-primary={large || undefined}
      >
        <Icon of={DoorOpen} size={20} />
        <span>{t('event.join')}</span>
      </Link>
    )
  }
  if (event.state !== 'planned' || (who.status === 'in' && who.me.id === event.host.id)) return null
  const toggle = {
    icon: event.going ? CalendarCheck : CalendarPlus,
    'aria-pressed': event.going ?? false,
    onClick: () => void change(),
  }
  const label = t(event.going ? 'event.going.offLong' : 'event.going.goLong', { title })
  if (size === 'icon') {
    return <IconButton {...toggle} label={label} look={event.going ? 'quiet' : 'plain'} />
  }
  return (
    <Button
      {...toggle}
      look={large && !event.going ? 'primary' : 'quiet'}
      large={large}
      full={large}
      busy={busy !== undefined}
      aria-label={label}
    >
      {t(event.going ? 'event.going.on' : 'event.going.go')}
    </Button>
  )
}
