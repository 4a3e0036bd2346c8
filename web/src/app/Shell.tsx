import { Link, useMatchRoute } from '@tanstack/react-router'
import { AudioLines, CircleUserRound, Compass, MessagesSquare, Phone } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from '../i18n'
import { AuraStill, Icon, LiveRegion, Toaster } from '../ui'
import { useSession } from '../voice/session'
import { house } from './house'
import { MiniPlayer } from './MiniPlayer'
import { useMicrophoneKey, useRoomNews } from './roomNews'
import styles from './Shell.module.css'

const tabs = [
  { to: '/', name: 'rooms', icon: AudioLines },
  { to: '/discover', name: 'discover', icon: Compass },
  { to: '/call', name: 'call', icon: Phone },
  { to: '/chats', name: 'chats', icon: MessagesSquare },
  { to: '/me', name: 'me', icon: CircleUserRound },
] as const

/** What stands around every page: the ways to go, and the room that plays on. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const room = useSession()
  const matches = useMatchRoute()
  const inRoom = Boolean(matches({ to: '/rooms/$room' }))
  const mini = !inRoom && room.status !== 'none'

  useRoomNews()
  useMicrophoneKey()

  return (
    <div className={styles.shell} data-room={inRoom || undefined} data-mini={mini || undefined}>
      <a className={styles.skip} href="#main">
        {t('common.skip')}
      </a>
      <main id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <div className={styles.dock}>
        {mini && <MiniPlayer room={room} />}
        <nav className={styles.nav} aria-label={t('nav.label')}>
          <Mark />
          {tabs.map((tab) => (
            <Link
              key={tab.to}
              to={tab.to}
              className={styles.tab}
              activeOptions={{ exact: tab.to === '/' }}
            >
              <Icon of={tab.icon} />
              <span>{t(`nav.${tab.name}`)}</span>
            </Link>
          ))}
        </nav>
      </div>
      <Toaster />
      <LiveRegion />
    </div>
  )
}

function Mark() {
  return (
    <span className={styles.mark}>
      <AuraStill person={house} size={44} />
    </span>
  )
}
