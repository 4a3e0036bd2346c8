import { expect, it, vi } from 'vitest'
import { listen } from './connection'

const on = vi.hoisted(() => new Map<string, (ctx: unknown) => void>())
vi.mock('centrifuge', () => {
  const subscription = {
    on: (name: string, fn: (ctx: unknown) => void) => on.set(name, fn),
    subscribe: () => {},
  }
  return {
    Centrifuge: class {
      on() {}
      connect() {}
      getSubscription() {
        return null
      }
      newSubscription = () => subscription
    },
  }
})

it('tells whoever listens to read anew at each subscription: no channel replays', () => {
  const missed = vi.fn()
  listen('room:r', { event: () => {}, missed })
  on.get('subscribed')?.({ wasRecovering: false, recovered: false })
  on.get('subscribed')?.({ wasRecovering: true, recovered: false })
  expect(missed).toHaveBeenCalledTimes(2)
})
