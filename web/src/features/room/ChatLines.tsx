import { Ellipsis } from 'lucide-react'
import type { Member } from '../../api'
import type { RoomMessage } from '../../api/types'
import { isolate, useTranslation } from '../../i18n'
import { clockTime } from '../../i18n/times'
import { AuraStill, IconButton } from '../../ui'
import styles from './Chat.module.css'

/** What one person writes within this stands under one name. */
const TOGETHER_MS = 5 * 60_000

/** Messages in order, the oldest first. */
export function Lines({
  messages,
  you,
  onMenu,
}: {
  messages: readonly RoomMessage[]
  you: Member
  /** None: nothing can be done with them here. */
  onMenu?: (message: RoomMessage) => void
}) {
  const { t } = useTranslation()
  return (
    <ol className={styles.lines}>
      {messages.map((message, i) => {
        const { id, person, text, at, deleted, mentioned } = message
        const before = messages[i - 1]
        // Of what was found, each stands alone.
        const goesOn =
          onMenu !== undefined && before?.person.id === person.id && at - before.at < TOGETHER_MS
        const mine = person.id === you.person.id
        return (
          <li
            key={id}
            className={styles.line}
            data-goes-on={goesOn || undefined}
            data-mentioned={mentioned || undefined}
          >
            {goesOn ? <span /> : <AuraStill person={person} size={32} />}
            <div className={styles.said}>
              <p className={goesOn ? 'only-heard' : styles.by}>
                <bdi className="cut">{mine ? t('room.you') : person.name}</bdi>
                <time dateTime={new Date(at).toISOString()}>{clockTime(at)}</time>
              </p>
              {mentioned && <span className="only-heard">{t('room.chat.mentionsYou')}</span>}
              <p dir="auto" className={deleted ? styles.deleted : styles.text}>
                {deleted ? t(`room.chat.deleted.${deleted}`) : text}
              </p>
            </div>
            {onMenu && !deleted && (
              <IconButton
                icon={Ellipsis}
                className={styles.more}
                label={t('room.chat.more', { name: isolate(mine ? t('room.you') : person.name) })}
                onClick={() => onMenu(message)}
              />
            )}
          </li>
        )
      })}
    </ol>
  )
}
