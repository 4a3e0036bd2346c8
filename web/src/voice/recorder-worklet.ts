/**
 * Runs where the sound is: hands on what the microphone gave, as one channel, in pieces long enough
 * not to wake the page for every 3 ms. Everything it needs stands in this file.
 */
interface Scope {
  AudioWorkletProcessor: new () => { port: MessagePort }
  registerProcessor(name: string, of: unknown): void
}
const scope = globalThis as unknown as Scope

const PIECE = 2048

scope.registerProcessor(
  'heyy-take',
  class extends scope.AudioWorkletProcessor {
    #piece = new Float32Array(PIECE)
    #filled = 0

    process([input]: Float32Array[][]): boolean {
      // The graph has mixed all channels into one before it comes here.
      const samples = input?.[0]
      if (!samples) return true
      this.#piece.set(samples, this.#filled)
      this.#filled += samples.length
      if (this.#filled >= PIECE) {
        this.port.postMessage(this.#piece, [this.#piece.buffer])
        this.#piece = new Float32Array(PIECE)
        this.#filled = 0
      }
      return true
    }
  },
)
