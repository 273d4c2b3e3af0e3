/** Which origins a login may name. */

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * The public origin. On a loopback address the other names of the same socket count as well: a browser may have been
 * pointed at `localhost`, and whoever can relay a challenge there sits on this machine already.
 */
export function acceptedOrigins(origin: string): ReadonlySet<string> {
	const { protocol, hostname, port } = new URL(origin);
	if (!LOOPBACK.includes(hostname)) return new Set([origin]);
	return new Set(LOOPBACK.map((name) => `${protocol}//${name}${port === "" ? "" : `:${port}`}`));
}
