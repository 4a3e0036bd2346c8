import { type ReactNode, useEffect } from 'react'
import { loadMe, me } from '../api'
import { Onboarding } from '../features/onboarding'
import { SignIn } from '../features/signin'
import { useTranslation } from '../i18n'
import { Button, EmptyState, Page, useStore } from '../ui'
import styles from './Gate.module.css'

/**
 * Who is not signed in meets the sign-in where they stand: the address keeps
 * what they came for, and opens when they are in.
 */
export function Gate({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const state = useStore(me)

  useEffect(() => {
    void loadMe()
  }, [])

  switch (state.status) {
    case 'loading':
      return <p className={styles.opening}>{t('app.loading')}</p>
    case 'offline':
      return (
        <Page title={t('app.offline.title')}>
          <EmptyState
            title={t('app.offline.text')}
            action={
              <Button look="primary" onClick={() => void loadMe()}>
                {t('common.retry')}
              </Button>
            }
          />
        </Page>
      )
    case 'out':
      return <SignIn />
    case 'in':
      return state.me.complete ? children : <Onboarding />
  }
}
