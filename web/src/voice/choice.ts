import { Writable } from '../ui/store'

/**
 * Something this device was told once, and keeps in localStorage as text. A browser that forbids storage
 * knows it for this page alone.
 */
export class Choice<T> extends Writable<T> {
  constructor(
    private readonly key: string,
    read: (stored: string | null) => T,
    private readonly write: (value: T) => string | undefined,
  ) {
    super(read(recall(key)))
  }

  choose = (value: T): void => {
    this.set(value)
    try {
      const text = this.write(value)
      if (text === undefined) localStorage.removeItem(this.key)
      else localStorage.setItem(this.key, text)
    } catch {
      // Chosen for this page alone, then.
    }
  }
}

function recall(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** On until it is switched off: then `key` is there. */
export const onUnless = (key: string) =>
  new Choice<boolean>(
    key,
    (stored) => stored === null,
    (on) => (on ? undefined : '1'),
  )
