/** Everything the Graph surface answers: one table. */
import { AD_SETS } from "../ads/ad-sets/ad-sets.ts";
import { CAMPAIGNS } from "../ads/campaigns/campaigns.ts";
import { CREATIVES } from "../ads/creatives/creatives.ts";
import { getAccount } from "../ads/get-account.ts";
import { SINGLE_ADS } from "../ads/single-ads/single-ads.ts";
import { addUsers } from "../audiences/add-users.ts";
import { createAudience } from "../audiences/create-audience.ts";
import { deleteAudience } from "../audiences/delete-audience.ts";
import { getAudience } from "../audiences/get-audience.ts";
import { listAudiences } from "../audiences/list-audiences.ts";
import { removeUsers } from "../audiences/remove-users.ts";
import { updateAudience } from "../audiences/update-audience.ts";
import type { GraphEndpoint } from "./endpoint.ts";

export const ENDPOINTS: readonly GraphEndpoint[] = [
	getAccount,
	createAudience,
	listAudiences,
	getAudience,
	updateAudience,
	deleteAudience,
	addUsers,
	removeUsers,
	...CAMPAIGNS,
	...AD_SETS,
	...CREATIVES,
	...SINGLE_ADS,
];
