import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { answer, api, Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import {
  Button,
  buttonClass,
  EmptyState,
  LiveRegion,
  Page,
  Quiet,
  Skeleton,
  Trouble,
} from '../../ui'
import styles from './Notifications.module.css'

/**
 * Where the link of an email leads, without a sign-in. Opening it changes nothing: programs that look
 * for viruses open the links of emails, too.
 */
export function UnsubscribePage({ token }: { token: string }) {
  const { t } = useTranslation()
  return (
    <main className={styles.place}>
      <Page title={t('unsubscribe.title')}>
        <LiveRegion />
        <Choice token={token} />
      </Page>
    </main>
  )
}

function Choice({ token }: { token: string }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const queries = useQueryClient()
  const params = { path: { token } }
  const key = ['emails', token]
  const choice = useQuery({
    queryKey: key,
    queryFn: () => answer(api.GET('/api/emails/{token}', { params })),
    retry: false,
    staleTime: 0,
  })
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  async function choose(on: boolean) {
    setBusy(true)
    setProblem(undefined)
    try {
      queries.setQueryData(
        key,
        await answer(api.PUT('/api/emails/{token}', { params, body: { on } })),
      )
    } catch (thrown) {
      setProblem(Problem.of(thrown))
    }
    setBusy(false)
  }

  if (choice.data) {
    const { on } = choice.data
    return (
      <div aria-live="polite">
        <EmptyState
          title={t(on ? 'unsubscribe.on.title' : 'unsubscribe.off.title')}
          art={<Quiet seed={on ? 'emails' : 'emails-off'} size={220} />}
          action={
            <Button
              key={String(on)}
              look={on ? 'primary' : 'quiet'}
              busy={busy}
              onClick={() => void choose(!on)}
            >
              {t(on ? 'unsubscribe.on.go' : 'unsubscribe.off.go')}
            </Button>
          }
        >
          {t(on ? 'unsubscribe.on.text' : 'unsubscribe.off.text')}
        </EmptyState>
        <Trouble>{problem && say(problem)}</Trouble>
      </div>
    )
  }
  if (choice.error) {
    const { status } = Problem.of(choice.error)
    return (
      <EmptyState
        title={say(Problem.of(choice.error))}
        art={<Quiet seed="emails-lost" size={220} />}
        action={
          status === 404 ? (
            <Link
              to="/me/notifications"
              data-primary=""
              className={buttonClass({ look: 'primary' })}
            >
              {t('unsubscribe.lost.go')}
            </Link>
          ) : (
            <Button look="primary" onClick={() => void choice.refetch()}>
              {t('common.retry')}
            </Button>
          )
        }
      />
    )
  }
  return (
    <div aria-busy="true">
      <p className="only-heard">{t('unsubscribe.loading')}</p>
      <Skeleton height="16rem" />
    </div>
  )
}
