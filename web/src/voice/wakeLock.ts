/**
 * Keeps the screen on while somebody is wanted on stage: a phone that sleeps takes the microphone away. The
 * browser lets go of it whenever the page is hidden, so it is asked again each time the page is back.
 * Returns how to let go.
 */
export function keepAwake(wakeLock: WakeLock | undefined = navigator.wakeLock): () => void {
  if (!wakeLock) return () => {}
  let over = false
  let asking = false
  let lock: WakeLockSentinel | undefined

  const ask = async () => {
    if (over || asking || lock || document.visibilityState !== 'visible') return
    asking = true
    try {
      const got = await wakeLock.request('screen')
      if (over) void got.release()
      else {
        lock = got
        got.addEventListener('release', () => {
          if (lock === got) lock = undefined
        })
      }
    } catch {
      // A battery that runs low: the screen goes off as it would without us.
    } finally {
      asking = false
    }
  }
  const seen = () => void ask()
  document.addEventListener('visibilitychange', seen)
  void ask()
  return () => {
    over = true
    document.removeEventListener('visibilitychange', seen)
    void lock?.release()
    lock = undefined
  }
}
