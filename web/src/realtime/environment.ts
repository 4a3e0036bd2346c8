/** What every live scope asks of the browser. */
export const environment = {
  later(fn: () => void, ms: number): () => void {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
  onNetwork(fn: (there: boolean) => void): () => void {
    const back = () => fn(true)
    const gone = () => fn(false)
    window.addEventListener('online', back)
    window.addEventListener('offline', gone)
    return () => {
      window.removeEventListener('online', back)
      window.removeEventListener('offline', gone)
    }
  },
}
