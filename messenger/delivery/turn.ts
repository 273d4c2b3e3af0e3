/**
 * What streams write during one turn of the event loop leaves at its end, in one write per socket. Without this a
 * server spends most of its time in write calls.
 */
export interface Flushable {
	flush(): void;
}

export class Turn {
	#waiting: Flushable[] = [];

	/** `flush` of this stream is called at the end of the turn. To be called once per stream and turn. */
	add(stream: Flushable): void {
		if (this.#waiting.push(stream) === 1) setImmediate(this.#end);
	}

	readonly #end = (): void => {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const stream of waiting) stream.flush();
	};
}
