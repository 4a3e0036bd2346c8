import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Member, type Room } from '../../api'
import { useTranslation } from '../../i18n'
import { limits } from '../../i18n/vocabulary.gen'
import { useCommand } from '../../people'
import { Button, Sheet, Switch, Trouble } from '../../ui'
import styles from './Recorded.module.css'

const path = (room: string) => ({ params: { path: { room } } })

/** Whether one's voice is kept in a room that is recorded, and how to say so. */
function useKept(room: string, recorded: boolean) {
  const queries = useQueryClient()
  const queryKey = ['recording', room]
  const command = useCommand()
  const { data } = useQuery({
    queryKey,
    queryFn: () => answer(api.GET('/api/rooms/{room}/recording', path(room))),
    enabled: recorded,
    staleTime: 0,
  })
  return {
    ...command,
    kept: data,
    async keep(keep: boolean) {
      const done = await command.run(String(keep), () =>
        api.PUT('/api/rooms/{room}/recording', { ...path(room), body: { keep } }),
      )
      if (done) queries.setQueryData(queryKey, { keep, answered: true })
    },
  }
}

/** A red dot and a word for everybody inside. */
export function RecordedBadge({ onOpen }: { onOpen(): void }) {
  const { t } = useTranslation()
  return (
    <button type="button" className={styles.badge} onClick={onOpen}>
      <span className={styles.dot} aria-hidden />
      <span>{t('room.recorded.badge')}</span>
    </button>
  )
}

/** Asks whoever is on stage, once: without an answer nothing of their voice is kept. */
export function RecordedQuestion({ room, you }: { room: Room; you: Member }) {
  const { t } = useTranslation()
  const { kept, busy, trouble, keep } = useKept(room.id, room.recorded === true)
  if (!room.recorded || you.seat === undefined || !kept || kept.answered) return null
  return (
    <section className={styles.question} aria-labelledby="recorded-question">
      <h2 id="recorded-question">{t('room.recorded.question')}</h2>
      <p>{t('room.recorded.questionText')}</p>
      <div className={styles.answers}>
        <Button look="primary" busy={busy === 'true'} onClick={() => void keep(true)}>
          {t('room.recorded.yes')}
        </Button>
        <Button busy={busy === 'false'} onClick={() => void keep(false)}>
          {t('room.recorded.no')}
        </Button>
      </div>
      <Trouble>{trouble}</Trouble>
    </section>
  )
}

/** What is kept, for whom and how long, and one's own voice in it. */
export function RecordedSheet({
  open,
  onOpenChange,
  room,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  room: Room
}) {
  const { t } = useTranslation()
  const { kept, busy, trouble, keep } = useKept(room.id, open)
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('room.recorded.title')}
      lead={t('room.recorded.text', { days: limits.replayDraftDays, hours: limits.replayHours })}
      actions={
        <Button look="primary" large full onClick={() => onOpenChange(false)}>
          {t('room.shared.ok')}
        </Button>
      }
    >
      <Switch
        label={t('room.recorded.switch')}
        hint={t('room.recorded.hint')}
        on={kept?.keep === true}
        busy={busy !== undefined}
        onChange={(on) => void keep(on)}
      />
      <Trouble>{trouble}</Trouble>
    </Sheet>
  )
}
