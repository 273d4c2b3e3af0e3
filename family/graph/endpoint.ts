/** What an endpoint of the Graph surface is: one of a closed table (`endpoints.ts`), each in a file of its own. */

import type { AdAccountRow } from "../ads/tables.ts";
import type { GraphContext } from "./context.ts";
import type { GraphValue } from "./fields.ts";
import type { NodeKind } from "./ids.ts";
import type { Parameters } from "./parameters.ts";

export type GraphMethod = "GET" | "POST" | "DELETE";

/** A call whose sender is known. */
export interface GraphCall {
	/** Whose token it came with. Endpoints see objects of this account only. */
	readonly account: AdAccountRow;
	/** The id in the path, without "act_". */
	readonly node: string;
	readonly parameters: Parameters;
	/** Where it was asked, absolute, on our public address, without the query string. */
	readonly url: string;
}

export interface GraphEndpoint {
	readonly method: GraphMethod;
	readonly node: NodeKind;
	/** Empty for the node itself. */
	readonly edge: string;
	/** Rejects with GraphError. */
	answer(context: GraphContext, call: GraphCall): Promise<GraphValue>;
}
