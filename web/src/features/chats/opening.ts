import type { Match } from '../../api'

export type RevealState = 'none' | 'mine' | 'theirs' | 'open'

/** Where two people stand with showing their photos. */
export function revealState(reveal: Match['reveal']): RevealState {
  if (reveal.mine && reveal.theirs && reveal.opened_at !== undefined) return 'open'
  if (reveal.mine) return 'mine'
  return reveal.theirs ? 'theirs' : 'none'
}
