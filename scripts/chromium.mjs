// Where Chromium is. The headless shell is the same browser without a window: it
// starts in half the time, and draws no toolbar that nobody sees.
import { existsSync } from 'node:fs'

const shell = ['/usr/bin/chromium-headless-shell']
const whole = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * The path of the program; CHROMIUM names another.
 * @param {{ prompts?: boolean }} [wish] prompts: the whole browser, which asks people
 * for permissions and knows which origins its owner trusts
 * @returns {string}
 */
export function chromiumHere({ prompts = false } = {}) {
  const found = process.env.CHROMIUM ?? [...(prompts ? [] : shell), ...whole].find(existsSync)
  if (!found) throw new Error('Chromium is not installed: on Debian, apt-get install chromium')
  return found
}
