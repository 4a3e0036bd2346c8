import { useEffect, useState } from 'react'
import type { Me } from '../../api'
import { useTranslation } from '../../i18n'
import { browserOf } from '../../people/browser'
import { Aura, Button, LevelMeter, Select, Sheet, useStore } from '../../ui'
import { type MicCheck as Check, openMicCheck } from '../../voice/mic'
import styles from './Call.module.css'
import { rememberMicCheck } from './useEar'

/** Before the first call: see that the microphone hears you, while nobody else does. */
export function MicCheck({ me, onClose, onGo }: { me: Me; onClose(): void; onGo(): void }) {
  const [check, setCheck] = useState<Check>()

  useEffect(() => {
    const opened = openMicCheck()
    setCheck(opened)
    return () => opened.stop()
  }, [])

  return check ? <Open check={check} me={me} onClose={onClose} onGo={onGo} /> : null
}

function Open({
  check,
  me,
  onClose,
  onGo,
}: {
  check: Check
  me: Me
  onClose(): void
  onGo(): void
}) {
  const { t } = useTranslation()
  const { status, devices, level, deviceId } = useStore(check)
  const refused = status === 'denied' || status === 'missing'
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={refused ? t(`room.mic.${status}Title`) : t('room.check.title')}
      lead={
        refused
          ? t(`call.mic.${status}`)
          : status === 'asking'
            ? t('room.check.asking')
            : t('call.check.lead')
      }
      actions={
        <>
          {refused ? (
            <Button look="primary" large full onClick={() => check.choose(deviceId ?? '')}>
              {t('common.retry')}
            </Button>
          ) : (
            <Button
              look="primary"
              large
              full
              disabled={status !== 'ready'}
              onClick={() => {
                rememberMicCheck()
                onGo()
              }}
            >
              {t('call.check.go')}
            </Button>
          )}
          <Button look="plain" full onClick={onClose}>
            {t('call.check.later')}
          </Button>
        </>
      }
    >
      {status === 'denied' && <How />}
      {!refused && (
        <>
          <div className={styles.self}>
            <Aura person={me} size={220} level={level} />
          </div>
          <LevelMeter label={t('room.check.level')} level={level} />
          {devices.length > 1 && (
            <Select
              label={t('room.check.device')}
              value={deviceId ?? ''}
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

/** How to open a blocked microphone, in this browser. */
export function How() {
  const { t } = useTranslation()
  const browser = browserOf(navigator.userAgent, navigator.maxTouchPoints)
  return (
    <p className={styles.how}>
      {window.isSecureContext ? t(`room.mic.how.${browser}`) : t('room.mic.insecure')}
    </p>
  )
}
