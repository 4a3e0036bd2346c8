/** A word as it is compared: without case, accents and differences of width. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase().trim()
}

/**
 * Those that a query means, the best first: names that begin with it, then words that do, then
 * names with it anywhere inside, where scripts without spaces have it. Each item brings all names
 * by which people may look for it.
 */
export function find<T>(
  items: readonly T[],
  query: string,
  names: (item: T) => readonly string[],
): T[] {
  const wanted = fold(query)
  if (wanted === '') return []
  const rank = (item: T) => {
    let best = 3
    for (const name of names(item)) {
      const at = fold(name)
      if (at.startsWith(wanted)) return 0
      if (at.split(/[\s\p{P}]+/u).some((word) => word.startsWith(wanted))) best = Math.min(best, 1)
      else if (at.includes(wanted)) best = Math.min(best, 2)
    }
    return best
  }
  return items
    .map((item) => ({ item, rank: rank(item) }))
    .filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map((one) => one.item)
}
