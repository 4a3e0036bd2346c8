/**
 * Sizes for lists that draw what is on screen: nothing has one in jsdom. The window of such a list is
 * high, and each of its lines low.
 */
export function giveSizes(): void {
  class Sizes {
    readonly #tell: ResizeObserverCallback
    constructor(tell: ResizeObserverCallback) {
      this.#tell = tell
    }
    observe(target: Element): void {
      const height = target.getAttribute('role') === 'log' ? 4000 : 40
      const entry = { target, contentRect: { width: 400, height } } as ResizeObserverEntry
      queueMicrotask(() => this.#tell([entry], this))
    }
    unobserve(): void {}
    disconnect(): void {}
  }
  globalThis.ResizeObserver = Sizes
  Object.defineProperty(HTMLElement.prototype, 'offsetParent', {
    configurable: true,
    get(this: HTMLElement) {
      return this.parentNode
    },
  })
}
