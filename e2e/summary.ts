import type { FullResult, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter'

const LINES = 8

/** More tests than this that pass only at the second try fail the run. */
const MOST_SECOND_TRIES = 2

/**
 * Says at the very end why each test failed, for where only the end of a log is kept, and bounds how
 * many may need a second try.
 */
export default class Summary implements Reporter {
  readonly #failed: string[] = []
  #suite: Suite | undefined

  onBegin(_: unknown, suite: Suite): void {
    this.#suite = suite
  }

  onTestEnd(test: TestCase, { status, duration, errors, retry }: TestResult): void {
    if (status === test.expectedStatus || status === 'skipped') return
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal
    const plain = (text = '') => text.replace(/\x1b\[[0-9;]*m/g, '')
    const why = errors.flatMap(({ message, location }) => [
      ...plain(message).split('\n').slice(0, LINES),
      location ? `at ${location.file}:${location.line}` : '',
    ])
    const what = `${test.title} (${status} after ${duration} ms, try ${retry + 1})`
    this.#failed.push([what, ...why].join('\n    '))
  }

  onEnd({ status }: FullResult): { status?: FullResult['status'] } {
    for (const one of this.#failed) console.log(`\nFAILED: ${one}`)
    const flaky = (this.#suite?.allTests() ?? []).filter((t) => t.outcome() === 'flaky')
    for (const { title } of flaky) console.log(`\nPASSED AT THE SECOND TRY: ${title}`)
    if (status !== 'passed' || flaky.length <= MOST_SECOND_TRIES) return {}
    console.log(`\n${flaky.length} tests needed a second try; ${MOST_SECOND_TRIES} may.`)
    return { status: 'failed' }
  }

  printsToStdio(): boolean {
    return true
  }
}
