import { useState } from 'react'
import { answer, api } from '../../api'
import { useTranslation } from '../../i18n'
import { AboutMe } from '../../people/AboutMe'
import type { Asked } from './Step'
import { Step } from './Step'
import { useSave } from './useSave'

export function Self({ me, way, onAnswer }: Asked) {
  const { t } = useTranslation()
  const { busy, error, setError, save } = useSave()
  const [self, setSelf] = useState({ gender: me.gender, pronouns: me.pronouns })

  return (
    <Step
      way={way}
      title={t('onboarding.self.title', { name: me.name })}
      lead={t('onboarding.self.lead')}
      error={error}
      busy={busy}
      onContinue={() =>
        self.gender === ''
          ? setError(t('onboarding.self.missing'))
          : void save(() => answer(api.PATCH('/api/me', { body: self })), onAnswer)
      }
    >
      <AboutMe
        value={self}
        onChange={(next) => {
          setSelf(next)
          setError(undefined)
        }}
      />
    </Step>
  )
}
