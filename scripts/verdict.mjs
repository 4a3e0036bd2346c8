// Reads the figures the test runners left and closes the day with a line each.
// With HEYY_NO_SKIPS set, a test that did not run fails the whole.
//
//   node scripts/verdict.mjs go.jsonl vitest.json playwright.json
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

const readers = {
  // The events of `go test -json` that end a test or a package; a package that fails outside its tests counts, too.
  go(text) {
    const events = text.trim().split('\n').map((line) => JSON.parse(line))
    const ends = (action) => events.filter((e) => e.Action === action)
    const failed = ends('fail').filter((e) => e.Test)
    const outside = ends('fail').filter((e) => !e.Test && !failed.some((f) => f.Package === e.Package))
    const times = events.map((e) => Date.parse(e.Time))
    return {
      runner: 'Go',
      passed: ends('pass').filter((e) => e.Test).length,
      failed: failed.length + outside.length,
      skipped: ends('skip').filter((e) => e.Test).length,
      seconds: (times.reduce((a, b) => Math.max(a, b)) - times.reduce((a, b) => Math.min(a, b))) / 1000,
    }
  },
  vitest: (text, j = JSON.parse(text)) => ({
    runner: 'vitest',
    passed: j.numPassedTests,
    failed: j.numFailedTests + j.numFailedTestSuites,
    skipped: j.numPendingTests + j.numTodoTests,
    seconds: (Math.max(...j.testResults.map((r) => r.endTime)) - j.startTime) / 1000,
  }),
  playwright: (text, j = JSON.parse(text)) => ({
    runner: 'Playwright',
    passed: j.stats.expected,
    failed: j.stats.unexpected + j.errors.length,
    skipped: j.stats.skipped,
    flaky: j.stats.flaky,
    seconds: j.stats.duration / 1000,
  }),
}

function read(file) {
  const name = Object.keys(readers).find((n) => basename(file).startsWith(n))
  try {
    return readers[name](readFileSync(file, 'utf8'))
  } catch (e) {
    return { runner: name, passed: 0, failed: 1, skipped: 0, seconds: 0, note: `left no figures (${e.message})` }
  }
}

let bad = false
for (const r of process.argv.slice(2).map(read)) {
  const strict = Boolean(process.env.HEYY_NO_SKIPS)
  bad ||= r.failed > 0 || r.passed === 0 || (strict && r.skipped > 0)
  const flaky = r.flaky ? `, ${r.flaky} only at the second try` : ''
  const note = r.note ? `, ${r.note}` : ''
  console.log(
    `${r.runner.padEnd(11)} ${r.passed} passed, ${r.failed} failed, ${r.skipped} not run${flaky}${note} (${Math.round(r.seconds)} s)`,
  )
}
if (bad) {
  console.log(process.env.HEYY_NO_SKIPS ? 'Not good: each test must run here, and pass.' : 'Not good.')
  process.exit(1)
}
