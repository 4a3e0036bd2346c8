import { useEffect } from 'react'
import { type Me, me } from '../../api'
import { useTranslation } from '../../i18n'
import { Button, EmptyState, Page, type Parts, Quiet, Skeleton, useStore } from '../../ui'
import { isMissing } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import { After } from './After'
import { Idle } from './Idle'
import { Searching } from './Searching'
import { Talking } from './Talking'
import { TalkNowSkeleton } from './TalkNowButton'

/** While nobody waits, how many look is asked for again this often, where somebody sees it. */
const LOOK_MS = 20_000

export interface Ways {
  /** Out of the whole screen, while the call goes on. */
  onMinimise(): void
  /** To the conversation with a match. */
  onChat(person: string): void
  /** Back into the room that was left for a call. */
  onRoom(room: string): void
  /** Where the profile is completed. */
  profile: Parts
}

/** Call: waiting, talking, and what comes after. What stands here, the store says. */
export function CallPage(ways: Ways) {
  const who = useStore(me)
  useEffect(() => calls.start(), [])
  useEffect(() => {
    const timer = setInterval(() => {
      const { call, queue } = calls.get()
      const idle = !queue?.waiting && (!call || call.state === 'ended')
      if (idle && document.visibilityState === 'visible') void calls.refresh()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [])

  if (who.status !== 'in') return null
  return <Now me={who.me} {...ways} />
}

function Now({ me: self, onMinimise, onChat, onRoom, profile }: Ways & { me: Me }) {
  const state = useStore(calls)
  const { call, queue, status } = state
  if (call && call.state !== 'ended') {
    // Proposed and not answered: the question stands over every page, and over this one.
    if (call.state !== 'proposed' || call.accepted) {
      return <Talking me={self} call={call} onMinimise={onMinimise} />
    }
  } else if (call && !queue?.waiting) {
    return <After key={call.id} me={self} call={call} onChat={onChat} onRoom={onRoom} />
  }
  if (!queue) {
    if (status === 'loading') return <Loading />
    const soon = isMissing(state)
    return <Unreachable which={status === 'offline' ? 'offline' : soon ? 'soon' : 'error'} />
  }
  if (queue.waiting || call?.state === 'proposed') return <Searching me={self} queue={queue} />
  return <Idle me={self} queue={queue} profile={profile} />
}

function Loading() {
  const { t } = useTranslation()
  return (
    <Page title={t('call.idle.title')} lead={t('call.idle.lead')}>
      <p className="only-heard">{t('call.loading')}</p>
      <TalkNowSkeleton />
      <Skeleton width="60%" height="1.25rem" />
    </Page>
  )
}

function Unreachable({ which }: { which: 'offline' | 'soon' | 'error' }) {
  const { t } = useTranslation()
  return (
    <Page title={t('nav.call')}>
      <EmptyState
        title={t(`call.${which}.title`)}
        art={<Quiet seed={`call-${which}`} size={240} />}
        action={
          <Button look="primary" onClick={() => void calls.retry()}>
            {t('common.retry')}
          </Button>
        }
      >
        {t(`call.${which}.text`)}
      </EmptyState>
    </Page>
  )
}
