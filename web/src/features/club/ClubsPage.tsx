import { useNavigate, useRouter } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { answer, api, type Category, type Club, Problem } from '../../api'
import { language, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { SearchField, usePages } from '../../people'
import {
  Button,
  Chips,
  EmptyState,
  More,
  moodNames,
  Page,
  Quiet,
  Trouble,
  useSettled,
} from '../../ui'
import styles from './Club.module.css'
import { ClubForm } from './ClubForm'
import { ClubRow, ClubRows } from './ClubRow'
import { useKeepClub, useMine } from './clubs'

/** One's own clubs, and the way to others. */
export function ClubsPage() {
  const { t } = useTranslation()
  const router = useRouter()
  const navigate = useNavigate()
  const keep = useKeepClub()
  const [founding, setFounding] = useState(false)
  const mine = useMine()
  const clubs = mine.data?.clubs ?? []
  const found = (
    <Button look="primary" large full icon={Plus} onClick={() => setFounding(true)}>
      {t('club.found.open')}
    </Button>
  )

  return (
    <Page
      title={t('club.title')}
      lead={t('club.lead')}
      onBack={() =>
        router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/' })
      }
      side={found}
    >
      <div className={styles.page}>
        {(clubs.length > 0 || mine.isPending) && (
          <section className={styles.section} aria-labelledby="own-clubs">
            <h2 id="own-clubs">{t('club.mine.title')}</h2>
            {mine.isPending ? (
              <ClubRows />
            ) : (
              <ul className={styles.rows}>
                {clubs.map((club) => (
                  <ClubRow key={club.id} club={club} language={language()} />
                ))}
              </ul>
            )}
          </section>
        )}
        {mine.isError && (
          <div className={styles.section}>
            <Trouble>{t('club.mine.error')}</Trouble>
            <Button onClick={() => void mine.refetch()}>{t('common.retry')}</Button>
          </div>
        )}
        <div className={`${styles.phone} ${styles.stays}`}>{found}</div>
        <Find mine={new Set(clubs.map((club) => club.id))} known={mine.data !== undefined} />
      </div>
      <ClubForm
        open={founding}
        onOpenChange={setFounding}
        onDone={(club: Club) => {
          keep(club)
          void navigate({ to: '/clubs/$club', params: { club: club.id } })
        }}
      />
    </Page>
  )
}

type Topic = 'all' | Category

/** Clubs that one can come to without a link. */
function Find({ mine, known }: { mine: ReadonlySet<string>; known: boolean }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [typed, setTyped] = useState('')
  const [topic, setTopic] = useState<Topic>('all')
  const q = useSettled(typed).trim()
  const list = usePages(['clubs', 'find', q, topic], (page) =>
    answer(
      api.GET('/api/clubs', {
        params: {
          query: { ...page, ...(q && { q }), ...(topic !== 'all' && { category: topic }) },
        },
      }),
    ),
  )
  const clubs = list.data?.pages.flatMap((page) => page.clubs)
  const others = clubs?.filter((club) => q !== '' || !mine.has(club.id))

  return (
    <section className={styles.section} aria-labelledby="find-clubs">
      <h2 id="find-clubs">{t('club.find.title')}</h2>
      <SearchField
        label={t('club.find.label')}
        value={typed}
        onChange={setTyped}
        count={q && clubs ? clubs.length : undefined}
        maxLength={100}
      />
      <Chips<Topic>
        label={t('lobby.filter')}
        hideLabel
        line
        value={topic}
        onChange={setTopic}
        chips={[
          { value: 'all', label: t('club.find.all') },
          ...moodNames.map((mood) => ({ value: mood, label: t(`category.${mood}`), mood })),
        ]}
      />
      {results()}
    </section>
  )

  function results() {
    if (!others) {
      if (!list.isError) return <ClubRows />
      const problem = Problem.of(list.error)
      if (problem.code === 'search.empty') return null
      return (
        <EmptyState
          title={problem.code === 'offline' ? say(problem) : t('club.find.error')}
          art={<Quiet seed="clubs-lost" size={200} />}
          action={<Button onClick={() => void list.refetch()}>{t('common.retry')}</Button>}
        />
      )
    }
    if (others.length === 0 && !list.hasNextPage) {
      const filtered = q !== '' || topic !== 'all'
      return (
        <EmptyState
          title={t(
            filtered
              ? 'club.find.none.title'
              : known && mine.size === 0
                ? 'club.find.first.title'
                : 'club.find.empty.title',
          )}
          art={<Quiet seed="clubs" size={200} />}
        >
          {t(filtered ? 'club.find.none.text' : 'club.find.empty.text')}
        </EmptyState>
      )
    }
    return (
      <>
        <ul className={styles.rows}>
          {others.map((club) => (
            <ClubRow key={club.id} club={club} language={language()} />
          ))}
        </ul>
        <More of={list} />
        <Trouble>{list.isFetchNextPageError && say(Problem.of(list.error))}</Trouble>
      </>
    )
  }
}
