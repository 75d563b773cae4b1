// Bluesky's own servers as one network on this machine: PLC directory, PDS, AppView.
// Prints one line of JSON with their addresses when they answer; ends with SIGTERM.
import { Server } from 'node:net'

// The servers would listen on every address. Here they listen on the loopback only.
const { listen } = Server.prototype
Server.prototype.listen = function (first, ...rest) {
  if (first === undefined || typeof first === 'number') {
    return listen.call(this, { port: first ?? 0, host: '127.0.0.1' }, rest.find((one) => typeof one === 'function'))
  }
  if (typeof first === 'object' && first !== null && 'port' in first) first = { ...first, host: '127.0.0.1' }
  return listen.call(this, first, ...rest)
}

const { TestNetwork, mockMailer } = await import('@atproto/dev-env')
const limits = process.env.NETWORK_RATE_LIMITS === '1'
const network = await TestNetwork.create({
  dbPostgresSchema: 'bsky',
  pds: { hostname: 'localhost', enableDidDocWithSession: true, rateLimitsEnabled: limits },
  bsky: { dbPostgresSchema: 'bsky' },
})
mockMailer(network.pds)
console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url, plc: network.plc.url }))
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
