import { useEffect, useState } from 'react'
import { answer, api, type Person, Problem, type Room } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { AuraStill, Sheet } from '../../ui'
import styles from './Recent.module.css'

/** For hosts: who was here and has left. They can be removed, banned or reported too. */
export function RecentSheet({
  open,
  onOpenChange,
  room,
  onPerson,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  room: Room
  onPerson(person: Person): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [people, setPeople] = useState<Person[]>()
  const [problem, setProblem] = useState<Problem>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: seq only says when to read
  useEffect(() => {
    if (!open) return
    let late = false
    answer(api.GET('/api/rooms/{room}/recent', { params: { path: { room: room.id } } })).then(
      (read) => !late && setPeople(read.people),
      (thrown) => !late && setProblem(Problem.of(thrown)),
    )
    return () => {
      late = true
    }
  }, [open, room.id, room.seq])

  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={t('room.recent.title')}>
      {!people && problem && <p className={styles.none}>{say(problem)}</p>}
      {people?.length === 0 && <p className={styles.none}>{t('room.recent.none')}</p>}
      <ul className={styles.people}>
        {people?.map((person) => (
          <li key={person.id}>
            <button type="button" className={styles.person} onClick={() => onPerson(person)}>
              <AuraStill person={person} size={44} />
              <bdi className="cut">{person.name}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
