/** Wake-ups between nodes. Each may be lost, late or come twice: losing every one costs only time (promise 10). */
import type { HintBus } from "@troth/storage";
import type { Dice } from "./dice.ts";
import type { Life } from "./life.ts";

const REPEATED = 0.05;

export class HintNetwork {
	/** The share that is lost. */
	loss = 0;
	/** Milliseconds until one is heard, at most. */
	latencyMs = 20;
	readonly #dice: Dice;
	readonly #listeners = new Set<{
		readonly topic: string;
		readonly life: Life;
		readonly listener: (bytes: Uint8Array) => void;
	}>();

	constructor(dice: Dice) {
		this.#dice = dice;
	}

	bus(life: Life): HintBus {
		return {
			publish: (topic, payload) => {
				for (const one of this.#listeners) {
					if (one.topic !== topic || this.#dice.chance(this.loss)) continue;
					const times = this.#dice.chance(REPEATED) ? 2 : 1;
					for (let i = 0; i < times; i++)
						void one.life.later(this.#dice.between(0, this.latencyMs), () => one.listener(payload.slice()));
				}
			},
			subscribe: (topic, listener) => {
				const one = { topic, life, listener };
				this.#listeners.add(one);
				life.onEnd(() => this.#listeners.delete(one));
				return () => this.#listeners.delete(one);
			},
			[Symbol.asyncDispose]: async () => {},
		};
	}
}
