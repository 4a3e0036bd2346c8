import { useEffect, useState } from 'react'
import { calls } from '../../voice/calls'

/** The server's time, asked for again and again while something counts. */
export function useNow(everyMs = 250): number {
  const [now, setNow] = useState(() => calls.clock.now())
  useEffect(() => {
    setNow(calls.clock.now())
    const timer = setInterval(() => setNow(calls.clock.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

/** What is left, as a clock: a second is shown until it is over. "6:59"; never under "0:00". */
export function left(until: number, now: number): string {
  return spell(Math.ceil((until - now) / 1000))
}

/** What has gone by, as a clock. */
export function gone(since: number, now: number): string {
  return spell(Math.floor((now - since) / 1000))
}

function spell(seconds: number): string {
  const whole = Math.max(0, seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** How long until something within days, as its two largest parts. */
export function until(at: number, now: number): { days: number; hours: number; minutes: number } {
  const minutes = Math.max(0, Math.ceil((at - now) / 60_000))
  return {
    days: Math.floor(minutes / 1440),
    hours: Math.floor((minutes % 1440) / 60),
    minutes: minutes % 60,
  }
}
