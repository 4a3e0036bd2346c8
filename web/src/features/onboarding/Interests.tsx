import { useState } from 'react'
import { answer, api } from '../../api'
import { useTranslation } from '../../i18n'
import { InterestPicker } from '../../people/InterestPicker'
import type { Asked } from './Step'
import { Step } from './Step'
import { useSave } from './useSave'

export function Interests({ me, way, onAnswer }: Asked) {
  const { t } = useTranslation()
  const { busy, error, setError, save } = useSave()
  const [interests, setInterests] = useState<string[]>(me.interests)

  return (
    <Step
      way={way}
      long
      title={t('onboarding.interests.title')}
      lead={t('onboarding.interests.lead')}
      error={error}
      busy={busy}
      onContinue={() =>
        interests.length === 0
          ? setError(t('onboarding.interests.missing'))
          : void save(() => answer(api.PATCH('/api/me', { body: { interests } })), onAnswer)
      }
    >
      <InterestPicker
        values={interests}
        onChange={(next) => {
          setInterests(next)
          setError(undefined)
        }}
      />
    </Step>
  )
}
