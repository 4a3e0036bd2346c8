import { useEffect, useState } from 'react'
import type { Member } from '../../api'
import { useTranslation } from '../../i18n'
import { Aura, Button, LevelMeter, Select, Sheet, useStore } from '../../ui'
import { type MicCheck as Check, openMicCheck } from '../../voice/mic'
import styles from './MicCheck.module.css'
import { How } from './MicHelp'

const remembered = 'heyy.mic-checked'

/** Whether this person has heard themselves on this device before. */
export function micWasChecked(): boolean {
  try {
    return localStorage.getItem(remembered) !== null
  } catch {
    return false
  }
}

function remember(): void {
  try {
    localStorage.setItem(remembered, '1')
  } catch {
    // Asked again next time, that is all.
  }
}

/** Before the first seat: see that the microphone hears you, while nobody else does. */
export function MicCheck({ you, onClose, onGo }: { you: Member; onClose(): void; onGo(): void }) {
  const [check, setCheck] = useState<Check>()

  useEffect(() => {
    const opened = openMicCheck()
    setCheck(opened)
    return () => opened.stop()
  }, [])

  if (!check) return null
  return (
    <Open
      check={check}
      you={you}
      onClose={onClose}
      onGo={() => {
        remember()
        onGo()
      }}
    />
  )
}

function Open({
  check,
  you,
  onClose,
  onGo,
}: {
  check: Check
  you: Member
  onClose(): void
  onGo(): void
}) {
  const { t } = useTranslation()
  const state = useStore(check)
  const { status, devices } = state
  const refused = status === 'denied' || status === 'missing'
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={refused ? t(`room.mic.${status}Title`) : t('room.check.title')}
      lead={
        refused
          ? t(`room.mic.${status}Lead`)
          : status === 'asking'
            ? t('room.check.asking')
            : t('room.check.lead')
      }
      actions={
        <>
          {refused ? (
            <Button look="primary" large full onClick={() => check.choose(state.deviceId ?? '')}>
              {t('common.retry')}
            </Button>
          ) : (
            <Button look="primary" large full disabled={status !== 'ready'} onClick={onGo}>
              {t('room.check.go')}
            </Button>
          )}
          <Button look="plain" full onClick={onClose}>
            {t('room.check.later')}
          </Button>
        </>
      }
    >
      {refused ? (
        status === 'denied' && <How />
      ) : (
        <>
          <div className={styles.self}>
            <Aura person={you.person} size={220} level={state.level} />
          </div>
          <LevelMeter label={t('room.check.level')} level={state.level} />
          {devices.length > 1 && (
            <Select
              label={t('room.check.device')}
              value={state.deviceId ?? ''}
              onChange={(event) => check.choose(event.target.value)}
              options={devices.map((device, i) => ({
                value: device.id,
                label: device.label || t('room.check.unnamed', { number: i + 1 }),
              }))}
            />
          )}
        </>
      )}
    </Sheet>
  )
}
