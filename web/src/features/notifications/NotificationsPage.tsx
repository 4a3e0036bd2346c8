import { Link, useRouter } from '@tanstack/react-router'
import { Settings } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { answer, api, type Notification, Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { shortTime } from '../../i18n/times'
import { usePages } from '../../people'
import { chats } from '../../realtime/chats'
import { notifications } from '../../realtime/notifications'
import {
  AuraStill,
  Button,
  EmptyState,
  Icon,
  iconClass,
  More,
  Page,
  Quiet,
  Skeleton,
  Trouble,
  useStore,
} from '../../ui'
import styles from './Notifications.module.css'
import { icons, linkOf, sentence } from './words'

/** The notification centre: what happened, the newest first. */
export function NotificationsPage() {
  const { t } = useTranslation()
  const say = useProblemText()
  const router = useRouter()
  const { reads } = useStore(notifications)
  useEffect(() => notifications.start(), [])
  const list = usePages(['notifications'], (query) =>
    answer(api.GET('/api/notifications', { params: { query } })),
  )
  const { refetch } = list
  const all = useMemo(() => list.data?.pages.flatMap((page) => page.notifications), [list.data])
  const fresh = useFresh(all)

  // Something came, ended or was seen elsewhere while this page is open.
  const before = useRef(reads)
  useEffect(() => {
    if (reads !== before.current) void refetch()
    before.current = reads
  }, [reads, refetch])

  return (
    <Page
      title={t('notifications.title')}
      onBack={() =>
        router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/' })
      }
      aside={
        <Link
          to="/me/notifications"
          className={`${iconClass()} ${styles.gear}`}
          aria-label={t('notifications.settings.title')}
          title={t('notifications.settings.title')}
        >
          <Icon of={Settings} />
        </Link>
      }
    >
      <UnreadMessages />
      {body()}
    </Page>
  )

  function body() {
    if (!all) {
      if (!list.isError) return <Waiting />
      const problem = Problem.of(list.error)
      return (
        <EmptyState
          title={problem.code === 'offline' ? say(problem) : t('notifications.error')}
          art={<Quiet seed="notifications-lost" size={220} />}
          action={
            <Button look="primary" onClick={() => void refetch()}>
              {t('common.retry')}
            </Button>
          }
        />
      )
    }
    if (all.length === 0) {
      return (
        <EmptyState
          title={t('notifications.none.title')}
          art={<Quiet seed="notifications" size={260} />}
        >
          {t('notifications.none.text')}
        </EmptyState>
      )
    }
    return (
      <>
        <ul className={styles.rows}>
          {all.map((one) => (
            <Row key={one.id} of={one} fresh={fresh.has(one.id)} />
          ))}
        </ul>
        <More of={list} />
        <Trouble>{list.isFetchNextPageError && say(Problem.of(list.error))}</Trouble>
      </>
    )
  }
}

/**
 * Which were new when this page first showed them. They are seen as soon as the page is really on a
 * screen, on all devices, and stay marked here for as long as it is open.
 */
function useFresh(all: readonly Notification[] | undefined): ReadonlySet<string> {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    const unseen = all?.filter((one) => !one.seen) ?? []
    const newest = all?.[0]
    if (unseen.length === 0 || !newest) return
    setFresh((known) =>
      unseen.every((one) => known.has(one.id))
        ? known
        : new Set([...known, ...unseen.map((one) => one.id)]),
    )
    const see = async () => {
      if (document.visibilityState !== 'visible') return
      document.removeEventListener('visibilitychange', see)
      const { data } = await api
        .PUT('/api/notifications/seen', { body: { up_to: newest.id } })
        .catch(() => ({ data: undefined })) // offline: they stay new
      if (data) notifications.seen(data.unseen)
    }
    document.addEventListener('visibilitychange', see)
    void see()
    return () => document.removeEventListener('visibilitychange', see)
  }, [all])
  return fresh
}

function Row({ of: one, fresh }: { of: Notification; fresh: boolean }) {
  const { t } = useTranslation()
  return (
    <li>
      <Link {...linkOf(one)} className={styles.row} data-fresh={fresh || undefined}>
        {one.person ? (
          <AuraStill person={one.person} size={48} />
        ) : (
          <span className={styles.sign}>
            <Icon of={icons[one.kind]} />
          </span>
        )}
        <span className={styles.words}>
          <span className={styles.sentence}>{sentence(t, one)}</span>
          <span className={`${styles.time} numbers`}>
            {fresh && <b>{t('notifications.new')}</b>}
            <span>{shortTime(one.at, Date.now())}</span>
          </span>
        </span>
      </Link>
    </li>
  )
}

/** Messages are in Chats, and not in this list. */
function UnreadMessages() {
  const { t } = useTranslation()
  const { unread } = useStore(chats)
  if (unread === 0) return null
  return (
    <Link to="/chats" className={styles.row} data-fresh>
      <span className={styles.sign}>
        <Icon of={icons.message} />
      </span>
      <span className={styles.words}>
        <span className={styles.sentence}>{t('notifications.messages', { count: unread })}</span>
      </span>
    </Link>
  )
}

function Waiting() {
  const { t } = useTranslation()
  return (
    <div className={styles.rows} aria-busy="true">
      <p className="only-heard">{t('notifications.loading')}</p>
      {[0, 1, 2, 3].map((row) => (
        <Skeleton key={row} height="4.5rem" />
      ))}
    </div>
  )
}
