import { publishClip } from '../../api'
import { useTranslation } from '../../i18n'
import { PromptStack, useStack } from '../../people/PromptStack'
import { Recorder } from '../../people/Recorder'
import type { Asked } from './Step'
import { Step } from './Step'

/** The first card is a good one to begin with; shuffling brings the others. */
const FIRST = 'best_sound'

export function Voice({ way, onAnswer }: Asked) {
  const { t } = useTranslation()
  const stack = useStack([], FIRST)
  return (
    <Step way={way} long title={t('onboarding.voice.title')} lead={t('onboarding.voice.lead')}>
      <Recorder
        card={(still) => <PromptStack stack={stack} still={still} />}
        action={t('recorder.publish')}
        send={async (sound) => onAnswer(await publishClip(0, stack.key ?? FIRST, sound))}
      />
    </Step>
  )
}
