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
