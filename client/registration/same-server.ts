const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** True where an address and the origin that a server names are one; all loopback addresses are one machine. */
export function sameServer(address: string, origin: string): boolean {
	try {
		const [reached, named] = [new URL(address), new URL(origin)];
		return reached.origin === named.origin || (LOOPBACK.has(reached.hostname) && LOOPBACK.has(named.hostname));
	} catch {
		return false;
	}
}
