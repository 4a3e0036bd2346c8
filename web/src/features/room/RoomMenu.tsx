import { CircleStop, Link2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Icon, Sheet, toast } from '../../ui'
import { session } from '../../voice/session'
import styles from './RoomMenu.module.css'
import { useCopyLink } from './useCopyLink'

/** What is done seldom: pass the link on, end the room. */
export function RoomMenu({
  open,
  onOpenChange,
  host,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  host: boolean
}) {
  const { t } = useTranslation()
  const copy = useCopyLink()
  const say = useProblemText()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    if (open) setAsking(false)
  }, [open])

  async function end() {
    setBusy(true)
    const problem = await session.end()
    setBusy(false)
    if (problem) toast({ text: t('room.refused', { reason: say(problem) }) })
  }

  if (asking) {
    return (
      <Sheet
        open={open}
        onOpenChange={onOpenChange}
        alert
        title={t('room.end.title')}
        lead={t('room.end.lead')}
        actions={
          <>
            <Button look="danger" large full busy={busy} onClick={() => void end()}>
              {t('room.end.go')}
            </Button>
            <Button look="quiet" large full onClick={() => onOpenChange(false)}>
              {t('room.end.stay')}
            </Button>
          </>
        }
      />
    )
  }

  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={t('room.more')}>
      <div className={styles.menu}>
        <button
          type="button"
          className={styles.item}
          onClick={() => {
            onOpenChange(false)
            void copy()
          }}
        >
          <Icon of={Link2} />
          <span>{t('room.menu.copy')}</span>
        </button>
        {host && (
          <button
            type="button"
            className={`${styles.item} ${styles.grave}`}
            onClick={() => setAsking(true)}
          >
            <Icon of={CircleStop} />
            <span>{t('room.menu.end')}</span>
          </button>
        )}
        <p className={styles.keys}>{t('room.menu.keys')}</p>
      </div>
    </Sheet>
  )
}
