import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

/** From the ground up: a folder may use what stands before it, and itself. */
const ranks = ['worker', 'ui', 'i18n', 'api', 'realtime', 'voice', 'people', 'features', 'app']
const root = resolve(import.meta.dirname)

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.(ts|tsx)$/.test(name) && !name.endsWith('.d.ts'),
)

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return [...found].map(([, path = '']) => relative(root, resolve(root, dirname(file), path)))
}

const parts = (path: string) => path.split(/[\\/]/)

it('finds the sources it judges', () => {
  expect(files.length).toBeGreaterThan(50)
  expect(importsOf('app/LobbyRoute.tsx')).toContain('features/lobby')
})

it('imports only downwards', () => {
  const wrong = files.flatMap((file) => {
    const mine = ranks.indexOf(parts(file)[0] ?? '')
    if (mine < 0) return []
    return importsOf(file)
      .filter((target) => ranks.indexOf(parts(target)[0] ?? '') > mine)
      .map((target) => `${file} imports ${target}`)
  })
  expect(wrong).toEqual([])
})

it('keeps features apart', () => {
  const wrong = files.flatMap((file) => {
    const [area, feature] = parts(file)
    if (area !== 'features') return []
    return importsOf(file)
      .filter((target) => parts(target)[0] === 'features' && parts(target)[1] !== feature)
      .map((target) => `${file} imports ${target}`)
  })
  expect(wrong).toEqual([])
})

/** What tests share: fakes, and pages as the app shows them. */
const isTest = (file: string) => /\.test\.tsx?$/.test(file) || parts(file)[0] === 'testing'

it('keeps what only tests need out of what people get', () => {
  const wrong = files
    .filter((file) => !isTest(file))
    .flatMap((file) =>
      importsOf(file)
        .filter((target) => parts(target).includes('testing') || /\.test$/.test(target))
        .map((target) => `${file} imports ${target}`),
    )
  expect(wrong).toEqual([])
  // One place, where the rule above finds them.
  expect(files.filter((file) => parts(file).indexOf('testing') > 0)).toEqual([])
})

it('keeps files under 600 lines', () => {
  const long = files.filter(
    (file) => readFileSync(join(root, file), 'utf8').split('\n').length > 600,
  )
  expect(long).toEqual([])
})
