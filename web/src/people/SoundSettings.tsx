import { useEffect, useState } from 'react'
import { useTranslation } from '../i18n'
import { Button, Switch, useFine, useStore } from '../ui'
import { evensOut } from '../voice/evenness'
import { adjustable } from '../voice/mix'
import { isTalkKey, talkKey, usualTalkKey } from '../voice/pushToTalk'
import { ConnectionCheck } from './ConnectionCheck'
import styles from './SoundSettings.module.css'

/** How this device lets voices be heard, and its person talk. */
export function SoundSettings() {
  const { t } = useTranslation()
  const even = useStore(evensOut)
  // Where there is no keyboard, there is no key to hold.
  const keyboard = useFine()
  return (
    <div className={styles.settings}>
      {adjustable() && (
        <Switch
          label={t('sound.even')}
          hint={t('sound.evenHint')}
          on={even}
          onChange={evensOut.choose}
        />
      )}
      {keyboard && <TalkKey />}
      <ConnectionCheck />
    </div>
  )
}

function TalkKey() {
  const { t } = useTranslation()
  const code = useStore(talkKey)
  const [asking, setAsking] = useState(false)
  const [refused, setRefused] = useState(false)
  const names = useKeyNames()

  useEffect(() => {
    if (!asking) return
    const pressed = (event: KeyboardEvent) => {
      // Tab moves on, and Escape closes what this stands in.
      if (event.code === 'Tab' || event.code === 'Escape') {
        setAsking(false)
        return
      }
      event.preventDefault()
      event.stopPropagation()
      if (event.repeat) return
      if (!isTalkKey(event.code)) {
        setRefused(true)
        return
      }
      talkKey.choose(event.code)
      setAsking(false)
    }
    document.addEventListener('keydown', pressed, true)
    return () => document.removeEventListener('keydown', pressed, true)
  }, [asking])

  const name = (of: string) => (of === 'Space' ? t('sound.space') : names(of))
  return (
    <>
      <Switch
        label={t('sound.hold')}
        hint={t('sound.holdHint')}
        on={code !== undefined}
        onChange={(on) => {
          talkKey.choose(on ? usualTalkKey : undefined)
          setAsking(false)
        }}
      />
      {code !== undefined && (
        <div className={styles.key}>
          <span role="status">
            {asking
              ? t(refused ? 'sound.otherKey' : 'sound.pressKey')
              : t('sound.key', { key: name(code) })}
          </span>
          <Button
            look="quiet"
            onClick={() => {
              setRefused(false)
              setAsking(!asking)
            }}
          >
            {t(asking ? 'common.cancel' : 'sound.changeKey')}
          </Button>
        </div>
      )}
    </>
  )
}

interface Keyboard {
  getLayoutMap?(): Promise<ReadonlyMap<string, string>>
}

/** What is printed on a key, where the browser tells; otherwise the key of the same place on most keyboards. */
function useKeyNames(): (code: string) => string {
  const [printed, setPrinted] = useState<ReadonlyMap<string, string>>()
  useEffect(() => {
    const { keyboard } = navigator as Navigator & { keyboard?: Keyboard }
    keyboard?.getLayoutMap?.().then(setPrinted, () => undefined)
  }, [])
  return (code) => printed?.get(code)?.toUpperCase() ?? code.replace(/^(Key|Digit)/, '')
}
