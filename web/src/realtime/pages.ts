const size = 100

/** All pages of a list that is sorted and summed up here. */
export async function allPages<P extends { next?: string }, T>(
  read: (query: { limit: number; before?: string }) => Promise<P>,
  of: (page: P) => readonly T[],
): Promise<T[]> {
  const all: T[] = []
  let before: string | undefined
  do {
    const page = await read(before === undefined ? { limit: size } : { limit: size, before })
    all.push(...of(page))
    before = page.next
  } while (before !== undefined)
  return all
}
