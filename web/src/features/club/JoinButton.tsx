import { useState } from 'react'
import type { Club } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useCommand } from '../../people'
import { Button, Trouble, toast } from '../../ui'
import { useKeepClub } from './clubs'
import { JoinSheet, join, wayOf } from './JoinSheet'

/** Joins at once where there is nothing to read or to ask. */
export function JoinButton({
  club,
  invite,
  onJoined,
}: {
  club: Club
  invite?: string
  onJoined?(): void
}) {
  const { t } = useTranslation()
  const { busy, trouble, run } = useCommand()
  const keep = useKeepClub()
  const [open, setOpen] = useState(false)
  const way = wayOf(club, invite)

  async function press() {
    if (club.rules || way === 'ask') return setOpen(true)
    const done = await run('join', async () => {
      keep(await join(club, invite))
      toast({ text: t('club.join.done', { name: isolate(club.name) }) })
    })
    if (done) onJoined?.()
  }

  return (
    <>
      <Button look="primary" large full busy={busy !== undefined} onClick={() => void press()}>
        {t(`club.join.${way}.open`)}
      </Button>
      <Trouble>{trouble}</Trouble>
      <JoinSheet
        open={open}
        onOpenChange={setOpen}
        club={club}
        {...(invite && { invite })}
        {...(onJoined && { onJoined })}
      />
    </>
  )
}
