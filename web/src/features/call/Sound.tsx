import { useEffect, useState } from 'react'
import { me } from '../../api'
import { useTranslation } from '../../i18n'
import { HowToAllow } from '../../people'
import { LevelMeter, Select, Sheet, Switch, useStore } from '../../ui'
import { calls, chooseMicrophone, keepsNoise, quietRoom } from '../../voice/calls'
import { level } from '../../voice/levels'
import { choosesSpeaker, playOn, speaker } from '../../voice/speaker'

interface Device {
  id: string
  kind: MediaDeviceKind
  label: string
}

async function devices(): Promise<Device[]> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? []
  return all
    .filter((d) => d.deviceId !== '')
    .map((d) => ({ id: d.deviceId, kind: d.kind, label: d.label }))
}

/** What is heard of one, and where one hears: on this device only. */
export function Sound({ onClose }: { onClose(): void }) {
  const { t } = useTranslation()
  const { audio } = useStore(calls)
  const who = useStore(me)
  const [all, setAll] = useState<Device[]>([])
  const [microphone, setMicrophone] = useState('')
  const [output, setOutput] = useState(speaker)
  const [quiet, setQuiet] = useState(() => !keepsNoise())

  useEffect(() => {
    const look = () => void devices().then(setAll)
    look()
    navigator.mediaDevices?.addEventListener('devicechange', look)
    return () => navigator.mediaDevices?.removeEventListener('devicechange', look)
  }, [])

  const named = (kind: MediaDeviceKind) =>
    all
      .filter((d) => d.kind === kind)
      .map((d, i) => ({
        value: d.id,
        label: d.label || t('mic.check.unnamed', { number: i + 1 }),
      }))
  const inputs = named('audioinput')
  const outputs = named('audiooutput')
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('call.sound.open')}
      lead={t('call.sound.lead')}
    >
      {audio.mic === 'denied' ? (
        <HowToAllow />
      ) : (
        <LevelMeter
          label={t('mic.check.level')}
          level={() => (who.status === 'in' ? level(who.me.id) : 0)}
        />
      )}
      {inputs.length > 1 && (
        <Select
          label={t('mic.check.device')}
          value={microphone || (inputs[0]?.value ?? '')}
          onChange={(event) => {
            setMicrophone(event.target.value)
            chooseMicrophone(event.target.value)
          }}
          options={inputs}
        />
      )}
      {choosesSpeaker() && outputs.length > 1 && (
        <Select
          label={t('call.sound.output')}
          value={output || (outputs[0]?.value ?? '')}
          onChange={(event) => {
            setOutput(event.target.value)
            playOn(event.target.value)
          }}
          options={outputs}
        />
      )}
      <Switch
        label={t('call.sound.quiet')}
        hint={t('call.sound.quietHint')}
        on={quiet}
        onChange={(on) => {
          setQuiet(on)
          quietRoom(on)
        }}
      />
    </Sheet>
  )
}
