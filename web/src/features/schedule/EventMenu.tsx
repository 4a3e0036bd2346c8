import { useState } from 'react'
import { api, type Event } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useCommand } from '../../people'
import { Button, Sheet, Trouble } from '../../ui'
import { useKeepEvent } from './events'
import styles from './Schedule.module.css'

/** What the host does seldom: change the event, cancel it. */
export function EventMenu({
  open,
  onOpenChange,
  event,
  onEdit,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  event: Event
  onEdit(): void
}) {
  const { t } = useTranslation()
  const keep = useKeepEvent()
  const { busy, trouble, run, forget } = useCommand()
  const [asks, setAsks] = useState(false)
  const close = (on: boolean) => {
    if (!on) {
      setAsks(false)
      forget()
    }
    onOpenChange(on)
  }
  async function cancel() {
    const done = await run('cancel', () =>
      api.POST('/api/events/{event}/cancel', { params: { path: { event: event.id } } }),
    )
    if (!done) return
    close(false)
    await keep()
  }
  if (asks) {
    return (
      <Sheet
        open={open}
        onOpenChange={close}
        alert
        title={t('event.cancel.title', { title: isolate(event.title) })}
        lead={t(event.weekly ? 'event.cancel.leadWeekly' : 'event.cancel.lead')}
        actions={
          <>
            <Button
              look="danger"
              large
              full
              busy={busy !== undefined}
              onClick={() => void cancel()}
            >
              {t('event.cancel.go')}
            </Button>
            <Button look="quiet" large full onClick={() => close(false)}>
              {t('event.cancel.keep')}
            </Button>
          </>
        }
      >
        <Trouble>{trouble}</Trouble>
      </Sheet>
    )
  }
  return (
    <Sheet open={open} onOpenChange={close} title={t('event.menu.title')}>
      <div className={styles.ways}>
        <Button large full onClick={onEdit}>
          {t('event.menu.edit')}
        </Button>
        <Button look="danger" large full onClick={() => setAsks(true)}>
          {t('event.cancel.open')}
        </Button>
      </div>
    </Sheet>
  )
}
