import { screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { Presence } from '../api'
import { startI18n } from '../i18n'
import { presence } from '../realtime/presence'
import { people, showPage } from '../testing/page'
import { AuraWithPresence, PresenceLine } from '.'

beforeAll(() => startI18n('en'))
afterEach(() => vi.restoreAllMocks())

async function shown(here: Partial<Presence>, link = true) {
  const one = { person_id: people.nora.id, state: 'online', ...here } as Presence
  vi.spyOn(presence, 'get').mockReturnValue({
    status: 'ready',
    people: new Map([[one.person_id, one]]),
  })
  await showPage(
    <div data-testid="here">
      <AuraWithPresence person={people.nora} size={68} />
      <PresenceLine person={people.nora} link={link} />
    </div>,
  )
  return screen.getByTestId('here').textContent?.replace(/[\u2068\u2069]/g, '')
}

it('says each state in words', async () => {
  expect(await shown({ state: 'do_not_disturb' })).toBe('Do not disturbDo not disturb')
})

it('leads into the room', async () => {
  const room = { id: 'r1', title: 'Late talk' }
  expect(await shown({ state: 'in_room', room })).toBe('In a roomIn “Late talk”')
  expect(screen.getByRole('link').getAttribute('href')).toBe('/rooms/r1')
})

it('is words alone inside another link', async () => {
  await shown({ state: 'in_room', room: { id: 'r1', title: 'Late talk' } }, false)
  expect(screen.queryByRole('link')).toBeNull()
})

it('says nothing of anybody else', async () => {
  expect(await shown({ person_id: 'somebody' })).toBe('')
})
