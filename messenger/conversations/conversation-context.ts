import type { DeliveryDependencies } from "../context.ts";
import type { OpenDelivery } from "../delivery/index.ts";

/** What the endpoints of conversations reach of the messenger's context. */
export interface ConversationContext extends Pick<DeliveryDependencies, "directory" | "blobs" | "clock"> {
	readonly delivery: OpenDelivery;
}
