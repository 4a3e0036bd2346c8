type Browser = 'chrome' | 'android' | 'firefox' | 'safari' | 'ios' | 'other'

/** Whose browser this is, by what it calls itself: the ways to its permissions differ. */
export function browserOf(agent: string, touch: number): Browser {
  // An iPad calls itself a Mac, but a Mac has no touch screen.
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touch > 1)) return 'ios'
  if (/Firefox\//.test(agent)) return 'firefox'
  if (/Android/.test(agent)) return 'android'
  if (/Chrome\/|Chromium\/|Edg\//.test(agent)) return 'chrome'
  return /Safari\//.test(agent) ? 'safari' : 'other'
}
