/**
 * Writes of one turn of the event loop leave in one system call per socket: a socket is corked at its first write and
 * all are uncorked together after the turn's input was handled. Without this a server spends most of its time in
 * write calls.
 */
import type { Duplex } from "node:stream";

export class Cork {
	#corked: Duplex[] = [];
	#scheduled = false;

	/** Writes the bytes, at the latest at the end of this turn of the event loop. The bytes must not change any more. */
	write(socket: Duplex, bytes: Uint8Array): void {
		if (socket.writableCorked === 0) {
			socket.cork();
			this.#corked.push(socket);
			if (!this.#scheduled) {
				this.#scheduled = true;
				setImmediate(this.#uncork);
			}
		}
		socket.write(bytes);
	}

	readonly #uncork = (): void => {
		const corked = this.#corked;
		this.#corked = [];
		this.#scheduled = false;
		for (const socket of corked) socket.uncork();
	};
}
