import { useEffect, useState } from 'react'
import { me, type Room } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { EntryFields, entryOf, isPIN } from '../../people'
import { Button, Sheet, Trouble, useStore, useWrongField } from '../../ui'
import { session } from '../../voice/session'
import styles from './EntrySheet.module.css'

/** For the host: who can come in from now on. Those inside stay. */
export function EntrySheet({
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
  const who = useStore(me)
  const [wish, setWish] = useState(() => entryOf(room))
  const [busy, setBusy] = useState(false)
  const [pinError, setPinError] = useState<string>()
  const [trouble, setTrouble] = useState<string>()
  const { form, refused } = useWrongField<HTMLDivElement>()
  // What is being filled in is not taken away by a change that somebody else makes meanwhile.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only as it opens
  useEffect(() => {
    if (!open) return
    setWish(entryOf(room))
    setPinError(undefined)
    setTrouble(undefined)
  }, [open])

  async function save() {
    const { access, pin } = wish
    const keeps = room.access === 'pin' && pin === ''
    if (access === 'pin' && !keeps && !isPIN(pin)) {
      setPinError(t('problem.room_pin_shape'))
      setTrouble(undefined)
      return refused()
    }
    setBusy(true)
    const problem = await session.setEntry({
      access,
      capacity: wish.capacity,
      women_only: wish.womenOnly,
      verified_only: wish.verifiedOnly,
      ...(access === 'pin' && pin !== '' ? { pin } : {}),
    })
    setBusy(false)
    setPinError(problem?.field === 'body.pin' ? say(problem) : undefined)
    setTrouble(problem && problem.field !== 'body.pin' ? say(problem) : undefined)
    if (problem) refused()
    else onOpenChange(false)
  }

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('room.entry.title')}
      lead={t(room.shared ? 'room.entry.leadShared' : 'room.entry.lead')}
      actions={
        <>
          <Trouble>{trouble}</Trouble>
          <Button look="primary" large full busy={busy} onClick={() => void save()}>
            {t('common.save')}
          </Button>
        </>
      }
    >
      {who.status === 'in' && (
        <div ref={form} className={styles.fields}>
          <EntryFields
            wish={wish}
            onChange={(changed) => {
              setWish(changed)
              setPinError(undefined)
            }}
            me={who.me}
            inClub={room.in_club === true}
            pinError={pinError}
            hasPIN={room.access === 'pin'}
            titled
          />
        </div>
      )}
    </Sheet>
  )
}
