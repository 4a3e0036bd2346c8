import { jazz } from './clubs'
import * as people from './people'
import type { Scene } from './spec'

const at = (q: string, api: Scene['api']): Scene => ({
  path: q ? `/search?q=${encodeURIComponent(q)}` : '/search',
  lobby: { status: 'ready', cards: people.cards },
  api,
})

/** Open rooms and clubs by their words. */
export const finding: Record<string, Scene> = {
  'find-begin': at('', {}),
  'find-found': at('karaoke', {
    '/api/rooms': { rooms: people.cards.slice(0, 3) },
    '/api/clubs': { clubs: [jazz] },
  }),
  'find-none': at('Wmwmwmwmwm'.repeat(4), {
    '/api/rooms': { rooms: [] },
    '/api/clubs': { clubs: [] },
  }),
  'find-wait': at('karaoke', { '/api/rooms': 'never', '/api/clubs': 'never' }),
  'find-lost': at('karaoke', { '/api/rooms': 500, '/api/clubs': 500 }),
  'find-long': at('karaoke', {
    '/api/rooms': { problem: 422, code: 'search.too_long' },
    '/api/clubs': { problem: 422, code: 'search.too_long' },
  }),
}
