/** A value that components watch. Small on purpose: no actions, no middleware, no selectors that cache. */
import { useSyncExternalStore } from "react";

export interface Watched<T> {
	readonly value: T;
	readonly watch: (listener: () => void) => () => void;
}

export class Cell<T> implements Watched<T> {
	#value: T;
	readonly #listeners = new Set<() => void>();

	constructor(value: T) {
		this.#value = value;
	}

	get value(): T {
		return this.#value;
	}

	set(value: T): void {
		if (Object.is(value, this.#value)) return;
		this.#value = value;
		for (const listener of [...this.#listeners]) listener();
	}

	/** Keeps its identity, so that components do not subscribe anew with every rendering. */
	readonly watch = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};
}

/** The value, and a new rendering whenever it changes. */
export function useCell<T>(cell: Watched<T>): T {
	return useSyncExternalStore(cell.watch, () => cell.value);
}
