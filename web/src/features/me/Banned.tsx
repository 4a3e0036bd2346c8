import { useState } from 'react'
import { answer, api, type Person, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { usePages } from '../../people'
import { AuraStill, Button, More, Trouble, toast } from '../../ui'
import { List } from './List'
import styles from './Me.module.css'

/** Whom one keeps out of one's rooms, and the way back. Whoever keeps out nobody sees nothing. */
export function Banned() {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<Problem>()
  const list = usePages(['me', 'room-bans'], (query) =>
    answer(api.GET('/api/me/room-bans', { params: { query } })),
  )
  const people = list.data?.pages.flatMap((page) => page.people)

  async function lift({ id, name }: Person) {
    setBusy(id)
    setProblem(undefined)
    try {
      await api.DELETE('/api/me/room-bans/{person}', { params: { path: { person: id } } })
      toast({ text: t('me.banned.done', { name: isolate(name) }) })
    } catch (thrown) {
      setProblem(Problem.of(thrown))
    } finally {
      setBusy(undefined)
      await list.refetch()
    }
  }

  if (!people?.length && !problem) return null
  return (
    <section className={styles.section} aria-labelledby="banned">
      <h2 id="banned">{t('me.banned.title')}</h2>
      <div className={styles.group}>
        <List of={{ ...list, data: people }} empty="">
          {(person) => (
            <li key={person.id} className={styles.row}>
              <div className={styles.person}>
                <AuraStill person={person} size={40} />
                <bdi className="cut">{person.name}</bdi>
              </div>
              <Button
                look="plain"
                busy={busy === person.id}
                aria-label={t('me.banned.undoLong', { name: isolate(person.name) })}
                onClick={() => void lift(person)}
              >
                {t('me.banned.undo')}
              </Button>
            </li>
          )}
        </List>
        <More of={list} />
        <Trouble>{problem && say(problem)}</Trouble>
      </div>
    </section>
  )
}
