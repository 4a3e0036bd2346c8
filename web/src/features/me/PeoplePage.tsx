import { useRouter } from '@tanstack/react-router'
import { UserX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { answer, api, type Person, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import {
  FollowButton,
  moodOf,
  onBlocked,
  PersonView,
  Resident,
  SafetyMenu,
  useBonds,
  usePages,
} from '../../people'
import {
  AuraStill,
  Button,
  Chips,
  EmptyState,
  IconButton,
  More,
  Page,
  Quiet,
  Sheet,
  Skeleton,
  Trouble,
  toast,
} from '../../ui'
import { player } from '../../voice/player'
import styles from './People.module.css'

const lists = ['following', 'followers', 'friends'] as const
type List = (typeof lists)[number]

/** Whom one follows, who follows one, and one's friends, the last first. */
export function PeoplePage({ list, onList }: { list: List; onList(list: List): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const router = useRouter()
  const { changes, friends } = useBonds()
  const [shown, setShown] = useState<Person>()
  const [removing, setRemoving] = useState<Person>()
  const query = usePages(['me', list], (query) =>
    answer(api.GET(`/api/me/${list}`, { params: { query } })),
  )
  const { refetch } = query
  const people = query.data?.pages.flatMap((page) => page.people)

  // Whom one follows stays in its place when that ends, with the way back beside it. The other
  // lists change by what others do.
  const before = useRef(changes)
  useEffect(() => {
    if (changes !== before.current && list !== 'following') void refetch()
    before.current = changes
  }, [changes, list, refetch])
  useEffect(() => onBlocked(() => void refetch()), [refetch])

  return (
    <Page
      title={t('me.people.title')}
      onBack={() =>
        router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/me' })
      }
    >
      <Chips<List>
        label={t('me.people.list')}
        hideLabel
        line
        value={list}
        onChange={onList}
        chips={lists.map((value) => ({ value, label: t(`me.people.${value}`) }))}
      />
      {body()}
      <Who person={shown} onClose={() => setShown(undefined)} />
      <Remove
        person={removing}
        onClose={() => setRemoving(undefined)}
        onRemoved={() => void refetch()}
      />
    </Page>
  )

  function body() {
    if (!people) {
      if (!query.isError) return <Waiting />
      const problem = Problem.of(query.error)
      return (
        <EmptyState
          title={problem.code === 'offline' ? say(problem) : t('me.people.error')}
          art={<Quiet seed="people-lost" size={220} />}
          action={
            <Button look="primary" onClick={() => void refetch()}>
              {t('common.retry')}
            </Button>
          }
        />
      )
    }
    if (people.length === 0) {
      return (
        <EmptyState
          title={t(`me.people.none.${list}.title`)}
          art={<Quiet seed={`people-${list}`} size={260} />}
        >
          {t(`me.people.none.${list}.text`)}
        </EmptyState>
      )
    }
    return (
      <>
        <ul className={styles.rows}>
          {people.map((person) => (
            <li key={person.id} className={styles.row}>
              <button type="button" className={styles.who} onClick={() => setShown(person)}>
                <AuraStill person={person} size={48} />
                <span className={styles.words}>
                  <bdi className="cut">{person.name}</bdi>
                  {list !== 'friends' && friends.has(person.id) && (
                    <small>{t('people.follow.friend')}</small>
                  )}
                </span>
              </button>
              <FollowButton person={person} inList />
              {list === 'followers' && (
                <IconButton
                  icon={UserX}
                  label={t('me.people.remove', { name: isolate(person.name) })}
                  onClick={() => setRemoving(person)}
                />
              )}
            </li>
          ))}
        </ul>
        <More of={query} />
        <Trouble>{query.isFetchNextPageError && say(Problem.of(query.error))}</Trouble>
      </>
    )
  }
}

/** Who one of them is. */
function Who({ person, onClose }: { person: Person | undefined; onClose(): void }) {
  useEffect(() => onBlocked(onClose), [onClose])
  useEffect(() => {
    if (!person) player.stop()
  }, [person])
  if (!person) return null
  return (
    <Sheet open onOpenChange={onClose} title={<bdi>{person.name}</bdi>}>
      <div className={styles.person} {...moodOf(person)}>
        <PersonView person={person} />
        {person.resident && <Resident />}
        <div className={styles.safety}>
          <SafetyMenu person={person} place="profile" />
        </div>
      </div>
    </Sheet>
  )
}

/** Asks once: only they can bring it back. */
function Remove({
  person,
  onClose,
  onRemoved,
}: {
  person: Person | undefined
  onClose(): void
  onRemoved(): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  if (!person) return null
  const { id } = person
  const name = isolate(person.name)

  async function go() {
    setBusy(true)
    setProblem(undefined)
    try {
      await api.DELETE('/api/me/followers/{person}', { params: { path: { person: id } } })
    } catch (thrown) {
      const refused = Problem.of(thrown)
      // They are gone: what was asked for.
      if (refused.status !== 404) {
        setProblem(refused)
        return
      }
    } finally {
      setBusy(false)
    }
    toast({ text: t('me.people.removed', { name }) })
    onClose()
    onRemoved()
  }

  return (
    <Sheet
      open
      onOpenChange={onClose}
      alert
      title={t('me.people.removeTitle', { name })}
      lead={t('me.people.removeLead')}
      actions={
        <>
          <Trouble>{problem && say(problem)}</Trouble>
          <Button look="danger" large full busy={busy} onClick={() => void go()}>
            {t('me.people.removeGo')}
          </Button>
          <Button large full onClick={onClose}>
            {t('common.cancel')}
          </Button>
        </>
      }
    />
  )
}

function Waiting() {
  const { t } = useTranslation()
  return (
    <div className={styles.rows} aria-busy="true">
      <p className="only-heard">{t('me.people.loading')}</p>
      {['a', 'b', 'c'].map((key) => (
        <span key={key} className={styles.row}>
          <Skeleton width={48} height={48} round />
          <Skeleton width="45%" height="1.125rem" />
        </span>
      ))}
    </div>
  )
}
