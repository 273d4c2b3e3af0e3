/** Follows the device: what came becomes inbound webhooks, how far people are becomes statuses. */
import type { ConversationMember, DeviceEvent } from "@troth/client";
import type { ConversationId } from "@troth/protocol";
import type { GatewayContext } from "../context.ts";
import { hearMessages } from "./inbound.ts";
import { tellPositions } from "./statuses.ts";

/** Catches up with everything that happened while nobody was listening, and listens. Returns what ends it. */
export async function followDevice(context: GatewayContext): Promise<() => void> {
	const stop = context.device.subscribe((event) => heed(context, event));
	for (const { id } of await context.device.conversations()) {
		follow(context, id, hearMessages);
		follow(context, id, tellPositions);
	}
	return stop;
}

function heed(context: GatewayContext, event: DeviceEvent): void {
	switch (event.type) {
		case "message":
			if (event.message.sender?.self === false) follow(context, event.message.conversation, hearMessages);
			break;
		case "receipt":
			follow(context, event.conversation, tellPositions);
			break;
		default:
	}
}

/** Tells how far this conversation's person is, as far as it was not told yet. */
export function followPositions(context: GatewayContext, id: ConversationId): void {
	follow(context, id, tellPositions);
}

type Telling = (context: GatewayContext, id: ConversationId, person: ConversationMember) => Promise<void>;

function follow(context: GatewayContext, id: ConversationId, tell: Telling): void {
	if (context.turns.isClosed) return;
	context.turns
		.take(id, async () => {
			const view = await context.device.conversation(id);
			const person = view?.members.find(({ self }) => !self);
			if (view?.kind !== "direct" || person === undefined) return;
			await tell(context, id, person);
			context.webhooks.wake();
		})
		.catch((error) => context.failed("following a conversation", error));
}
