/** Where the account stands: the server's word about its own state, and the share key that goes with the account. */
import {
	ChoiceState as ChoiceStateOnWire,
	type GetServerInfoResponse,
	ServicePhase,
	type Standing,
	toHex,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { ChoiceState, ChoiceView, SharingView } from "../device/sharing-api.ts";
import { pinShareKey, readServerTrust } from "../identity/server-trust.ts";

export interface KnownStanding {
	readonly info: GetServerInfoResponse;
	readonly view: SharingView;
	/** 32 bytes, pinned. */
	readonly shareKey: Uint8Array;
}

/** Reads it from the server. Throws Untrusted where a pinned key changed. */
export async function readStanding(context: DeviceContext): Promise<KnownStanding> {
	const [{ info }, { standing, shareKey }] = await Promise.all([
		readServerTrust(context),
		context.rpc.sharing.getStanding({}),
	]);
	if (shareKey.length > 0) await pinShareKey(context, shareKey);
	const known = { info, view: viewStanding(info, standing), shareKey };
	context.knownSharing.standing = known;
	return known;
}

const PHASES: Partial<Record<ServicePhase, SharingView["phase"]>> = {
	[ServicePhase.PENDING]: "pending",
	[ServicePhase.SUSPENDED]: "suspended",
	[ServicePhase.CLOSED]: "closed",
};

const STATES: Partial<Record<ChoiceStateOnWire, ChoiceState>> = {
	[ChoiceStateOnWire.GRANTED]: "granted",
	[ChoiceStateOnWire.REFUSED]: "refused",
	[ChoiceStateOnWire.WITHDRAWN]: "withdrawn",
};

/** As apps see it. Pure. */
export function viewStanding(
	{ recipients, serverTimeMs, absenceDays }: Pick<GetServerInfoResponse, "recipients" | "serverTimeMs" | "absenceDays">,
	standing: Standing | undefined,
): SharingView {
	return {
		recipients: recipients.map(({ id, url }) => ({ id, url })),
		serverTimeMs: Number(serverTimeMs),
		phase: PHASES[standing?.phase ?? ServicePhase.ACTIVE] ?? "active",
		acceptedVersion: standing?.acceptedVersion ?? 0,
		acceptedAtMs: timeOf(standing?.acceptedAtMs),
		pendingVersion: (standing?.pendingVersion ?? 0) || undefined,
		noticeDisplayedAtMs: timeOf(standing?.noticeDisplayedAtMs),
		deadlineMs: timeOf(standing?.deadlineMs),
		promptUntilMs: timeOf(standing?.choicePromptUntilMs),
		choices: (standing?.choices ?? []).map(
			(choice): ChoiceView => ({
				purpose: choice.purpose,
				state: STATES[choice.state] ?? "unset",
				purposeHash: choice.purposeHash.length === 0 ? undefined : toHex(choice.purposeHash),
				generation: choice.generation,
				decidedAtMs: timeOf(choice.decidedAtMs),
				event: choice.eventId.length === 0 ? undefined : toHex(choice.eventId),
				flowsFromMs: timeOf(choice.flowsFromMs),
				initiallyOn: choice.initiallyOn,
				denied: choice.denied || undefined,
			}),
		),
		person: {
			numberRegion: standing?.person?.numberRegion || undefined,
			declaredRegion: standing?.person?.declaredRegion || undefined,
			minor: standing?.person?.minor ?? false,
		},
		absenceDays,
	};
}

/** Zero stands for none on the wire. */
function timeOf(ms: bigint | undefined): number | undefined {
	return ms === undefined || ms === 0n ? undefined : Number(ms);
}
