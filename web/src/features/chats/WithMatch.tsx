import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Match } from '../../api'
import { useTranslation } from '../../i18n'
import { matches } from '../../realtime/matches'
import { Button, buttonClass, EmptyState, Page, Quiet, Skeleton, useStore } from '../../ui'

/** What is shown of one match, or why there is nothing to show. */
export function WithMatch({
  person,
  children,
}: {
  person: string
  children(match: Match): ReactElement
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { status, matches: all } = useStore(matches)
  const match = all.find((m) => m.person.id === person)
  if (match) return children(match)
  const back = () => void navigate({ to: '/chats' })
  if (status === 'loading') {
    return (
      <Page title={<Skeleton width="8rem" />} onBack={back}>
        <div aria-busy="true">
          <p className="only-heard">{t('chats.loading')}</p>
          <Skeleton height="16rem" />
        </div>
      </Page>
    )
  }
  const lost = status !== 'ready'
  return (
    <Page title={t(lost ? 'chats.error.title' : 'chats.gone.title')} onBack={back}>
      <EmptyState
        title={t(lost ? 'chats.error.text' : 'chats.gone.text')}
        art={<Quiet seed="chat-gone" size={220} />}
        action={
          lost ? (
            <Button look="primary" onClick={() => void matches.retry()}>
              {t('common.retry')}
            </Button>
          ) : (
            <Link to="/chats" data-primary="" className={buttonClass({ look: 'primary' })}>
              {t('chats.gone.go')}
            </Link>
          )
        }
      />
    </Page>
  )
}
