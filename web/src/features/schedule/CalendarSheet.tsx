import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Copy } from 'lucide-react'
import { useState } from 'react'
import { answer, api } from '../../api'
import { useTranslation } from '../../i18n'
import { useCommand } from '../../people'
import { Button, Sheet, Skeleton, Trouble, toast } from '../../ui'
import styles from './Schedule.module.css'

const key = ['calendar']

/** The address under which a calendar program reads one's events. It is shown once. */
export function CalendarSheet({
  open,
  onOpenChange,
}: {
  open: boolean
  onOpenChange(open: boolean): void
}) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const { busy, trouble, run } = useCommand()
  const [url, setURL] = useState<string>()
  const { data } = useQuery({
    queryKey: key,
    queryFn: () => answer(api.GET('/api/me/calendar')),
    enabled: open,
    staleTime: 0,
  })
  const reread = () => queries.invalidateQueries({ queryKey: key })
  const has = data?.made_at !== undefined

  const make = () =>
    run('make', async () => {
      const made = await answer(api.POST('/api/me/calendar'))
      // The server knows one of the addresses at which it is found; here it is this one.
      const { pathname } = new URL(made.url)
      setURL(new URL(pathname, location.origin).href)
    }).then(reread)
  const end = () =>
    run('end', async () => {
      await api.DELETE('/api/me/calendar')
      setURL(undefined)
      toast({ text: t('event.calendar.ended') })
    }).then(reread)
  async function copy() {
    try {
      await navigator.clipboard.writeText(url ?? '')
      toast({ text: t('event.copied') })
    } catch {
      toast({ text: t('room.menu.notCopied') })
    }
  }

  return (
    <Sheet
      open={open}
      onOpenChange={(on) => {
        if (!on) setURL(undefined)
        onOpenChange(on)
      }}
      title={t('event.calendar.title')}
      lead={t('event.calendar.lead')}
      actions={
        <>
          {url ? (
            <Button look="primary" large full icon={Copy} onClick={() => void copy()}>
              {t('event.calendar.copy')}
            </Button>
          ) : (
            <Button look="primary" large full busy={busy === 'make'} onClick={() => void make()}>
              {t(has ? 'event.calendar.again' : 'event.calendar.make')}
            </Button>
          )}
          {has && (
            <Button large full busy={busy === 'end'} onClick={() => void end()}>
              {t('event.calendar.end')}
            </Button>
          )}
        </>
      }
    >
      {url !== undefined && (
        <p className={styles.link} data-testid="calendar-link">
          {url}
        </p>
      )}
      {url === undefined && !data && <Skeleton height="1.5rem" />}
      <p className={styles.hint}>
        {t(has && !url ? 'event.calendar.on' : 'event.calendar.secret')}
      </p>
      <Trouble>{trouble}</Trouble>
    </Sheet>
  )
}
