import { describe, expect, it } from 'vitest'
import type { RoomMessage } from '../api/types'
import { type ChatFields, chatReducer } from './roomChat'

const message = (at: number, more: Partial<RoomMessage> = {}): RoomMessage => ({
  id: `m${at}`,
  person: { id: 'p', name: 'Nora', resident: false, verified: false },
  text: `Text ${at}`,
  at,
  ...more,
})
const page = (next: string | undefined, ...at: number[]) => ({
  messages: at.map((one) => message(one)).reverse(),
  ...(next === undefined ? {} : { next }),
})
const known = (next: string | undefined, ...at: number[]): ChatFields => ({
  messages: at.map((one) => message(one)),
  next,
})
const times = (state: ChatFields | 'gap') =>
  state === 'gap' ? state : state.messages.map(({ at }) => at)

describe('the chat of a room', () => {
  it('begins with the newest page, and knows where the older ones are', () => {
    const read = chatReducer.merge(chatReducer.initial, page('c', 4, 5, 6))
    expect(times(read)).toEqual([4, 5, 6])
    expect(read.next).toBe('c')
  })

  it('keeps older pages that were read, beside what is new', () => {
    const read = chatReducer.merge(known('a', 1, 2, 3, 4), page('c', 3, 4, 5))
    expect(times(read)).toEqual([1, 2, 3, 4, 5])
    expect(read.next).toBe('a')
  })

  it('lets go of what is no longer next to what is new', () => {
    const read = chatReducer.merge(known('a', 1, 2), page('c', 7, 8))
    expect(times(read)).toEqual([7, 8])
    expect(read.next).toBe('c')
  })

  it('knows its beginning when the answer has everything', () => {
    expect(chatReducer.merge(known('a', 3), page(undefined, 1, 2, 3)).next).toBeUndefined()
  })

  it('shows no longer what the answer would have and has not', () => {
    expect(times(chatReducer.merge(known(undefined, 1, 2, 3, 9), page(undefined, 1, 3)))).toEqual([
      1, 3, 9,
    ])
  })

  it('puts a message in its place once, however often it is told', () => {
    const once = chatReducer.apply(known(undefined, 1, 3), { type: 'message', message: message(2) })
    expect(times(once)).toEqual([1, 2, 3])
    const twice = chatReducer.apply(once as ChatFields, { type: 'message', message: message(2) })
    expect(times(twice)).toEqual([1, 2, 3])
  })

  it('forgets the text of what was deleted, and an older answer does not bring it back', () => {
    const gone = chatReducer.apply(known(undefined, 1, 2), {
      type: 'message_deleted',
      id: 'm2',
      deleted: 'host',
    }) as ChatFields
    expect(gone.messages[1]).toMatchObject({ text: '', deleted: 'host' })
    expect(chatReducer.merge(gone, page(undefined, 1, 2)).messages[1]).toMatchObject({ text: '' })
    const late = chatReducer.apply(gone, { type: 'message', message: message(2) }) as ChatFields
    expect(late.messages[1]).toMatchObject({ text: '' })
  })
})
