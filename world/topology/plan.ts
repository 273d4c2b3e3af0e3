/**
 * Who runs where, and who knows what of whom, before anything runs: addresses, keys and passwords of one installation.
 * Keys follow from each service's own seed file, so that everybody can be told whom to believe beforehand.
 */
import { join } from "node:path";
import { doorKeys } from "@troth/bridge/door/index.ts";
import { familyKeys } from "@troth/family";
import { messengerKeys } from "@troth/messenger";
import { openSeed } from "@troth/storage";
import type { LogTrust } from "@troth/transparency";
import { witnessKeys } from "@troth/transparency/witness/witness.node.ts";
import type { BridgeProcessOptions } from "../processes/bridge.ts";
import type { FamilyProcessOptions } from "../processes/family.ts";
import type { GatewayProcessOptions } from "../processes/gateway.ts";
import type { MessengerProcessOptions } from "../processes/messenger.ts";
import type { WitnessProcessOptions } from "../processes/witness.ts";
import type { PublicAddresses } from "./public-addresses.ts";
import { openWorldSecrets, type WorldSecrets } from "./secrets.ts";

/** One port for each part that listens. */
export interface WorldPorts {
	readonly messenger: number;
	readonly bridge: number;
	readonly witness: number;
	readonly family: number;
	readonly graph: number;
	readonly photos: number;
	readonly business: number;
}

export interface WorldSettings {
	/** Where everything lies, each part in a directory of its own. */
	readonly directory: string;
	readonly host: string;
	readonly ports: WorldPorts;
	/** The messenger's address where a proxy stands in front. */
	readonly origin?: string;
	/** Addresses of the other parts where a proxy stands in front of them. */
	readonly publicAddresses?: PublicAddresses;
	readonly webRoot: string;
	/** How devices that are away are woken. */
	readonly push?: MessengerProcessOptions["push"];
	/** When suspended accounts end that nobody comes to; as the messenger has it where it is left out. */
	readonly absenceDays?: number;
	/** The policy that lies ready to be published. */
	readonly nextPolicy: string;
	readonly codes: MessengerProcessOptions["codes"];
	/** Smallest matched list that serves ads. */
	readonly listFloor: number;
	/** Groups that are smaller are in no public count, and counts about nobody that are smaller are put together. */
	readonly countFloor?: number;
	readonly webhook?: string;
}

export interface WorldPlan {
	readonly secrets: WorldSecrets;
	readonly messenger: MessengerProcessOptions;
	readonly bridge: BridgeProcessOptions;
	readonly witness: WitnessProcessOptions;
	readonly family: FamilyProcessOptions;
	readonly photos: FamilyProcessOptions;
	readonly business: GatewayProcessOptions;
	readonly logs: readonly { readonly name: string; readonly url: string; readonly vkey: string }[];
	readonly witnesses: readonly { readonly url: string; readonly vkey: string }[];
}

const QUORUM = 1;

