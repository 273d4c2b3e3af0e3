/** The door as a process of its own: the only one that speaks to a recipient. */
import { type DoorOptions, startDoor } from "@troth/bridge/door/index.ts";
import { serve } from "../supervision/serve.ts";

export type BridgeProcessOptions = Omit<DoorOptions, "clock" | "log">;

export interface BridgeFacts {
	readonly url: string;
}

serve<BridgeProcessOptions, BridgeFacts>(async (options, { clock }) => {
	const door = await startDoor({ ...options, clock });
	return { facts: { url: door.url }, [Symbol.asyncDispose]: () => door[Symbol.asyncDispose]() };
});
