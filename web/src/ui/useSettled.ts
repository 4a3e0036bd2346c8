import { useEffect, useState } from 'react'

/** As long as somebody types faster than this, nothing is asked. */
const PAUSE_MS = 200

/** What is being typed, once the fingers rest. */
export function useSettled(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
