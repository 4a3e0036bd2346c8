import { inOneLine, useTranslation } from '../i18n'
import { browserOf, useStore } from '../ui'
import type { VoiceNote } from '../voice/voiceNote'
import styles from './people.module.css'

/** Why there is no recording, and what to do. */
export function Unable({ note }: { note: VoiceNote }) {
  const { t } = useTranslation()
  const state = useStore(note)
  if (state.at !== 'refused' && state.at !== 'missed') return null
  const text = () => {
    if (state.at === 'missed') {
      return t(state.why === 'short' ? 'chats.voice.short' : `recorder.${state.why}`)
    }
    if (state.why === 'call' || state.why === 'seat') return t(`chats.voice.${state.why}`)
    if (state.why !== 'denied') return t(`recorder.refused.${state.why}`)
    return inOneLine([
      t('recorder.refused.denied'),
      t(`mic.how.${browserOf(navigator.userAgent, navigator.maxTouchPoints)}`),
    ])
  }
  return (
    <p role="status" className={styles.unable}>
      {text()}
    </p>
  )
}
