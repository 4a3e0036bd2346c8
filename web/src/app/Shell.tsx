import { Link, useLocation, useMatchRoute } from '@tanstack/react-router'
import { AudioLines, CircleUserRound, Compass, MessagesSquare, Phone } from 'lucide-react'
import { lazy, type ReactNode, Suspense } from 'react'
import { useTranslation } from '../i18n'
import { AuraStill, Icon, LiveRegion, PageCorner, Toaster, useMeant, useStore } from '../ui'
import { live } from '../voice/live'
import { useSession } from '../voice/session'
import { Bell } from './Bell'
import { broken } from './broken'
import { useChatNews } from './chatNews'
import { house } from './house'
import { MiniPlayer } from './MiniPlayer'
import { useMatchNews } from './matchNews'
import { useMessageSound } from './messageSound'
import { Offer } from './Offer'
import { PlayerBar } from './PlayerBar'
import { usePush } from './push'
import { useHoldToTalk, useKeepAwake, useMicrophoneKey, useRoomNews } from './roomNews'
import { useMentionNews } from './roomTalkNews'
import styles from './Shell.module.css'
import { useStageNews } from './stageNews'

/** It happens now and then: its code comes when it does. */
const MatchMoment = lazy(() => import('./MatchMoment').then((m) => ({ default: m.MatchMoment })))

/** Comes right behind the first page: from then on a call finds its person wherever they are. */
const CallLayer = lazy(() => import('./CallLayer').then((m) => ({ default: m.CallLayer })))
const CallBar = lazy(() => import('./CallLayer').then((m) => ({ default: m.CallBar })))

const tabs = [
  { to: '/', name: 'rooms', icon: AudioLines },
  { to: '/discover', name: 'discover', icon: Compass },
  { to: '/call', name: 'call', icon: Phone },
  { to: '/chats', name: 'chats', icon: MessagesSquare },
  { to: '/me', name: 'me', icon: CircleUserRound },
] as const

const bell = <Bell />

/** What stands around every page: the ways to go, and the room that plays on. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const room = useSession()
  const matchRoute = useMatchRoute()
  const page = useLocation({ select: ({ pathname }) => pathname })
  // At the door of another room, the one that plays keeps its controls.
  const at = matchRoute({ to: '/rooms/$room' })
  const inRoom = at !== false && room.status !== 'none' && room.roomId === at.room
  const fell = useStore(broken)
  const mini = (fell || !inRoom) && room.status !== 'none'

  // The tabs come back where a call was hung up, or a room left: its second tap opens none of them.
  const called = useStore(live).some(({ kind }) => kind === 'call')
  const tap = useMeant(`${inRoom} ${called}`)<HTMLAnchorElement>(() => {})

  useMessageSound()
  const news = useChatNews()
  const moment = useMatchNews()

  usePush()
  useRoomNews(inRoom && !fell)
  useMentionNews()
  useStageNews()
  useMicrophoneKey()
  useHoldToTalk()
  useKeepAwake()

  return (
    <div
      className={styles.shell}
      data-room={(inRoom && !fell) || undefined}
      data-mini={mini || undefined}
    >
      <a className={styles.skip} href="#main">
        {t('common.skip')}
      </a>
      <main id="main" className={styles.main} tabIndex={-1}>
        <PageCorner value={bell}>{children}</PageCorner>
      </main>
      <div className={styles.dock}>
        <Offer />
        <PlayerBar />
        {mini && <MiniPlayer room={room} />}
        <Suspense fallback={null}>
          <CallBar />
        </Suspense>
        <nav className={styles.nav} aria-label={t('nav.label')}>
          <Mark />
          {tabs.map((tab) => (
            <Link
              key={tab.to}
              to={tab.to}
              className={styles.tab}
              activeOptions={{ exact: tab.to === '/' }}
              {...tap}
            >
              <Icon of={tab.icon} />
              <span>{t(`nav.${tab.name}`)}</span>
              {tab.name === 'chats' && news !== undefined && (
                <span className={styles.dot}>
                  <span className="only-heard">{`, ${news}`}</span>
                </span>
              )}
            </Link>
          ))}
        </nav>
      </div>
      <Suspense fallback={null}>
        <CallLayer />
      </Suspense>
      {moment && (
        <Suspense fallback={null}>
          <MatchMoment key={moment.id} person={moment} />
        </Suspense>
      )}
      <Toaster page={page} />
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
