import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'

const LINES = 8

/** Says at the very end why each test failed, for where only the end of a log is kept. */
export default class Summary implements Reporter {
  readonly #failed: string[] = []

  onTestEnd(test: TestCase, { status, duration, errors }: TestResult): void {
    if (status === test.expectedStatus || status === 'skipped') return
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal
    const plain = (text = '') => text.replace(/\x1b\[[0-9;]*m/g, '')
    const why = errors.flatMap(({ message, location }) => [
      ...plain(message).split('\n').slice(0, LINES),
      location ? `at ${location.file}:${location.line}` : '',
    ])
    this.#failed.push([`${test.title} (${status} after ${duration} ms)`, ...why].join('\n    '))
  }

  onEnd(): void {
    for (const one of this.#failed) console.log(`\nFAILED: ${one}`)
  }

  printsToStdio(): boolean {
    return true
  }
}
