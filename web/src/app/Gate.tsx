import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { loadMe, me } from '../api'
import { useTranslation } from '../i18n'
import { Button, EmptyState, Page, Quiet, Toaster, useStore } from '../ui'
import styles from './Gate.module.css'

const SignIn = lazy(() => import('../features/signin').then((m) => ({ default: m.SignIn })))
const Onboarding = lazy(() =>
  import('../features/onboarding').then((m) => ({ default: m.Onboarding })),
)

/**
 * Who is not signed in meets the sign-in where they stand: the address keeps
 * what they came for, and opens when they are in.
 */
export function Gate({ children }: { children: ReactNode }) {
  const state = useStore(me)

  useEffect(() => {
    void loadMe()
  }, [])

  switch (state.status) {
    case 'loading':
      return <Opening />
    case 'offline':
      return <Unreachable />
    case 'out':
      return (
        <Outside>
          <SignIn />
        </Outside>
      )
    case 'in':
      if (state.me.complete && state.me.settled) return children
      return (
        <Outside>
          <Onboarding />
        </Outside>
      )
  }
}

function Opening() {
  const { t } = useTranslation()
  return <p className={styles.opening}>{t('app.loading')}</p>
}

/** Before the shell there is no navigation, but there are notes. */
function Outside({ children }: { children: ReactNode }) {
  return (
    <Suspense fallback={<Opening />}>
      {children}
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
