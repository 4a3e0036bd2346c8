import { useCallback, useEffect, useState } from 'react'

/** Whole seconds until a moment, counted on the clock rather than in ticks: a sleeping tab catches up. */
export function useCountdown(): { left: number; start(seconds: number): void } {
  const [until, setUntil] = useState(0)
  const [now, setNow] = useState(() => Date.now())

  useEffect(() => {
    if (until <= Date.now()) return
    const timer = setInterval(() => {
      setNow(Date.now())
      if (Date.now() >= until) clearInterval(timer)
    }, 250)
    return () => clearInterval(timer)
  }, [until])

  const start = useCallback((seconds: number) => {
    setNow(Date.now())
    setUntil(Date.now() + seconds * 1000)
  }, [])
  return { left: Math.max(0, Math.ceil((until - now) / 1000)), start }
}
