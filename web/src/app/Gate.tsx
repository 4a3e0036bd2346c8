import { useLocation, useMatchRoute, useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { former, loadMe, type MeState, me } from '../api'
import { isolate, useTranslation } from '../i18n'
import { Button, EmptyState, Page, type Parts, Quiet, Toaster, toast, useStore } from '../ui'
import styles from './Gate.module.css'
import { Offer } from './Offer'

const SignIn = lazy(() => import('../features/signin').then((m) => ({ default: m.SignIn })))
const SharePage = lazy(() => import('../features/share').then((m) => ({ default: m.SharePage })))
const Onboarding = lazy(() =>
  import('../features/onboarding').then((m) => ({ default: m.Onboarding })),
)

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The room at whose share page somebody wished to join. */
    joins?: string
  }
}

/**
 * Who is not signed in meets the sign-in where they stand: the address keeps
 * what they came for, and opens when they are in.
 */
export function Gate({ children }: { children: ReactNode }) {
  const state = useStore(me)

  useEffect(() => {
    void loadMe()
  }, [])

  useFormer(state)

  switch (state.status) {
    case 'loading':
      return <Opening />
    case 'offline':
      return <Unreachable />
    case 'out':
      if (state.anew) return <Opening />
      return (
        <Outside>
          <Entrance />
        </Outside>
      )
    case 'in':
      if (state.me.complete && state.me.onboarded) return children
      return (
        <Outside>
          <Onboarding />
        </Outside>
      )
  }
}

/**
 * The sign-in; at the address of a room that anybody may hear, its share page. The wish to join is an entry of
 * the browser's history: back leads to the sound again, not out of Heyy.
 */
function Entrance() {
  const matchRoute = useMatchRoute()
  const at = matchRoute({ to: '/rooms/$room' })
  const navigate = useNavigate()
  const joins = useLocation({ select: (l) => l.state.joins })
  if (at === false || joins === at.room) return <SignIn />
  return (
    <SharePage
      key={at.room}
      roomId={at.room}
      otherwise={<SignIn />}
      onJoin={() => void navigate({ to: '.', state: { joins: at.room } })}
    />
  )
}

/** Says, once, that the page before this one was another's. */
function useFormer(state: MeState): void {
  const { t } = useTranslation()
  useEffect(() => {
    if (state.status !== 'in' && (state.status !== 'out' || state.anew)) return
    const account = former()
    if (!account) return
    if (state.status === 'out') toast({ text: t('problem.session_ended') })
    else if (state.me.id !== account) {
      toast({ text: t('app.other', { name: isolate(state.me.name || state.me.email) }) })
    }
  }, [state, t])
}

export function Opening() {
  const { t } = useTranslation()
  return <p className={styles.opening}>{t('app.loading')}</p>
}

/** Before the shell there is no navigation, but there are notes. */
function Outside({ children }: { children: Parts }) {
  return (
    <Suspense fallback={<Opening />}>
      {children}
      <Offer />
      <Toaster />
    </Suspense>
  )
}

function Unreachable() {
  const { t } = useTranslation()
  return (
    <main>
      <Page title={t('app.offline.title')}>
        <EmptyState
          title={t('app.offline.text')}
          art={<Quiet seed="offline" />}
          action={
            <Button look="primary" onClick={() => void loadMe()}>
              {t('common.retry')}
            </Button>
          }
        />
      </Page>
    </main>
  )
}
