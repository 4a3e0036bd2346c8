import {
  CircleStop,
  DoorOpen,
  Hand,
  History,
  Link2,
  Lock,
  Pencil,
  SlidersHorizontal,
} from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Member, Room } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Icon, Sheet, Switch, toast, useStore } from '../../ui'
import { session } from '../../voice/session'
import { isShareable, leads } from './model'
import styles from './RoomMenu.module.css'
import { ShareSwitch } from './Sharing'
import { useCopyLink } from './useCopyLink'

/** What is done seldom: pass the link on, let anybody listen, end the room. */
export function RoomMenu({
  open,
  onOpenChange,
  room,
  you,
  onHands,
  onLog,
  onRecent,
  onEdit,
  onEntry,
  onSound,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  room: Room
  you: Member
  onHands(): void
  onLog(): void
  onRecent(): void
  onEdit(): void
  onEntry(): void
  onSound(): void
}) {
  const { t } = useTranslation()
  const host = you.role === 'host'
  const copy = useCopyLink(room.id, room.shared === true)
  const say = useProblemText()
  const silenced = useStore(session.silenced)
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    if (open) setAsking(false)
  }, [open])

  async function end() {
    setBusy(true)
    const problem = await session.end()
    setBusy(false)
    if (problem) toast({ text: say(problem) })
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
        <Switch
          label={t('room.quiet.label')}
          hint={t(you.seat === undefined ? 'room.quiet.hint' : 'room.quiet.hintOnStage')}
          on={silenced}
          onChange={session.quiet}
        />
        <button type="button" className={styles.item} onClick={onSound}>
          <Icon of={SlidersHorizontal} />
          <span>{t('sound.title')}</span>
        </button>
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
        {leads(you) && (
          <>
            <button type="button" className={styles.item} onClick={onEdit}>
              <Icon of={Pencil} />
              <span>{t('room.edit.title')}</span>
            </button>
            <button type="button" className={styles.item} onClick={onHands}>
              <Icon of={Hand} />
              <span>{t('room.hands.title')}</span>
            </button>
            <button type="button" className={styles.item} onClick={onLog}>
              <Icon of={History} />
              <span>{t('room.log.title')}</span>
            </button>
            <button type="button" className={styles.item} onClick={onRecent}>
              <Icon of={DoorOpen} />
              <span>{t('room.recent.title')}</span>
            </button>
          </>
        )}
        {host && (
          <button type="button" className={styles.item} onClick={onEntry}>
            <Icon of={Lock} />
            <span>{t('room.entry.title')}</span>
          </button>
        )}
        {host && isShareable(room) && <ShareSwitch shared={room.shared === true} />}
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
