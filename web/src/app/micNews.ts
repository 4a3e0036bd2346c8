import type { MicState } from '../voice/microphone'

export interface MicNews {
  say: 'taken' | 'lost' | 'back' | 'backMuted' | 'switched' | 'switchedMuted'
  /** Of the microphone. */
  name: string
}

interface Mic {
  mic: MicState
  /** Stays known while the microphone is away. */
  device?: string
}

const works = ({ mic }: Mic) => mic === 'open' || mic === 'muted'
const refused = ({ mic }: Mic) => mic === 'denied' || mic === 'missing'

/** What the system did to a microphone that was in use: taken, gone, back, or another one. */
export function micNews(before: Mic, now: Mic): MicNews[] {
  const name = now.device ?? ''
  if (now.mic === 'taken' && before.mic !== 'taken') return [{ say: 'taken', name }]
  // The first one of a seat or a call is no news of this kind.
  if (before.device === undefined || now.device === undefined) return []
  if (refused(now) && !refused(before)) return [{ say: 'lost', name }]
  if (!works(now)) return []
  const closed = now.mic === 'muted'
  if (before.device !== now.device) return [{ say: closed ? 'switchedMuted' : 'switched', name }]
  if (works(before) || before.mic === 'ready') return []
  return [{ say: closed ? 'backMuted' : 'back', name }]
}
