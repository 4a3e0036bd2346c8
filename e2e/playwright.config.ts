import { defineConfig } from '@playwright/test'
import type { Options } from './browser/test.ts'

const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } }

// One test at a time: each runs several browsers, and half a second must mean half a second. On a
// developer's machine nothing is tried twice. The machines of CI stall now and then for longer than
// the bounds of these tests, which stay: there, up to MOST_SECOND_TRIES tests of a run may pass at
// the second try, and are named at its end (summary.ts).
export default defineConfig<Options>({
  testDir: 'browser',
  workers: 1,
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['./summary.ts']],
  projects: [
    {
      name: 'phone',
      testMatch: ['meet.spec.ts', 'people.spec.ts'],
      use: { size: sizes.phone, touch: true },
    },
    { name: 'desk', use: { size: sizes.desk, touch: false } },
  ],
})
