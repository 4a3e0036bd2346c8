import { useState } from 'react'
import { answer, api, type Person, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { usePages } from '../../people'
import { AuraStill, Button, More, Trouble, toast } from '../../ui'
import { session } from '../../voice/session'
import { List } from './List'
import styles from './Me.module.css'

/** Whom one has blocked, and the way back. */
export function Blocked() {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<Problem>()
  const list = usePages(['me', 'blocked'], (query) =>
    answer(api.GET('/api/me/blocked', { params: { query } })),
  )
  const people = list.data?.pages.flatMap((page) => page.people)
  const unread = list.isFetchNextPageError ? Problem.of(list.error) : undefined
  const trouble = problem ?? unread

  async function unblock({ id, name }: Person) {
    if (busy) return
    setBusy(id)
    setProblem(undefined)
    try {
      await api.DELETE('/api/people/{person}/block', { params: { path: { person: id } } })
      toast({ text: t('me.blocked.done', { name: isolate(name) }) })
    } catch (thrown) {
      const said = Problem.of(thrown)
      if (said.code !== 'command.applied') setProblem(said)
    } finally {
      setBusy(undefined)
      session.refresh() // whom we may see again
      await list.refetch()
    }
  }

  return (
    <section className={styles.section} aria-labelledby="blocked">
      <h2 id="blocked">{t('me.blocked.title')}</h2>
      <div className={styles.group}>
        <List of={{ ...list, data: people }} empty={t('me.blocked.none')}>
          {(person) => (
            <li key={person.id} className={styles.row}>
              <div className={styles.person}>
                <AuraStill person={person} size={40} />
                <bdi className="cut">{person.name}</bdi>
              </div>
              <Button
                look="plain"
                busy={busy === person.id}
                aria-label={t('me.blocked.undoLong', { name: isolate(person.name) })}
                onClick={() => void unblock(person)}
              >
                {t('me.blocked.undo')}
              </Button>
            </li>
          )}
        </List>
        <More of={list} />
        <Trouble>{trouble && say(trouble)}</Trouble>
      </div>
    </section>
  )
}
