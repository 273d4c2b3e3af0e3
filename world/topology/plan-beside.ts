/**
 * The profile `bridge` in a sandbox, before anything runs: a shop with its own customers, the service and the door beside
 * it, a witness, and the two companies.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { besideKeys } from "@troth/bridge/beside/index.ts";
import { doorKeys } from "@troth/bridge/door/index.ts";
import { familyKeys } from "@troth/family";
import { openSeed } from "@troth/storage";
import type { LogTrust } from "@troth/transparency";
import { witnessKeys } from "@troth/transparency/witness/witness.node.ts";
import { VIEWS } from "../host/customers.ts";
import type { BesideProcessOptions } from "../processes/beside.ts";
import type { BesideDoorProcessOptions } from "../processes/beside-door.ts";
import type { FamilyProcessOptions } from "../processes/family.ts";
import type { HostProcessOptions } from "../processes/host.ts";
import type { WitnessProcessOptions } from "../processes/witness.ts";
import { freePorts } from "../supervision/ports.ts";
import { openWorldSecrets, type WorldSecrets } from "./secrets.ts";

export interface BesidePlan {
	readonly secrets: WorldSecrets;
	readonly shop: HostProcessOptions;
	readonly beside: BesideProcessOptions;
	readonly door: BesideDoorProcessOptions;
	readonly witness: WitnessProcessOptions;
	readonly family: FamilyProcessOptions;
	readonly photos: FamilyProcessOptions;
	readonly logs: readonly { readonly name: string; readonly url: string; readonly vkey: string }[];
	readonly witnesses: readonly { readonly url: string; readonly vkey: string }[];
}

export interface BesideSettings {
	readonly directory: string;
	/** The built embedded pages. */
	readonly pages: string;
	readonly people: HostProcessOptions["people"];
	readonly listFloor: number;
}

const HOST = "127.0.0.1";
const QUORUM = 1;

/** Makes the seeds of every part. Rejects with SeedError. */
export async function planBeside({ directory, pages, people, listFloor }: BesideSettings): Promise<BesidePlan> {
	const inside = (part: string) => join(directory, part);
	const [shopPort = 0, besidePort = 0, doorPort = 0, witnessPort = 0, ...companyPorts] = await freePorts(7);
	const [familyPort = 0, photosPort = 0, graphPort = 0] = companyPorts;
	const at = (port: number) => `http://${HOST}:${port}`;
	const secrets = await openWorldSecrets(directory);
	const place = new URL(at(besidePort)).host;
	const tokenSecret = randomBytes(32).toString("base64url");
	const eventsSecret = randomBytes(32).toString("base64url");

	const seed = await openSeed(join(inside("witness"), "witness.key"));
	const witnessName = `${place}/witness`;
	const witnesses = [{ url: at(witnessPort), vkey: witnessKeys(seed, witnessName).vkey }];
	const trusted = (log: string): LogTrust => ({ log, witnesses: witnesses.map(({ vkey }) => vkey), quorum: QUORUM });
	const logName = `${place}/shares`;
	const door = await doorKeys(inside("door"), logName);
	const { policyKey } = await besideKeys(inside("beside"));
	const family = await familyKeys(inside("family"), "family", place);
	const photos = await familyKeys(inside("photos"), "photos", place);
	const logs = [
		{ name: "shares", url: at(doorPort), vkey: door.vkey },
		{ name: "policy", url: `${at(doorPort)}/policy`, vkey: door.policyVkey },
		{ name: "index", url: `${at(doorPort)}/index`, vkey: door.indexVkey },
		{ name: "family", url: `${at(familyPort)}/receipts`, vkey: family.receiptsVkey },
		{ name: "photos", url: `${at(photosPort)}/receipts`, vkey: photos.receiptsVkey },
	];
	const database = { kind: "sqlite", path: join(inside("shop"), "shop.sqlite") } as const;
	const facts = { kind: "sql", database, ...VIEWS } as const;
	const company = { host: HOST, trust: { policyKey, shareLog: trusted(door.vkey) }, witnesses, codes: "told" } as const;
	return {
		secrets,
		logs,
		witnesses,
		shop: {
			...{ path: database.path, host: HOST, port: shopPort, people, tokenSecret, eventsSecret },
			...{ bridge: at(besidePort), audience: at(besidePort) },
		},
		beside: {
			...{ directory: inside("beside"), host: HOST, port: besidePort, title: "Corner Shop", facts, eventsSecret },
			objectionsUrl: `${at(shopPort)}/objections`,
			numberKeys: ["family", "photos"],
			policy: fileURLToPath(new URL("../../policies/corner-shop.json", import.meta.url)),
			tokens: { audience: at(besidePort), key: { alg: "HS256", secret: tokenSecret } },
			operatorToken: secrets.messengerOperator,
			door: { url: at(doorPort), token: secrets.bridge },
			sharing: {
				...{ logs, witnesses: witnesses.map(({ vkey }) => vkey), quorum: QUORUM },
				recipients: [
					{ id: "family", url: at(familyPort) },
					{ id: "photos", url: at(photosPort) },
				],
			},
			pages: { root: pages, origins: [at(shopPort)] },
		},
		door: {
			...{ directory: inside("door"), besideDirectory: inside("beside"), facts, host: HOST, port: doorPort },
			...{ logName, token: secrets.bridge, policyKey, witnesses, quorum: QUORUM },
			recipients: [
				{
					...{ id: "family", url: at(familyPort), token: secrets.family },
					...{ receipts: trusted(family.receiptsVkey), abusePseudonymKey: secrets.familyPseudonyms },
				},
				{
					...{ id: "photos", url: at(photosPort), token: secrets.photos },
					...{ receipts: trusted(photos.receiptsVkey), abusePseudonymKey: secrets.photosPseudonyms },
				},
			],
		},
		witness: {
			...{ seed, directory: inside("witness"), name: witnessName, host: HOST, port: witnessPort },
			logs: logs.map(({ vkey }) => vkey),
		},
		family: {
			...company,
			...{ id: "family", title: "Family", place, port: familyPort, listFloor, graph: { port: graphPort } },
			...{ stores: { kind: "sqlite", directory: inside("family") }, features: { ads: true } },
			...{ bridgeToken: secrets.family, operatorToken: secrets.familyOperator },
			abusePseudonymKey: secrets.familyPseudonyms,
			messenger: { url: at(shopPort), title: "Corner Shop" },
		},
		photos: {
			...company,
			...{ id: "photos", title: "Photos", place, port: photosPort, listFloor },
			...{ stores: { kind: "sqlite", directory: inside("photos") }, features: { ads: false } },
			...{ bridgeToken: secrets.photos, operatorToken: secrets.photosOperator },
			abusePseudonymKey: secrets.photosPseudonyms,
		},
	};
}
