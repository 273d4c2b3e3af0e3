/**
 * Counts how delivery goes: by day, system and app version, about nobody. No device and no account is in it, and what a
 * client says of itself counts only where it is one of the coarse words that there are.
 */
import { coarseSystem, coarseVersion } from "@troth/bridge";
import { type DeliveryCell, utcDayOf } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { MessengerContext } from "../context.ts";
import type { Records } from "../records/schema.ts";

const OTHER = "other";

/** On what a stream's device runs; the same object for all that run on the same. */
export interface ClientKind {
	readonly os: string;
	readonly appVersion: string;
}

type Counted = Record<DeliveryCell["outcome"], number>;

export class DeliveryCounts {
	readonly #records: Kysely<Records>;
	readonly #clock: MessengerContext["clock"];
	readonly #kinds = new Map<string, ClientKind>();
	#counts = new Map<ClientKind, Counted>();

	constructor({ records, clock }: Pick<MessengerContext, "records" | "clock">) {
		this.#records = records;
		this.#clock = clock;
	}

	kindOf(os: string, appVersion: string): ClientKind {
		const kind = { os: coarseSystem(os), appVersion: coarseVersion(appVersion) };
		const key = `${kind.os} ${kind.appVersion}`;
		const known = this.#kinds.get(key);
		if (known !== undefined) return known;
		// Who invents versions fills no memory with them.
		if (this.#kinds.size >= KINDS_KEPT) return kind.appVersion === OTHER ? kind : this.kindOf(os, OTHER);
		this.#kinds.set(key, kind);
		return kind;
	}

	count(kind: ClientKind, outcome: DeliveryCell["outcome"], times: number): void {
		if (times <= 0) return;
		let counted = this.#counts.get(kind);
		if (counted === undefined) {
			counted = { delivered: 0, left: 0 };
			this.#counts.set(kind, counted);
		}
		counted[outcome] += times;
	}

	/** Writes what was counted since the last time, under this day. Rejects with StoreError, and has it still. */
	async flush(): Promise<void> {
		const counts = this.#counts;
		if (counts.size === 0) return;
		this.#counts = new Map();
		const day = utcDayOf(this.#clock.now());
		try {
			await this.#records.transaction().execute(async (transaction) => {
				for (const [{ os, appVersion }, counted] of counts)
					for (const outcome of ["delivered", "left"] as const) {
						const times = counted[outcome];
						if (times === 0) continue;
						await transaction
							.insertInto("delivery_count")
							.values({ day, os, app_version: appVersion, outcome, times })
							.onConflict((conflict) =>
								conflict
									.columns(["day", "os", "app_version", "outcome"])
									.doUpdateSet((eb) => ({ times: eb("delivery_count.times", "+", times) })),
							)
							.execute();
					}
			});
		} catch (error) {
			for (const [kind, counted] of counts) {
				this.count(kind, "delivered", counted.delivered);
				this.count(kind, "left", counted.left);
			}
			throw error;
		}
	}
}

const KINDS_KEPT = 200;
