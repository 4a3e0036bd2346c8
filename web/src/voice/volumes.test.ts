import { beforeEach, expect, it, vi } from 'vitest'

beforeEach(() => {
  localStorage.clear()
  vi.resetModules()
})
const load = () => import('./volumes')

it('remembers how loud somebody is to be', async () => {
  const first = await load()
  expect(first.volumeOf('ada')).toBe(100)
  first.setVolume('ada', 40)
  vi.resetModules()
  const { volumeOf, setVolume } = await load()
  expect(volumeOf('ada')).toBe(40)
  setVolume('ada', 100)
  expect(localStorage.getItem('heyy.volumes')).toBeNull()
})

it('remembers 200 people, and forgets those set first', async () => {
  const { setVolume, volumeOf, volumes } = await load()
  for (let i = 0; i < 200; i++) setVolume(`p${i}`, 50)
  setVolume('p0', 60)
  setVolume('one more', 0)
  expect(volumes.get().size).toBe(200)
  expect(volumeOf('p0')).toBe(60)
  expect(volumeOf('p1')).toBe(100)
  expect(volumeOf('one more')).toBe(0)
})

it('takes nothing from storage that is no volume', async () => {
  localStorage.setItem('heyy.volumes', '[["ada",50],["ben",900],["cleo","loud"],7,null,["dan"]]')
  const { volumes } = await load()
  expect([...volumes.get()]).toEqual([['ada', 50]])
  localStorage.setItem('heyy.volumes', '{"ada":50')
  vi.resetModules()
  expect((await load()).volumes.get().size).toBe(0)
})
