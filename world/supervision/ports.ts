/** Addresses that several services have to know of each other before any of them runs. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/**
 * Free loopback ports, each another one. They are free when this resolves; whoever wants one takes it soon.
 * @param count how many
 */
export async function freePorts(count: number): Promise<readonly number[]> {
	const servers = Array.from({ length: count }, () => createServer());
	const ports = await Promise.all(
		servers.map(async (server) => {
			server.listen(0, "127.0.0.1");
			await once(server, "listening");
			return (server.address() as AddressInfo).port;
		}),
	);
	await Promise.all(
		servers.map((server) => {
			const closed = once(server, "close");
			server.close();
			return closed;
		}),
	);
	return ports;
}
