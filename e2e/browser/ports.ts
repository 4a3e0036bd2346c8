import dgram from 'node:dgram'
import net from 'node:net'

/**
 * Free ports, above those that browsers refuse to open, of which 10080 is the highest, and below
 * those that the system gives to outgoing connections, of which one could take a port before the
 * server does.
 */
const somePort = () => 10_100 + Math.floor(Math.random() * 20_000)

async function free(isFree: (port: number) => Promise<boolean>): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = somePort()
    if (await isFree(port)) return port
  }
  throw new Error('no port is free')
}

export function freeTcp(): Promise<number> {
  return free(
    (port) =>
      new Promise((resolve) => {
        const server = net.createServer()
        server.on('error', () => resolve(false))
        server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
      }),
  )
}

export function freeUdp(): Promise<number> {
  return free(
    (port) =>
      new Promise((resolve) => {
        const socket = dgram.createSocket('udp4')
        socket.on('error', () => resolve(false))
        socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)))
      }),
  )
}
