import { fireEvent, screen, waitFor } from '@testing-library/react'
import i18next from 'i18next'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { api, type Me, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { showPage } from '../../testing/page'
import { session } from '../../voice/session'
import { StartRoom } from './StartRoom'

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.restoreAllMocks()
})

const show = async (me: Partial<Me> = {}) => {
  vi.spyOn(session, 'join').mockResolvedValue()
  const post = vi
    .spyOn(api, 'POST')
    .mockResolvedValue({ data: { id: 'r' }, response: new Response() } as never)
  const who = { name: 'Ada', language: 'en', gender: 'man', verified: false, ...me } as Me
  const page = await showPage(
    <StartRoom open onOpenChange={() => {}} me={who} category={undefined} />,
  )
  const sent = () => (post.mock.calls[0]?.[1] as unknown as { body: object } | undefined)?.body
  return Object.assign(sent, page)
}
const open = () =>
  fireEvent.click(screen.getByRole('button', { name: i18next.t('lobby.start.go') }))
const choose = (label: string) => fireEvent.click(screen.getByLabelText(label))

it('opens a plain room with one tap', async () => {
  const sent = await show()
  open()
  await waitFor(() => expect(sent()).toBeDefined())
  expect(sent()).toEqual({
    title: i18next.t('lobby.start.suggestion'),
    category: 'talk',
    language: 'en',
    shape: 'lounge',
    access: 'open',
  })
})

it('asks for a PIN of four digits before it opens a room with one', async () => {
  const sent = await show()
  choose(i18next.t('room.entry.pin'))
  open()
  expect(screen.getByText(i18next.t('problem.room_pin_shape'))).toBeTruthy()
  fireEvent.change(screen.getByLabelText(i18next.t('room.entry.pinLabel')), {
    target: { value: '4711' },
  })
  open()
  await waitFor(() => expect(sent()).toMatchObject({ access: 'pin', pin: '4711' }))
})

it('offers nobody a room that they could not host', async () => {
  await show()
  expect(screen.queryByLabelText(i18next.t('room.entry.women'))).toBeNull()
  expect(screen.queryByLabelText(i18next.t('room.entry.verified'))).toBeNull()
})

it('sends what is behind "More"', async () => {
  const sent = await show({ gender: 'woman', verified: true })
  for (const key of ['women', 'verified', 'talks'] as const) choose(i18next.t(`room.entry.${key}`))
  fireEvent.change(screen.getByLabelText(i18next.t('room.entry.most')), { target: { value: '10' } })
  open()
  await waitFor(() =>
    expect(sent()).toMatchObject({
      women_only: true,
      verified_only: true,
      audience: false,
      capacity: 10,
    }),
  )
})

it('leads to the field that is wrong, and takes the error away as it is changed', async () => {
  const scrolled = vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(() => {})
  await show()
  choose(i18next.t('room.entry.pin'))
  open()
  const pin = screen.getByLabelText(i18next.t('room.entry.pinLabel'))
  expect(document.activeElement).toBe(pin)
  expect(scrolled.mock.contexts).toContain(pin)
  fireEvent.change(pin, { target: { value: '4711' } })
  expect(screen.queryByText(i18next.t('problem.room_pin_shape'))).toBeNull()
  const title = screen.getByLabelText(i18next.t('lobby.start.name'))
  fireEvent.change(title, { target: { value: ' ' } })
  open()
  expect(document.activeElement).toBe(title)
  fireEvent.change(title, { target: { value: 'Tea' } })
  expect(screen.queryByText(i18next.t('lobby.start.titleMissing'))).toBeNull()
})

it('says beside the button what the server refuses', async () => {
  await show()
  vi.mocked(api.POST).mockRejectedValue(
    new Problem({ code: 'club.closed', status: 409, detail: '' }),
  )
  open()
  const said = await screen.findByText(i18next.t('problem.club_closed'))
  expect(said.closest('footer')).not.toBeNull()
})

it('takes what is filled in along to the plan, but for a title that it proposed itself', async () => {
  const { at, along } = await show()
  const plan = () => fireEvent.click(screen.getByText(i18next.t('event.plan.later')))
  plan()
  await waitFor(() => expect(at()).toBe('/events'))
  expect(along().draft).toMatchObject({ title: '', category: 'talk', access: 'open' })
  fireEvent.change(screen.getByLabelText(i18next.t('lobby.start.name')), {
    target: { value: ' Tea and books ' },
  })
  for (const key of ['category.music', 'lobby.start.shape.stage', 'room.entry.followers'] as const)
    choose(i18next.t(key))
  choose(i18next.t('lobby.start.recorded'))
  fireEvent.change(screen.getByLabelText(i18next.t('lobby.start.language')), {
    target: { value: 'it' },
  })
  plan()
  await waitFor(() =>
    expect(along().draft).toEqual({
      title: 'Tea and books',
      category: 'music',
      language: 'it',
      shape: 'stage',
      access: 'followers',
      recorded: true,
    }),
  )
})
