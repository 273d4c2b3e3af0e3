/** What endpoints of the Graph surface reach. */
import type { FamilyContext } from "../context.ts";
import type { GraphIds } from "./ids.ts";

export interface GraphContext extends FamilyContext {
	readonly ids: GraphIds;
}
