import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { api } from '../../api'
import { startI18n } from '../../i18n'
import { withoutTalk } from '../../realtime/roomTalk'
import { people } from '../../testing/page'
import { captionsMine, captionsShown, captionsTyped } from '../../voice/captionChoices'
import { CaptionField, CaptionSwitches, Captions } from './Captions'
import { READ_MS, useCaptions, withLine, withoutOld } from './captions'

beforeAll(() => startI18n('en'))
afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  for (const one of [captionsShown, captionsMine, captionsTyped]) one.choose(false)
})

const roomId = 'r-karaoke'
function Stage() {
  const room = people.room(people.listening)
  return <Captions room={room} lines={useCaptions(room).lines} />
}
const hear = (who: string, line: number, text: string) =>
  act(() =>
    withoutTalk(roomId, { event() {}, missed() {} }).event({
      type: 'caption',
      person_id: who,
      line,
      text,
    }),
  )
const named = (name: string) => screen.queryByLabelText(name)

it('shows the last two lines of each on stage, once switched on', () => {
  captionsShown.choose(true)
  render(<Stage />)
  expect(screen.queryByTestId('captions')).toBeNull()
  hear('p-nora', 1, 'One')
  hear('p-nora', 2, 'Two')
  hear('p-nora', 3, 'Thr')
  hear('p-nora', 3, 'Three')
  hear('p-giulia', 1, 'not on stage')
  const captions = screen.getByTestId('captions')
  expect(captions.getAttribute('aria-live')).toBe('off')
  expect(captions.textContent).toBe('NoraTwoThree')
  expect(captions.querySelector('bdi')?.textContent).toBe('Nora')
  expect(captions.querySelectorAll('[dir="auto"]')).toHaveLength(2)
})

it('offers captions only while somebody on stage makes some', async () => {
  const room = people.room(people.listening)
  const { rerender } = render(<CaptionSwitches room={room} sits={false} captioned={false} />)
  expect(named('Show captions')).toBeNull()
  rerender(<CaptionSwitches room={room} sits={false} captioned />)
  fireEvent.click(screen.getByLabelText('Show captions'))
  expect(captionsShown.get()).toBe(true)
  expect(localStorage.getItem('heyy.captions-shown')).toBe('1')
  // Who listens makes none.
  expect(named('Type captions')).toBeNull()
  expect(named('Captions of my voice')).toBeNull()
})

it('lets whoever sits type, and says why their voice is not written down', async () => {
  render(<CaptionSwitches room={people.room(people.sitting)} sits captioned={false} />)
  await screen.findByText(/can’t write down your voice/)
  expect(named('Captions of my voice')).toBeNull()
  fireEvent.click(screen.getByLabelText('Type captions'))
  expect(captionsTyped.get()).toBe(true)

  const post = vi.spyOn(api, 'POST').mockResolvedValue({} as never)
  render(<CaptionField room={roomId} />)
  const field = screen.getByLabelText<HTMLInputElement>('Type what you say')
  fireEvent.change(field, { target: { value: '  مساء   الخير ' } })
  await act(async () => fireEvent.submit(field))
  expect(post).toHaveBeenCalledWith('/api/rooms/{room}/caption', {
    params: { path: { room: roomId } },
    body: { line: expect.any(Number), text: 'مساء الخير', final: true, typed: true },
  })
  expect(field.value).toBe('')
})

it('offers captions of the own voice where the device recognises it, off at first', async () => {
  class Local {
    static available = async () => 'available'
    get processLocally() {
      return true
    }
  }
  vi.stubGlobal('SpeechRecognition', Local)
  render(<CaptionSwitches room={people.room(people.speaking)} sits captioned={false} />)
  const mine = await screen.findByLabelText('Captions of my voice')
  expect(mine.getAttribute('aria-checked')).toBe('false')
  fireEvent.click(mine)
  expect(localStorage.getItem('heyy.captions-mine')).toBe('1')
})

it('forgets a line after a while', () => {
  const event = { type: 'caption' as const, person_id: 'p', line: 1, text: 'x' }
  const lines = withLine(withLine(new Map(), event, 0), { ...event, line: 2 }, 100)
  expect(withoutOld(lines, READ_MS).get('p')).toEqual([{ line: 2, text: 'x', at: 100 }])
  expect(withoutOld(lines, READ_MS + 100).size).toBe(0)
})
