/** Opens the bus of the hints. */
import { ProcessHintBus } from "./memory/hint-bus.ts";
import type { HintBus } from "./ports.ts";

export type HintsAt = { readonly kind: "process" };

/** The hint bus. `process` reaches the listeners of this process only. */
export async function openHints(at: HintsAt): Promise<HintBus> {
	switch (at.kind) {
		case "process":
			return new ProcessHintBus();
	}
}
