import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { api, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { showPage } from '../../testing/page'
import { InboxPage } from '.'

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const mail = {
  to: 'ada@example.org',
  subject: 'Your code is 428917',
  text: 'It is good for ten minutes.',
  at: Date.UTC(2026, 2, 6, 19, 41),
}

/** The inbox of a server that answers so, one answer after the other. */
const inboxIs = (...answers: (object[] | Problem)[]) => {
  const get = vi.spyOn(api, 'GET')
  get.mockImplementation((async () => {
    const now = answers.length > 1 ? answers.shift() : answers[0]
    if (now instanceof Problem) throw now
    return { data: { mails: now }, response: new Response() }
  }) as never)
  return showPage(<InboxPage />)
}

it('shows each code large, beside whom it was sent to', async () => {
  await inboxIs([mail, { ...mail, to: 'ben@example.org', subject: 'Your code is 005113' }])
  expect(await screen.findByText('428917')).toBeTruthy()
  expect(screen.getByText('005113')).toBeTruthy()
  expect(screen.getByText('ben@example.org')).toBeTruthy()
  expect(screen.getAllByText('It is good for ten minutes.')).toHaveLength(2)
})

it('copies a code, and says so', async () => {
  const writeText = vi.fn(async () => {})
  vi.stubGlobal('navigator', { ...navigator, languages: ['en'], clipboard: { writeText } })
  await inboxIs([mail])
  const copy = await screen.findByRole('button', { name: 'Copy the code' })
  await act(async () => {
    fireEvent.click(copy)
  })
  expect(writeText).toHaveBeenCalledWith('428917')
  expect(screen.getByRole('button', { name: 'Copied' })).toBeTruthy()
})

it('shows a message without a code as it is', async () => {
  await inboxIs([{ ...mail, subject: 'Welcome', text: 'Hello.' }])
  expect(await screen.findByText('Welcome')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Copy the code' })).toBeNull()
})

it('says how the first message gets here', async () => {
  await inboxIs([])
  expect(await screen.findByRole('heading', { name: 'No messages yet' })).toBeTruthy()
})

it('says that a server which sends email has no inbox', async () => {
  await inboxIs(new Problem({ code: 'dev.off', status: 404, detail: '' }))
  expect(await screen.findByRole('heading', { name: 'There’s no inbox here' })).toBeTruthy()
})

it('asks again when the server did not answer', async () => {
  await inboxIs(Problem.offline(), [mail])
  const retry = await screen.findByRole('button', { name: 'Try again' })
  await act(async () => {
    fireEvent.click(retry)
  })
  expect(await screen.findByText('428917')).toBeTruthy()
})