/** Makes or reads the seeds of every part. Rejects with SeedError. */
export async function planWorld(settings: WorldSettings): Promise<WorldPlan> {
	const { directory, host, ports } = settings;
	const inside = (part: string) => join(directory, part);
	const at = (port: number) => `http://${host}:${port}`;
	const secrets = await openWorldSecrets(directory);
	const origin = settings.origin ?? at(ports.messenger);
	const place = new URL(origin).host;

	const witnessSeed = await openSeed(join(inside("witness"), "witness.key"));
	const witness = { name: `${place}/witness`, url: at(ports.witness) };
	const witnesses = [{ url: witness.url, vkey: witnessKeys(witnessSeed, witness.name).vkey }];
	const trusted = (log: string): LogTrust => ({ log, witnesses: witnesses.map(({ vkey }) => vkey), quorum: QUORUM });

	const logName = `${place}/shares`;
	const door = await doorKeys(inside("bridge"), logName);
	const shareLog = door.vkey;
	const { policyKey } = await messengerKeys(inside("messenger"));
	const family = await familyKeys(inside("family"), "family", place);
	const photos = await familyKeys(inside("photos"), "photos", place);
	const trust = { policyKey, shareLog: trusted(shareLog) };
	// What people and auditors are told; among themselves the parts speak where they listen.
	const { publicAddresses } = settings;
	const told = {
		logs: publicAddresses?.logs ?? at(ports.bridge),
		family: publicAddresses?.family ?? at(ports.family),
		photos: publicAddresses?.photos ?? at(ports.photos),
	};
	const logs = [
		{ name: "shares", url: told.logs, vkey: shareLog },
		{ name: "policy", url: `${told.logs}/policy`, vkey: door.policyVkey },
		{ name: "index", url: `${told.logs}/index`, vkey: door.indexVkey },
		{ name: "family", url: `${told.family}/receipts`, vkey: family.receiptsVkey },
		{ name: "photos", url: `${told.photos}/receipts`, vkey: photos.receiptsVkey },
	];

	const counted = settings.countFloor === undefined ? {} : { countFloor: settings.countFloor };
	return {
		secrets,
		logs,
		witnesses,
		messenger: {
			stores: { kind: "sqlite", directory: inside("messenger") },
			host,
			port: ports.messenger,
			...(settings.origin !== undefined && { origin: settings.origin }),
			webRoot: settings.webRoot,
			...(settings.push !== undefined && { push: settings.push }),
			...(settings.absenceDays !== undefined && { absenceDays: settings.absenceDays }),
			codes: settings.codes,
			operatorToken: secrets.messengerOperator,
			nextPolicy: settings.nextPolicy,
			sharing: {
				door: { url: at(ports.bridge), token: secrets.bridge },
				logs,
				witnesses: witnesses.map(({ vkey }) => vkey),
				quorum: QUORUM,
				...counted,
				recipients: [
					{ id: "family", url: told.family },
					{ id: "photos", url: told.photos },
				],
			},
		},
		bridge: {
			directory: inside("bridge"),
			records: { kind: "sqlite", path: join(inside("messenger"), "records.sqlite") },
			host,
			port: ports.bridge,
			logName,
			token: secrets.bridge,
			policyKey,
			recipients: [
				{
					...{ id: "family", url: at(ports.family), token: secrets.family },
					...{ receipts: trusted(family.receiptsVkey), abusePseudonymKey: secrets.familyPseudonyms },
				},
				{
					...{ id: "photos", url: at(ports.photos), token: secrets.photos },
					...{ receipts: trusted(photos.receiptsVkey), abusePseudonymKey: secrets.photosPseudonyms },
				},
			],
			witnesses,
			quorum: QUORUM,
		},
		witness: {
			seed: witnessSeed,
			directory: inside("witness"),
			name: witness.name,
			host,
			port: ports.witness,
			logs: logs.map(({ vkey }) => vkey),
		},
		family: {
			id: "family",
			title: "Family",
			place,
			messenger: { url: origin },
			stores: { kind: "sqlite", directory: inside("family") },
			host,
			port: ports.family,
			...(publicAddresses?.family !== undefined && { origin: publicAddresses.family }),
			bridgeToken: secrets.family,
			abusePseudonymKey: secrets.familyPseudonyms,
			trust,
			witnesses,
			operatorToken: secrets.familyOperator,
			codes: settings.codes,
			listFloor: settings.listFloor,
			...counted,
			features: { ads: true },
			graph: { port: ports.graph },
		},
		photos: {
			id: "photos",
			title: "Photos",
			place,
			messenger: { url: origin },
			stores: { kind: "sqlite", directory: inside("photos") },
			host,
			port: ports.photos,
			...(publicAddresses?.photos !== undefined && { origin: publicAddresses.photos }),
			bridgeToken: secrets.photos,
			abusePseudonymKey: secrets.photosPseudonyms,
			trust,
			witnesses,
			operatorToken: secrets.photosOperator,
			codes: settings.codes,
			listFloor: settings.listFloor,
			...counted,
			features: { ads: false },
		},
		business: {
			directory: inside("business"),
			host,
			port: ports.business,
			server: origin,
			name: "Corner Shop",
			phone: "+15550109001",
			businessId: "900100000000001",
			wabaId: "900200000000001",
			phoneNumberId: "900300000000001",
			appId: "900400000000001",
			accessToken: secrets.businessAccess,
			appSecret: secrets.businessApp,
			verifyToken: secrets.businessVerify,
			graphVersion: "v23.0",
			...(settings.webhook !== undefined && { webhookUrl: settings.webhook }),
		},
	};
}
