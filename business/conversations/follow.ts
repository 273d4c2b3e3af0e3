/** Follows the device: what came becomes inbound webhooks, how far people are becomes statuses. */
import type { ConversationView, DeviceEvent } from "@troth/client";
import type { ConversationId } from "@troth/protocol";
import type { GatewayContext } from "../context.ts";
import { hearMessages } from "./inbound.ts";
import { tellPositions } from "./statuses.ts";

/** Catches up with everything that happened while nobody was listening, and listens. Returns what ends it. */
export async function followDevice(context: GatewayContext): Promise<() => void> {
	const stop = context.device.subscribe((event) => follow(context, event));
	for (const { id } of await context.device.conversations()) lookAt(context, id);
	return stop;
}

function follow(context: GatewayContext, event: DeviceEvent): void {
	switch (event.type) {
		case "message":
			if (event.message.sender?.self === false) lookAt(context, event.message.conversation);
			break;
		case "receipt":
			lookAt(context, event.conversation);
			break;
		default:
	}
}

/** Tells everything of this conversation that was not told yet. */
export function lookAt(context: GatewayContext, id: ConversationId): void {
	if (context.turns.isClosed) return;
	context.turns
		.take(id, async () => {
			const view = await context.device.conversation(id);
			if (view === undefined || view.kind !== "direct") return;
			await tellNews(context, view);
		})
		.catch((error) => context.failed("following a conversation", error));
}

async function tellNews(context: GatewayContext, view: ConversationView): Promise<void> {
	const person = view.members.find(({ self }) => !self);
	if (person === undefined) return;
	await hearMessages(context, view.id, person);
	await tellPositions(context, view.id, person);
	context.webhooks.wake();
}
