import type { Page } from 'playwright-core'
import type { Problem, Room } from '../../src/api'
import type { LiveState } from '../../src/voice/state'
import * as people from './people'
import type { Says, Scene } from './spec'

interface Base {
  live(room: Room, more?: Partial<LiveState>): LiveState
  inside: Scene
  offline: Problem
}

const press = async (page: Page, name: string) =>
  await page.getByRole('button', { name, exact: true }).first().click()

const sound = async (page: Page, says: Says) => {
  await press(page, says('room.more'))
  await press(page, says('sound.title'))
}

const check = async (page: Page, says: Says) => {
  await press(page, says('sound.check.go'))
  await page.locator('[aria-live=polite][aria-busy=false]').waitFor({ timeout: 10_000 })
}

/** Around the voice: how loud, quiet, a key to talk, what is blocked. */
export const comforts = ({ live, inside, offline }: Base): Record<string, Scene> => {
  const onStage = { ...inside, room: live(people.room(people.sitting)) }
  return {
    'comforts-quiet': { ...onStage, silenced: true },
    'comforts-quiet-mini': { ...onStage, path: '/', silenced: true },
    'comforts-mini': { ...onStage, path: '/' },
    'comforts-menu': {
      ...inside,
      room: live(people.room(people.asHost)),
      silenced: true,
      act: async (page, says) => await press(page, says('room.more')),
    },
    'comforts-sound': { ...onStage, act: sound },
    'comforts-captions': {
      ...onStage,
      act: async (page, says) => {
        await sound(page, says)
        await page.getByRole('switch', { name: says('room.captions.type') }).click()
        await press(page, says('common.close'))
        await page.getByRole('textbox', { name: says('room.captions.write') }).focus()
      },
    },
    'comforts-key': {
      ...onStage,
      act: async (page, says) => {
        await sound(page, says)
        const hold = page.getByRole('switch', { name: says('sound.hold') })
        // Without a keyboard there is no key to choose.
        if ((await hold.count()) === 0) return
        await hold.click({ force: true })
        await press(page, says('sound.changeKey'))
      },
    },
    'comforts-check': {
      ...onStage,
      act: async (page, says) => {
        await sound(page, says)
        await check(page, says)
      },
    },
    'comforts-unheard': {
      ...onStage,
      act: async (page) => {
        await page.evaluate(() => localStorage.setItem('heyy.volumes', '[["p-luca",0]]'))
        await page.reload()
        await page.getByRole('button', { name: 'Luca' }).first().waitFor()
      },
    },
    'comforts-failed': {
      ...inside,
      room: { status: 'failed', roomId: 'r-karaoke', problem: offline },
      act: check,
    },
    'comforts-me': {
      path: '/me',
      act: async (page, says) =>
        await page.getByRole('heading', { name: says('sound.title') }).scrollIntoViewIfNeeded(),
    },
  }
}
