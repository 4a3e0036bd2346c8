import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { MomentAuthor } from '../api'
import { moments, newMoments } from '../realtime/moments'
import { fakeElement } from '../testing/element'
import { player } from '../voice/player'
import { stopGoneMoments } from './goneMoments'

vi.mock('../voice/audio', () => ({
  audioContext: () => ({ state: 'suspended', resume: async () => {} }),
}))

const author = (id: string, ...ids: string[]): MomentAuthor => ({
  person: { id, name: id, resident: false, verified: false },
  moments: ids.map((of) => ({
    id: of,
    at: 0,
    expires_at: Date.now() + 86_400_000,
    ms: 9000,
    text: '',
    heard: false,
  })),
})
const lists = (...people: MomentAuthor[]) => moments.take({ mine: [], people })
const play = (moment: string) =>
  player.play({ key: `/${moment}`, url: '', sound: () => new Blob(['x']), message: true, moment })

let stop: () => void
let listens: number
beforeEach(() => {
  fakeElement()
  listens = 0
  vi.spyOn(moments, 'start').mockImplementation(() => {
    listens++
    return () => listens--
  })
  lists(author('ada', 'a1', 'a2'), author('bob', 'b1'))
  newMoments.take({ mine: [], people: [author('dan', 'd1')] })
  stop = stopGoneMoments()
})
afterEach(() => {
  stop()
  player.drop()
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

it('stops a moment that was removed, and listens for that as long as one plays', async () => {
  expect(listens).toBe(0)
  await play('a2')
  expect(listens).toBe(1)
  lists(author('ada', 'a2'))
  expect(player.get().status).toBe('playing')
  lists(author('ada', 'a1'))
  expect(player.get().status).toBe('idle')
  expect(listens).toBe(0)
})

it('plays on what strangers have posted, and what has become theirs', async () => {
  await play('d1')
  newMoments.take({ mine: [], people: [] })
  lists()
  expect(player.get().status).toBe('playing')

  lists(author('ada', 'a1'))
  await play('a1')
  newMoments.take({ mine: [], people: [author('ada', 'a1')] })
  lists()
  expect(player.get().status).toBe('playing')
})
