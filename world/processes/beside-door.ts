/** The door beside a host application: the only process that reads its facts to share them, and speaks to recipients. */
import { type BesideDoorOptions, startBesideDoor } from "@troth/bridge/beside/index.ts";
import { serve } from "../supervision/serve.ts";
import type { BridgeFacts } from "./bridge.ts";

export type BesideDoorProcessOptions = Omit<BesideDoorOptions, "clock" | "log">;

serve<BesideDoorProcessOptions, BridgeFacts>(async (options, { clock }) => {
	const door = await startBesideDoor({ ...options, clock });
	return { facts: { url: door.url }, [Symbol.asyncDispose]: () => door[Symbol.asyncDispose]() };
});
