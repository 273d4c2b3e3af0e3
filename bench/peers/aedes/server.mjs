// MQTT broker in Node (aedes) with persistence in memory: the anchor for "what a Node server does".
// usage: node server.mjs PORT
import net from "node:net";
import { Aedes } from "aedes";

const broker = await Aedes.createBroker({
	concurrency: 1000,
	maxClientsIdLength: 64,
	connectTimeout: 60_000,
	authenticate: (_client, _user, password, done) => done(null, password?.toString() === "secret"),
});
const server = net.createServer({ noDelay: true }, broker.handle);
server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
