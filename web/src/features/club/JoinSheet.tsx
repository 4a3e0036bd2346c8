import { useEffect, useState } from 'react'
import { answer, api, type Club } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { limits } from '../../i18n/vocabulary.gen'
import { useCommand } from '../../people'
import { Button, Sheet, TextField, Trouble, toast } from '../../ui'
import styles from './Club.module.css'
import { useKeepClub, useReread } from './clubs'

/**
 * The way into a club, and the rules on it: joins, asks to, or accepts rules that have changed. Without rules and without
 * a question, one joins by the button that would open this.
 */
export function JoinSheet({
  open,
  onOpenChange,
  club,
  invite,
  onJoined,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  club: Club
  /** The token of a link. */
  invite?: string
  onJoined?(): void
}) {
  const { t } = useTranslation()
  const { busy, trouble, run, forget } = useCommand()
  const reread = useReread(club.id)
  const keep = useKeepClub()
  const [note, setNote] = useState('')
  const name = isolate(club.name)
  const what = wayOf(club, invite)
  // The club is read again meanwhile: nobody accepts rules that have changed under their eyes.
  const [shown, setShown] = useState<Pick<Club, 'rules' | 'rules_version'>>()
  const { rules, rules_version } = shown ?? club
  // biome-ignore lint/correctness/useExhaustiveDependencies: only as it opens
  useEffect(() => {
    if (!open) return
    forget()
    setShown(club)
  }, [open])

  async function go() {
    const done = await run('go', async () => {
      if (what === 'accept') {
        await api.PUT('/api/clubs/{club}/rules', {
          params: { path: { club: club.id } },
          body: { rules_version },
        })
        await reread()
      } else if (what === 'ask') {
        await api.PUT('/api/clubs/{club}/request', {
          params: { path: { club: club.id } },
          body: { rules_version, note },
        })
        toast({ text: t('club.join.sent', { name }) })
        await reread()
      } else {
        keep(await join({ ...club, rules_version }, invite))
        toast({ text: t('club.join.done', { name }) })
      }
    })
    if (!done) {
      // The rules may have changed while they were read.
      await reread()
      setShown(undefined)
      return
    }
    onOpenChange(false)
    if (what === 'join') onJoined?.()
  }

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t(`club.join.${what}.title`, { name })}
      lead={t(rules ? `club.join.${what}.rules` : 'club.join.ask.lead')}
      actions={
        <>
          <Trouble>{trouble}</Trouble>
          <Button look="primary" large full busy={busy !== undefined} onClick={() => void go()}>
            {t(rules ? `club.join.${what}.go` : 'club.join.ask.plain')}
          </Button>
        </>
      }
    >
      {rules !== '' && (
        <section className={styles.rules} aria-label={t('club.rules')}>
          <p dir="auto">{rules}</p>
        </section>
      )}
      {what === 'ask' && (
        <TextField
          label={t('club.join.note')}
          hint={t('club.join.noteHint')}
          value={note}
          maxLength={limits.clubNoteMost}
          onChange={(event) => {
            setNote(event.target.value)
            forget()
          }}
        />
      )}
    </Sheet>
  )
}

/** What leads into a club: its rules are accepted anew, it is asked, or joined. */
export function wayOf(club: Club, invite?: string): 'accept' | 'ask' | 'join' {
  if (club.must_read) return 'accept'
  return club.entry === 'request' && !invite ? 'ask' : 'join'
}

export const join = (club: Club, invite?: string): Promise<Club> =>
  answer(
    api.POST('/api/clubs/{club}/join', {
      params: { path: { club: club.id } },
      body: { rules_version: club.rules_version, ...(invite && { invite }) },
    }),
  )
