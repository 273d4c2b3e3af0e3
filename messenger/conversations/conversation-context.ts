import type { AbuseLimits } from "../abuse/limits.ts";
import type { DeliveryDependencies } from "../context.ts";
import type { OpenDelivery } from "../delivery/index.ts";
import type { RateLimits } from "../rate-limits/rate-limits.ts";

/** What the endpoints of conversations reach of the messenger's context. */
export interface ConversationContext extends Pick<DeliveryDependencies, "directory" | "blobs" | "clock"> {
	readonly delivery: OpenDelivery;
	readonly limits: Pick<AbuseLimits, "restriction">;
	readonly rateLimits: RateLimits;
}
