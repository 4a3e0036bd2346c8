import { expect, it } from 'vitest'
import { ServerClock } from './call-clock'

it('takes the middle between asking and hearing', () => {
  let own = 1000
  const clock = new ServerClock(() => own)
  clock.read({ said: 50_100, asked: 900, heard: 1100 })
  expect(clock.now()).toBe(50_100)
  own = 4000
  expect(clock.now()).toBe(53_100)
})

it('believes the quickest answer, as long as the slow ones do not contradict it', () => {
  const clock = new ServerClock(() => 0)
  clock.read({ said: 10_000, asked: 0, heard: 20 })
  expect(clock.now()).toBe(9990)
  // Half a second under way: it may say anything within a quarter of one.
  clock.read({ said: 10_400, asked: 100, heard: 600 })
  expect(clock.now()).toBe(9990)
  clock.read({ said: 11_005, asked: 1000, heard: 1004 })
  expect(clock.now()).toBe(10_003)
})

it('follows a clock that has jumped, and a machine that has slept', () => {
  const clock = new ServerClock(() => 0)
  clock.read({ said: 10_000, asked: 0, heard: 4 })
  clock.read({ said: 3_610_400, asked: 300, heard: 500 })
  expect(clock.now()).toBe(3_610_000)
})
