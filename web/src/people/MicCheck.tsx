import { useEffect, useState } from 'react'
import { useTranslation } from '../i18n'
import { Aura, Button, LevelMeter, Select, Sheet, type Somebody, useStore } from '../ui'
import { type MicCheck as Check, openMicCheck } from '../voice/mic'
import { HowToAllow } from './HowToAllow'
import styles from './MicCheck.module.css'

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

/** What is said where somebody is about to speak. */
interface Words {
  lead: string
  denied: string
  missing: string
  go: string
  later: string
}

interface Asked {
  person: Somebody
  words: Words
  onClose(): void
  onGo(): void
}

/** Before the first word: see that the microphone hears you, while nobody else does. */
export function MicCheck({ onGo, ...asked }: Asked) {
  const [check, setCheck] = useState<Check>()

  useEffect(() => {
    const opened = openMicCheck()
    setCheck(opened)
    return () => opened.stop()
  }, [])

  if (!check) return null
  return (
    <Open
      {...asked}
      check={check}
      onGo={() => {
        remember()
        onGo()
      }}
    />
  )
}

function Open({ check, person, words, onClose, onGo }: Asked & { check: Check }) {
  const { t } = useTranslation()
  const state = useStore(check)
  const { status, devices } = state
  const refused = status === 'denied' || status === 'missing'
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={refused ? t(`mic.${status}Title`) : t('mic.check.title')}
      lead={refused ? words[status] : status === 'asking' ? t('mic.check.asking') : words.lead}
      actions={
        <>
          {refused ? (
            <Button look="primary" large full onClick={() => check.choose(state.deviceId ?? '')}>
              {t('common.retry')}
            </Button>
          ) : (
            <Button look="primary" large full disabled={status !== 'ready'} onClick={onGo}>
              {words.go}
            </Button>
          )}
          <Button look="plain" full onClick={onClose}>
            {words.later}
          </Button>
        </>
      }
    >
      {refused ? (
        status === 'denied' && <HowToAllow />
      ) : (
        <>
          <div className={styles.self}>
            <Aura person={person} size={220} level={state.level} />
          </div>
          <LevelMeter label={t('mic.check.level')} level={state.level} />
          {devices.length > 1 && (
            <Select
              label={t('mic.check.device')}
              value={state.deviceId ?? ''}
              onChange={(event) => check.choose(event.target.value)}
              options={devices.map((device, i) => ({
                value: device.id,
                label: device.label || t('mic.check.unnamed', { number: i + 1 }),
              }))}
            />
          )}
        </>
      )}
    </Sheet>
  )
}
