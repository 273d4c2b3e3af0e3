/** The command lines of `npm start` and `npm run sandbox`. */
import { parseArgs } from "node:util";

/** The command line asks for something that is not there. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/**
 * `messenger`: it alone. `world`: with the parent, another company of it, a business, the bridge and a witness. `bridge`:
 * consent, sharing, recall and log beside an application that has its own users.
 */
export type Profile = "world" | "messenger" | "bridge";
/** Which version 2 lies ready to be published. */
export type PolicyModel = "opt-in" | "opt-out";

export interface SandboxOptions {
	readonly json: boolean;
	readonly people: number;
	readonly profile: Profile;
	readonly policy: PolicyModel;
	/** Where the sample business's webhooks go. */
	readonly webhook: string | undefined;
}

export interface StartOptions {
	readonly profile: Profile;
	readonly policy: PolicyModel;
	/** The profile `bridge` is described by a file (docs/bridge-profile.md). */
	readonly config: string | undefined;
}

const MOST_PEOPLE = 1000;

/** Reads the sandbox's options (contract: `docs/sandbox.md`). Throws UsageError. */
export function readSandboxOptions(args: readonly string[]): SandboxOptions {
	const { values } = parse(args, {
		json: { type: "boolean", default: false },
		people: { type: "string", default: "10" },
		profile: { type: "string", default: "world" },
		policy: { type: "string", default: "opt-in" },
		webhook: { type: "string" },
		store: { type: "string", default: "sqlite" },
		nodes: { type: "string", default: "1" },
		nats: { type: "string" },
	});
	if (values["store"] !== "sqlite") throw new UsageError("--store: only sqlite exists so far");
	if (values["nodes"] !== "1") throw new UsageError("--nodes: only one messenger node exists so far");
	if (values["nats"] !== undefined)
		throw new UsageError("--nats: one node needs none, and several do not exist so far");
	const people = Number(values["people"]);
	if (!Number.isInteger(people) || people < 0 || people > MOST_PEOPLE)
		throw new UsageError(`--people: a number from 0 to ${MOST_PEOPLE}`);
	return {
		json: values["json"] === true,
		people,
		profile: readProfile(values["profile"]),
		policy: readPolicy(values["policy"]),
		webhook: readWebhook(values["webhook"]),
	};
}

/** Reads the options of `npm start`. Throws UsageError. */
export function readStartOptions(args: readonly string[]): StartOptions {
	const { values } = parse(args, {
		profile: { type: "string", default: "world" },
		policy: { type: "string", default: "opt-in" },
		config: { type: "string" },
	});
	const profile = readProfile(values["profile"]);
	const config = values["config"] as string | undefined;
	if ((config !== undefined) !== (profile === "bridge"))
		throw new UsageError("--config FILE belongs to --profile bridge, which needs it (docs/bridge-profile.md)");
	return { profile, policy: readPolicy(values["policy"]), config };
}

function readProfile(profile: unknown): Profile {
	if (profile === "world" || profile === "messenger" || profile === "bridge") return profile;
	throw new UsageError("--profile: world, messenger or bridge");
}

function readPolicy(policy: unknown): PolicyModel {
	if (policy === "opt-in" || policy === "opt-out") return policy;
	throw new UsageError("--policy: opt-in or opt-out");
}

function readWebhook(webhook: unknown): string | undefined {
	if (webhook === undefined) return undefined;
	if (typeof webhook === "string" && URL.canParse(webhook) && /^https?:$/.test(new URL(webhook).protocol))
		return webhook;
	throw new UsageError("--webhook: a URL");
}

function parse(args: readonly string[], options: NonNullable<Parameters<typeof parseArgs>[0]>["options"] & {}) {
	try {
		return parseArgs({ args: [...args], options, strict: true });
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : "wrong usage");
	}
}
