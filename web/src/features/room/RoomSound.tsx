import type { Room } from '../../api'
import { useTranslation } from '../../i18n'
import { SoundSettings } from '../../people'
import { Select, Sheet, Switch, useStore } from '../../ui'
import { readOut, toRead } from '../../voice/readOut'
import { session } from '../../voice/session'
import { CaptionSwitches } from './Captions'

/** How this device lets rooms be heard, and what it says of them. */
export function RoomSound({
  open,
  onOpenChange,
  room,
  sits,
  captioned,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  room: Room
  sits: boolean
  /** Whether anybody on stage captions. */
  captioned: boolean
}) {
  const { t } = useTranslation()
  const chosen = useStore(readOut)
  const music = useStore(session.music)
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('sound.title')}
      lead={t('call.sound.lead')}
    >
      <Switch
        label={t('room.music.label')}
        hint={t('room.music.hint')}
        on={music}
        onChange={session.setMusic}
      />
      <CaptionSwitches room={room} sits={sits} captioned={captioned} />
      <SoundSettings />
      <Select
        label={t('room.readOut.label')}
        value={chosen}
        options={toRead.map((value) => ({ value, label: t(`room.readOut.${value}`) }))}
        onChange={(event) => {
          const wanted = toRead.find((value) => value === event.target.value)
          if (wanted) readOut.choose(wanted)
        }}
      />
    </Sheet>
  )
}
