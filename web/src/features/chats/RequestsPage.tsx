import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { shortTime } from '../../i18n/times'
import { moodOf } from '../../people'
import { requests } from '../../realtime/requests'
import {
  AuraStill,
  Button,
  buttonClass,
  EmptyState,
  Page,
  Quiet,
  Skeleton,
  useStore,
} from '../../ui'
import styles from './Chats.module.css'
import { useSaid } from './voices'

/** Whoever asks for a chat, the last first. */
export function RequestsPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <Page
      title={t('chats.request.all')}
      lead={t('chats.request.lead')}
      onBack={() => void navigate({ to: '/chats' })}
    >
      <Everybody />
    </Page>
  )
}

function Everybody() {
  const { t } = useTranslation()
  const say = useProblemText()
  const said = useSaid()
  const { requests: all, status } = useStore(requests)
  if (all.length === 0 && status === 'loading') {
    return (
      <div aria-busy="true">
        <p className="only-heard">{t('chats.request.loading')}</p>
        <Skeleton height="5.25rem" />
      </div>
    )
  }
  if (all.length === 0 && status !== 'ready') {
    return (
      <EmptyState
        title={status === 'offline' ? say({ code: 'offline' }) : t('chats.request.error')}
        art={<Quiet seed="requests-lost" size={220} />}
        action={
          <Button look="primary" onClick={() => void requests.retry()}>
            {t('common.retry')}
          </Button>
        }
      />
    )
  }
  if (all.length === 0) {
    return (
      <EmptyState
        title={t('chats.request.none.title')}
        art={<Quiet seed="requests" size={260} />}
        action={
          <Link to="/me" hash="chats" data-primary="" className={buttonClass({ look: 'primary' })}>
            {t('chats.request.none.go')}
          </Link>
        }
      >
        {t('chats.request.none.text')}
      </EmptyState>
    )
  }
  return (
    <ul className={styles.rows}>
      {all.map(({ person, last, at }) => (
        <li key={person.id}>
          <Link
            to="/chats/$person"
            params={{ person: person.id }}
            viewTransition
            className={styles.row}
            {...moodOf(person)}
          >
            <AuraStill person={person} size={68} />
            <span className={styles.words}>
              <span className={styles.name}>
                <bdi className="cut">{person.name}</bdi>
                <time className={`${styles.time} numbers`} dateTime={new Date(at).toISOString()}>
                  {shortTime(at, Date.now())}
                </time>
              </span>
              <span className={styles.last}>
                <span dir="auto" className={`${styles.said} cut`}>
                  {last && said(last).slice(0, 200)}
                </span>
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
