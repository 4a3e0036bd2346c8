// Reads the figures the test runners left and closes the day with a line each.
// With HEYY_NO_SKIPS set, a test that did not run fails the whole.
//
//   node scripts/verdict.mjs go.json vitest.json playwright.json
import { readFileSync } from 'node:fs'

const readers = {
  go: (j) => ({ runner: 'Go', passed: j.passed, failed: j.failed.length, skipped: j.skipped.length, seconds: j.seconds }),
  vitest: (j) => ({
    runner: 'vitest',
    passed: j.numPassedTests,
    failed: j.numFailedTests + j.numFailedTestSuites,
    skipped: j.numPendingTests + j.numTodoTests,
    seconds: (Math.max(...j.testResults.map((r) => r.endTime)) - j.startTime) / 1000,
  }),
  playwright: (j) => ({
    runner: 'Playwright',
    passed: j.stats.expected,
    failed: j.stats.unexpected + j.errors.length,
    skipped: j.stats.skipped,
    flaky: j.stats.flaky,
    seconds: j.stats.duration / 1000,
  }),
}

function read(file) {
  const name = Object.keys(readers).find((n) => file.endsWith(`${n}.json`))
  try {
    return readers[name](JSON.parse(readFileSync(file, 'utf8')))
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
