import { useEffect, useState } from 'react'
import { answer, api, type Room } from '../../api'
import type { LogEntry } from '../../api/types'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Sheet, toast } from '../../ui'
import { session } from '../../voice/session'
import styles from './RoomLog.module.css'

/** For hosts: what hosts have done here, the newest first; the latest can be undone. */
export function RoomLog({
  open,
  onOpenChange,
  room,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  room: Room
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [entries, setEntries] = useState<LogEntry[]>()
  const [turns, setTurns] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: they only say when to read
  useEffect(() => {
    if (!open) return
    let gone = false
    answer(api.GET('/api/rooms/{room}/log', { params: { path: { room: room.id } } })).then(
      (read) => !gone && setEntries(read.entries),
      () => undefined,
    )
    return () => {
      gone = true
    }
  }, [open, room.id, room.seq, turns])

  async function undo(entry: string) {
    const problem = await session.undo(entry)
    if (problem) toast({ text: say(problem) })
    setTurns((n) => n + 1)
  }

  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={t('room.log.title')}>
      {entries?.length === 0 && <p className={styles.none}>{t('room.log.empty')}</p>}
      <ul className={styles.log}>
        {entries?.map(({ id, by, action, person, seat, undone, can_undo }) => (
          <li key={id} className={styles.entry} data-undone={undone || undefined}>
            <span>
              {t(`room.log.${action}`, {
                by: isolate(by.name),
                name: isolate(person?.name ?? ''),
                seat: seat ?? 0,
              })}
            </span>
            {undone && <span className={styles.none}>{t('room.log.undone')}</span>}
            {can_undo && (
              <Button look="quiet" onClick={() => void undo(id)}>
                {t('room.log.undo')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
