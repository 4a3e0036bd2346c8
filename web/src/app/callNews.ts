import type { CallsState } from '../voice/calls'

export type CallNews =
  | { say: 'found' | 'calls' | 'away' | 'theyBack' | 'moreTheirs'; name: string }
  | {
      say:
        | 'connecting'
        | 'live'
        | 'minute'
        | 'added'
        | 'muted'
        | 'open'
        | 'reconnecting'
        | 'back'
        | 'elsewhere'
        | 'ended'
        | 'searching'
    }

/** What became different between two moments, as far as this person should hear of it. */
export function callNews(before: CallsState, now: CallsState): CallNews[] {
  const found: CallNews[] = []
  const was = before.call
  const is = now.call
  if (!before.queue?.waiting && now.queue?.waiting && !is) found.push({ say: 'searching' })
  if (is?.state === 'ended') {
    if (was?.id === is.id && was.state !== 'ended') found.push({ say: 'ended' })
    return found
  }
  if (!is) return found

  const name = is.person.name
  const same = was?.id === is.id ? was : undefined
  if (is.state === 'proposed' && !same && !is.mine) {
    found.push({ say: is.kind === 'direct' ? 'calls' : 'found', name })
  }
  if (is.state === 'connecting' && same?.state === 'proposed') found.push({ say: 'connecting' })
  if (is.state !== 'live') return found

  if (same && same.state !== 'live') found.push({ say: 'live' })
  if (!same) return found
  if (!before.lastMinute && now.lastMinute) found.push({ say: 'minute' })
  if (is.extensions > same.extensions) found.push({ say: 'added' })
  else if (is.extend_theirs && !same.extend_theirs && !is.extend_mine) {
    found.push({ say: 'moreTheirs', name })
  }
  if (!same.they_away && is.they_away) found.push({ say: 'away', name })
  else if (same.they_away && !is.they_away) found.push({ say: 'theyBack', name })
  const connection = [before.audio.connection, now.audio.connection]
  if (connection[0] === 'connected' && connection[1] === 'reconnecting')
    found.push({ say: 'reconnecting' })
  if (connection[0] === 'reconnecting' && connection[1] === 'connected') found.push({ say: 'back' })
  if (connection[0] !== 'elsewhere' && connection[1] === 'elsewhere')
    found.push({ say: 'elsewhere' })
  if (before.audio.mic === 'open' && now.audio.mic === 'muted') found.push({ say: 'muted' })
  if (before.audio.mic === 'muted' && now.audio.mic === 'open') found.push({ say: 'open' })
  return found
}
