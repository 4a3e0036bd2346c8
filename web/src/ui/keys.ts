type Pressed = Pick<KeyboardEvent, 'key' | 'code'>

/**
 * The Latin letter of a key, small: what it writes, where the layout writes Latin; otherwise what the
 * same key writes on most keyboards that do. A Russian, Greek or Chinese keyboard has an M, too.
 */
export function letter({ key, code }: Pressed): string | undefined {
  if (/^[\x20-\x7e]$/.test(key)) return key.toLowerCase()
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase()
}
