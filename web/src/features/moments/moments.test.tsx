import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Me, type MomentAuthor, Problem, setMe } from '../../api'
import { forgetClock, heardDate } from '../../api/clock'
import { startI18n } from '../../i18n'
import { moments, newMoments } from '../../realtime/moments'
import { outgoing } from '../../realtime/outgoing'
import { showPage } from '../../testing/page'
import { player } from '../../voice/player'
import { PostSheet } from './PostSheet'
import { begin, firstOf, itemsOf } from './playlist'
import { Rail } from './Rail'

const { posts } = vi.hoisted(() => ({ posts: vi.fn() }))
vi.mock('../../voice/recorder', () => {
  const state = { at: 'ready' }
  return {
    newRecorder: () => ({
      get: () => state,
      subscribe: () => () => {},
      level: () => 0,
      ms: () => 0,
      bars: () => [],
      close() {},
    }),
  }
})
vi.mock('../../api', async (original) => ({ ...(await original<object>()), postMoment: posts }))

const far = Date.now() + 86_400_000
const author = (id: string, ...heard: boolean[]): MomentAuthor => ({
  person: { id, name: id, resident: false, verified: false },
  chat: 'there',
  moments: heard.map((is, i) => ({
    id: `${id}${i}`,
    at: i,
    expires_at: far,
    ms: 9000,
    text: '',
    heard: is,
  })),
})
const own = { id: 'm0', at: 0, expires_at: far, ms: 9000, text: '', heard_by: 0 }

beforeAll(() => startI18n('en'))
beforeEach(() => {
  setMe({ id: 'me', name: 'Mara', resident: false, verified: false } as Me)
  vi.spyOn(moments, 'start').mockReturnValue(() => {})
  vi.spyOn(moments, 'refresh').mockResolvedValue()
  moments.take({
    mine: [{ ...own, audience: 'matches' }],
    people: [author('ada', true, false), author('bob', false), author('cleo', true)],
  })
  newMoments.take({ mine: [], people: [author('dan', false)] })
})
afterEach(() => {
  vi.restoreAllMocks()
  forgetClock()
  outgoing.draft('moment', undefined)
})

describe('the rail', () => {
  it('shows one’s own first, and says what is unheard', async () => {
    await showPage(<Rail source="known" />)
    const names = screen.getAllByRole('link').map((link) => link.getAttribute('aria-label'))
    expect(names.map((name) => name?.replaceAll(/[\u2068\u2069]/g, ''))).toEqual([
      'You, Your moments',
      'ada, 1 new moment',
      'bob, 1 new moment',
      'cleo, no new moments',
    ])
    expect(screen.getByRole('button', { name: 'New moment' })).toBeTruthy()
  })

  it('begins with what is unheard, within the tap', async () => {
    const play = vi.spyOn(player, 'play').mockResolvedValue()
    await showPage(<Rail source="known" />)
    fireEvent.click(screen.getByRole('link', { name: /ada/ }))
    const [recording] = play.mock.calls[0] ?? []
    expect(recording?.url).toBe('/api/moments/ada1/audio')
    // It plays on to whoever has something unheard, and not to those who have not.
    expect(recording?.next?.()?.moment).toBe('bob0')
    expect(recording?.next?.()?.next?.()).toBeUndefined()
    expect(recording?.previous?.()?.moment).toBe('ada0')
    recording?.onBegin?.()
    expect(moments.get().people[0]?.moments[1]?.heard).toBe(true)
  })

  it('is no place of its own in Discover while there is nobody to hear', async () => {
    vi.spyOn(newMoments, 'start').mockReturnValue(() => {})
    vi.spyOn(newMoments, 'refresh').mockResolvedValue()
    await showPage(<Rail source="new" />)
    expect(screen.getByRole('link', { name: /dan/ })).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'New moment' })).toBeNull()
    act(() => newMoments.drop('dan'))
    expect(screen.queryByRole('region')).toBeNull()
  })
})

it('what is over by the clock is not played', () => {
  begin('known')
  vi.spyOn(Date, 'now').mockReturnValue(far)
  expect(firstOf(itemsOf('ada', 'known'))).toBeUndefined()
})

it('what is over only by a clock that is ahead can be heard', async () => {
  heardDate(new Date().toUTCString())
  vi.spyOn(Date, 'now').mockReturnValue(far)
  expect(itemsOf('ada', 'known')).toHaveLength(2)
  await showPage(<Rail source="known" />)
  expect(screen.getByRole('link', { name: /ada/ })).toBeTruthy()
})

describe('the draft of a moment', () => {
  const draft = async () => {
    const voice = { bytes: new ArrayBuffer(44), type: 'audio/ogg' as const, ms: 9000, peaks: [] }
    outgoing.draft('moment', { text: 'At night', voice, moment: 'draft-id' })
    await showPage(<PostSheet open onOpenChange={() => {}} />)
  }
  const post = async () => {
    await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Post' })))
  }

  it('goes to whom one has chosen, with its text, and leaves nothing', async () => {
    posts.mockResolvedValueOnce({ ...own, id: 'posted-id', audience: 'everyone' })
    await draft()
    fireEvent.click(screen.getByRole('radio', { name: 'Everyone' }))
    await post()
    expect(posts).toHaveBeenCalledWith(
      'draft-id',
      { text: 'At night', audience: 'everyone' },
      expect.any(Blob),
    )
    expect(outgoing.get().drafts.has('moment')).toBe(false)
    expect(moments.get().mine.map((m) => m.id)).toContain('posted-id')
  })

  it('stays when there is no network, and says so; again, it is the same one', async () => {
    posts.mockRejectedValueOnce(Problem.offline())
    await draft()
    await post()
    expect(screen.getByText(/You’re offline/)).toBeTruthy()
    expect(outgoing.get().drafts.get('moment')?.moment).toBe('draft-id')
  })

  it('has an id of its own after one was removed', async () => {
    posts.mockRejectedValueOnce(new Problem({ code: 'moment.none', status: 404, detail: '' }))
    await draft()
    await post()
    expect(outgoing.get().drafts.get('moment')?.moment).not.toBe('draft-id')
  })
})
