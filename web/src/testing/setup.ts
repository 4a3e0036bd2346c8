import { cleanup } from '@testing-library/react'
import { afterEach } from 'vitest'

// Each file begins with modules and a page that no other has touched; the runner, with one
// worker alone, would give them to all files in turn.
const began = Symbol.for('heyy.test-file-began')
if (began in globalThis)
  throw new Error('Another test file has run in this context: see pool in vite.config.ts')
Object.defineProperty(globalThis, began, { value: true })

afterEach(cleanup)

// Nothing has a size in jsdom, so none changes; see sizes.ts for lists that need some.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

// Scrolling answers with a promise in newer browsers, whatever its type says. An effect that returns
// it has React call it when the page goes, which breaks the app; React only says so, here.
const scrolled = () => Promise.resolve() as unknown as undefined
if ('window' in globalThis) {
  window.scrollTo = scrolled
  Element.prototype.scrollTo = scrolled
  Element.prototype.scrollIntoView = scrolled
}
const say = console.error
console.error = (...said: unknown[]) => {
  say(...said)
  if (said.some((part) => String(part).includes('must not return anything besides a function')))
    throw new Error('An effect returns what is no function')
}
