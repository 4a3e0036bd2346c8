import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const verdict = fileURLToPath(new URL('verdict.mjs', import.meta.url))

const at = (second) => `2026-11-30T12:00:0${second}.000000000Z`
const ended = (Action, Test, second = 1, Package = 'heyy/a') => ({ Time: at(second), Action, Package, ...(Test && { Test }) })
const go = [...Array(9).keys()].map((i) => ended('pass', `Test${i}`, i > 0 ? 1 : 0)).concat(ended('pass'))
const vitest = {
  numPassedTests: 5,
  numFailedTests: 0,
  numFailedTestSuites: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  startTime: 1000,
  testResults: [{ endTime: 3000 }],
}
const playwright = { errors: [], stats: { expected: 3, unexpected: 0, skipped: 0, flaky: 0, duration: 4000 } }

function run(figures, env = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'verdict-'))
  const files = ['go.jsonl', 'vitest.json', 'playwright.json'].map((name) => {
    const file = join(dir, name)
    const figure = figures[name.split('.')[0]]
    const text = Array.isArray(figure) ? `${figure.map((e) => JSON.stringify(e)).join('\n')}\n` : JSON.stringify(figure)
    if (figure) writeFileSync(file, text)
    return file
  })
  const { HEYY_NO_SKIPS, ...rest } = process.env
  const done = spawnSync(process.execPath, [verdict, ...files], { env: { ...rest, ...env }, encoding: 'utf8' })
  rmSync(dir, { recursive: true })
  return done
}

const strict = { HEYY_NO_SKIPS: '1' }
const all = { go, vitest, playwright }

test('all passed', () => {
  const done = run(all, strict)
  assert.equal(done.status, 0, done.stdout)
  assert.match(done.stdout, /^Go +9 passed, 0 failed, 0 not run \(1 s\)$/m)
  assert.match(done.stdout, /^vitest +5 passed, 0 failed, 0 not run \(2 s\)$/m)
  assert.match(done.stdout, /^Playwright +3 passed, 0 failed, 0 not run \(4 s\)$/m)
})

const skips = {
  go: { ...all, go: [...go, ended('skip', 'TestA')] },
  vitest: { ...all, vitest: { ...vitest, numPendingTests: 1 } },
  'vitest, planned': { ...all, vitest: { ...vitest, numTodoTests: 1 } },
  playwright: { ...all, playwright: { ...playwright, stats: { ...playwright.stats, skipped: 1 } } },
}
for (const [name, figures] of Object.entries(skips)) {
  test(`a skip fails where each must run: ${name}`, () => {
    assert.equal(run(figures).status, 0)
    assert.equal(run(figures, strict).status, 1)
  })
}

const failures = {
  go: { ...all, go: [...go, ended('fail', 'TestA'), ended('fail')] },
  'go, outside a test': { ...all, go: [...go, ended('fail', undefined, 1, 'heyy/b')] },
  'go, cut off': { ...all, go: [] },
  vitest: { ...all, vitest: { ...vitest, numFailedTests: 1 } },
  playwright: { ...all, playwright: { ...playwright, stats: { ...playwright.stats, unexpected: 1 } } },
  'playwright, outside a test': { ...all, playwright: { ...playwright, errors: [{}] } },
  'nothing ran': { ...all, playwright: { ...playwright, stats: { ...playwright.stats, expected: 0 } } },
  'no figures': { go, vitest },
}
for (const [name, figures] of Object.entries(failures)) {
  test(`fails: ${name}`, () => assert.equal(run(figures).status, 1))
}
