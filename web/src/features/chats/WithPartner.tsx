import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { answer, api, type Chat, type Match, type Person, type PersonCard } from '../../api'
import { useTranslation } from '../../i18n'
import { chats } from '../../realtime/chats'
import { matches } from '../../realtime/matches'
import { requests } from '../../realtime/requests'
import { Button, buttonClass, EmptyState, Page, Quiet, Skeleton, useStore } from '../../ui'

/** The other of a conversation: a match, or somebody with a chat alone. */
export interface Partner {
  person: PersonCard
  match?: Match
  /** Of a chat without a match: a request, or an open one. */
  chat?: Chat
}

/** What is known of somebody before their card is read. */
const bare = (person: Person): PersonCard => ({
  pronouns: '',
  language: 'en',
  languages: [],
  interests: [],
  clips: [],
  badges: [],
  ...person,
})

/** A chat without a match, with the card of its person. */
function WithChat({ chat, children }: { chat: Chat; children(of: Partner): ReactElement }) {
  const { person } = chat
  const card = useQuery({
    queryKey: ['person', person.id],
    queryFn: () =>
      answer(api.GET('/api/people/{person}', { params: { path: { person: person.id } } })),
  })
  return children({ person: card.data ?? bare(person), chat })
}

/** What is shown of one conversation, or why there is nothing to show. */
export function WithPartner({
  person,
  children,
}: {
  person: string
  children(of: Partner): ReactElement
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const matched = useStore(matches)
  const talks = useStore(chats)
  const asked = useStore(requests)
  const match = matched.matches.find((m) => m.person.id === person)
  if (match) return children({ person: match.person, match })
  const chat = [...talks.chats, ...asked.requests].find((one) => one.person.id === person)
  if (chat && !chat.match) return <WithChat chat={chat}>{children}</WithChat>
  const back = () => void navigate({ to: '/chats' })
  const statuses = [matched.status, talks.status, asked.status]
  if (statuses.includes('loading')) {
    return (
      <Page title={<Skeleton width="8rem" />} onBack={back}>
        <div aria-busy="true">
          <p className="only-heard">{t('chats.loading')}</p>
          <Skeleton height="16rem" />
        </div>
      </Page>
    )
  }
  const lost = statuses.some((status) => status !== 'ready')
  const offline = statuses.includes('offline')
  const [title, text] = offline
    ? ([t('app.offline.title'), t('app.offline.text')] as const)
    : lost
      ? ([t('chats.error.title'), t('chats.error.text')] as const)
      : ([t('chats.gone.title'), t('chats.gone.text')] as const)
  return (
    <Page title={title} onBack={back}>
      <EmptyState
        title={text}
        art={<Quiet seed="chat-gone" size={220} />}
        action={
          lost ? (
            <Button
              look="primary"
              onClick={() => {
                for (const store of [matches, chats, requests]) void store.retry()
              }}
            >
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
