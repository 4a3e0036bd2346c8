import { useState } from 'react'
import type { Room } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Chips, Sheet, Switch, toast } from '../../ui'
import { type SlowSeconds, session } from '../../voice/session'

const steps = ['0', '10', '30', '60'] as const

/** The hosts': whether people write here, and how often. */
export function ChatRules({
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
  const [busy, setBusy] = useState(false)
  const slow = (room.slow_seconds ?? 0) as SlowSeconds

  async function set(chat: Room['chat'], pause: SlowSeconds) {
    setBusy(true)
    const problem = await session.setChat(chat, pause)
    setBusy(false)
    if (problem) toast({ text: say(problem) })
  }

  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={t('room.chat.rules')}>
      <Switch
        label={t('room.chat.on')}
        hint={t('room.chat.onHint')}
        on={room.chat === 'on'}
        busy={busy}
        onChange={(on) => void set(on ? 'on' : 'off', slow)}
      />
      <Chips<(typeof steps)[number]>
        label={t('room.chat.pause')}
        value={`${slow}`}
        onChange={(value: string) => void set(room.chat, Number(value) as SlowSeconds)}
        chips={steps.map((value) => ({
          value,
          label: t('room.chat.pauseOf', { seconds: Number(value) }),
        }))}
      />
      <p>{t('room.chat.pauseHint')}</p>
    </Sheet>
  )
}
