import { act, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, type Me, me, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { people, showPage } from '../../testing/page'
import { Onboarding } from '.'

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.stubGlobal('scrollTo', () => {})
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  sessionStorage.clear()
})

/** Whoever is asked, by what the server still misses of them: one thing less after each answer. */
function askedIs(needs: string[], more: Partial<Me> = {}) {
  const asked = { ...people.me, onboarded: false, needs, gender: '', ...more } as Me
  vi.spyOn(me, 'get').mockReturnValue({ status: 'in', me: asked })
  vi.spyOn(api, 'PATCH').mockResolvedValue({
    data: { ...asked, needs: needs.slice(1) },
    response: new Response(),
  } as never)
  return showPage(<Onboarding />)
}
const begins = () => askedIs([], { complete: false })
const press = (name: string) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }))
  })
const write = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } })
const title = () => screen.getByRole('heading', { level: 1 }).textContent

async function saysWhoTheyAre(year: string) {
  await begins()
  write('Your name', 'Mara')
  write('Day', '2')
  write('Month', '5')
  write('Year', year)
  await press('Continue')
}

it('begins with a name and a birth date', async () => {
  const post = vi.spyOn(api, 'POST').mockResolvedValue({
    data: people.me,
    response: new Response(),
  } as never)
  await saysWhoTheyAre('1994')
  expect(post).toHaveBeenCalledWith('/api/me/sign-up', {
    body: { birth_date: '1994-05-02', name: 'Mara', language: 'en' },
  })
})

it('says at the date that it is missing, and sends nothing', async () => {
  const post = vi.spyOn(api, 'POST')
  await begins()
  write('Your name', 'Mara')
  await press('Continue')
  const date = within(screen.getByRole('group', { name: 'Date of birth' }))
  expect(date.getByText('Enter the day, month and year.')).toBeTruthy()
  expect(post).not.toHaveBeenCalled()
})

it('tells somebody too young when to come back', async () => {
  vi.spyOn(api, 'POST').mockRejectedValue(
    new Problem({ code: 'account.too_young', status: 403, detail: '' }),
  )
  await saysWhoTheyAre('2020')
  expect(title()).toBe('Come back when you’re 18')
})

it('asks first how somebody sees themselves, then whom they would like to meet', async () => {
  await askedIs(['gender', 'meet', 'intents'])
  expect(title()).toBe('Nice to meet you, Mara')
  expect(screen.getByRole('img', { name: 'Question 1 of 6' })).toBeTruthy()
  fireEvent.click(screen.getByRole('radio', { name: 'Nonbinary' }))
  fireEvent.click(screen.getByRole('radio', { name: 'they/them' }))
  await press('Continue')
  expect(api.PATCH).toHaveBeenCalledWith('/api/me', {
    body: { gender: 'nonbinary', pronouns: 'they/them' },
  })
  await vi.waitFor(() => expect(title()).toBe('Who would you like to meet?'))
})

it('says what is missing instead of going on', async () => {
  await askedIs(['gender'])
  await press('Continue')
  expect(screen.getByText('Choose one of the three, or tap Later.')).toBeTruthy()
  expect(api.PATCH).not.toHaveBeenCalled()
})

it('keeps whom somebody would like to meet, with the ages around their own', async () => {
  await askedIs(['meet', 'intents'], {
    preferences: { ...people.me.preferences, meet: [] },
    intents: [],
  })
  const meets = within(screen.getByRole('group', { name: 'I’d like to meet' }))
  fireEvent.click(meets.getByRole('checkbox', { name: 'Women' }))
  await press('Continue')
  expect(screen.getByText('Choose at least one reason to meet.')).toBeTruthy()
  fireEvent.click(screen.getByRole('checkbox', { name: 'Friends' }))
  await press('Continue')
  expect(api.PATCH).toHaveBeenCalledWith('/api/me', {
    body: {
      intents: ['friends'],
      preferences: { ...people.me.preferences, meet: ['woman'], from: 21, to: 41 },
    },
  })
})

it('finds a language by a few letters', async () => {
  await askedIs(['languages'], { languages: [] })
  expect(title()).toBe('What do you speak?')
  write('Find a language', 'portug')
  fireEvent.click(screen.getByRole('checkbox', { name: 'Portuguese' }))
  await press('Continue')
  expect(api.PATCH).toHaveBeenCalledWith('/api/me', { body: { languages: ['pt'] } })
})

it('finds an interest, and goes on with it', async () => {
  await askedIs(['interests'], { interests: [] })
  write('Find something you like', 'jazz')
  fireEvent.click(screen.getByRole('checkbox', { name: 'Jazz' }))
  await press('Continue')
  expect(api.PATCH).toHaveBeenCalledWith('/api/me', { body: { interests: ['jazz'] } })
})

it('puts a question off, and goes back to it', async () => {
  await askedIs(['gender', 'meet'])
  expect(screen.queryByRole('button', { name: 'Back' })).toBeNull()
  await press('Later')
  await vi.waitFor(() => expect(title()).toBe('Who would you like to meet?'))
  await press('Back')
  await vi.waitFor(() => expect(title()).toBe('Nice to meet you, Mara'))
})

it('lets somebody in whenever they like', async () => {
  await askedIs(['gender', 'meet', 'home', 'intro'])
  await press('Take me to the rooms')
  expect(api.PATCH).toHaveBeenCalledWith('/api/me', { body: { onboarded: true } })
})

it('says that an answer did not arrive, and stays', async () => {
  await askedIs(['gender'])
  vi.mocked(api.PATCH).mockRejectedValue(Problem.offline())
  fireEvent.click(screen.getByRole('radio', { name: 'A man' }))
  await press('Continue')
  expect(screen.getByText(/That didn’t go through/)).toBeTruthy()
  expect(title()).toBe('Nice to meet you, Mara')
})

it('asks at last for a voice', async () => {
  await askedIs(['intro'])
  expect(title()).toBe('Let people hear you')
  expect(screen.getByRole('button', { name: 'Record' })).toBeTruthy()
})
