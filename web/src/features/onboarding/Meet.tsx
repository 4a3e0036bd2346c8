import { useState } from 'react'
import { answer, api } from '../../api'
import { useTranslation } from '../../i18n'
import { agesAround, kept, shown } from '../../people/ages'
import { type Meeting, WhoToMeet } from '../../people/WhoToMeet'
import type { Asked } from './Step'
import { Step } from './Step'
import { useSave } from './useSave'

export function Meet({ me, way, onAnswer }: Asked) {
  const { t } = useTranslation()
  const { busy, error, setError, save } = useSave()
  const [meeting, setMeeting] = useState<Meeting>(() => ({
    meet: me.preferences.meet,
    ages: me.preferences.meet.length > 0 ? shown(me.preferences) : agesAround(me.age),
    intents: me.intents,
  }))

  function go() {
    const { meet, ages, intents } = meeting
    if (meet.length === 0) return setError(t('onboarding.meet.missing'))
    if (intents.length === 0) return setError(t('onboarding.meet.why'))
    const body = {
      intents: [...intents],
      preferences: { ...me.preferences, meet: [...meet], ...kept(ages) },
    }
    void save(() => answer(api.PATCH('/api/me', { body })), onAnswer)
  }

  return (
    <Step
      way={way}
      title={t('onboarding.meet.title')}
      lead={t('onboarding.meet.lead')}
      error={error}
      busy={busy}
      onContinue={go}
    >
      <WhoToMeet
        value={meeting}
        onChange={(next) => {
          setMeeting(next)
          setError(undefined)
        }}
      />
    </Step>
  )
}
