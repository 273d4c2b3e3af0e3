/** Runs everything a plan names, each part in a process of its own, and keeps it running. */
import type { BridgeFacts, BridgeProcessOptions } from "../processes/bridge.ts";
import type { FamilyFacts, FamilyProcessOptions } from "../processes/family.ts";
import type { GatewayFacts, GatewayProcessOptions } from "../processes/gateway.ts";
import type { MessengerFacts, MessengerProcessOptions } from "../processes/messenger.ts";
import type { WitnessFacts, WitnessProcessOptions } from "../processes/witness.ts";
import type { SentCodes } from "../supervision/codes.ts";
import { type ServiceListener, SupervisedService } from "../supervision/supervised-service.ts";
import type { WorldPlan } from "./plan.ts";

export interface RunningWorld extends AsyncDisposable {
	readonly messenger: SupervisedService<MessengerProcessOptions, MessengerFacts>;
	readonly family: SupervisedService<FamilyProcessOptions, FamilyFacts>;
	readonly photos: SupervisedService<FamilyProcessOptions, FamilyFacts>;
	readonly bridge: SupervisedService<BridgeProcessOptions, BridgeFacts>;
	readonly witness: SupervisedService<WitnessProcessOptions, WitnessFacts>;
	readonly business: SupervisedService<GatewayProcessOptions, GatewayFacts>;
	/** Moves every part's clock; resolves when all have moved. */
	advance(ms: number): Promise<void>;
}

/**
 * Starts all parts; resolves when all answer. What comes up beside each other does: only the door needs the
 * messenger's records to exist, and the gateway a messenger to register at.
 * @param onOutput what a part printed
 */
export async function runWorld(
	plan: WorldPlan,
	codes: SentCodes,
	onOutput: (part: string, text: string) => void,
): Promise<RunningWorld> {
	await using started = new AsyncDisposableStack();
	const load = <Options, Facts>(name: string, module: string, options: Options, standby = false) => {
		const listener: ServiceListener = {
			onEvent: ({ phone, code }) => codes.note({ phone, code, by: name }),
			codeFor: (phone) => codes.any(phone),
			onOutput: (text) => onOutput(name, text),
		};
		const url = new URL(`../processes/${module}.ts`, import.meta.url);
		return started.use(SupervisedService.load<Options, Facts>({ name, module: url, options, standby }, listener));
	};
	// The longest way first.
	const messenger = load<MessengerProcessOptions, MessengerFacts>("messenger", "messenger", plan.messenger, true);
	const business = load<GatewayProcessOptions, GatewayFacts>("business", "gateway", plan.business);
	const family = load<FamilyProcessOptions, FamilyFacts>("family", "family", plan.family);
	const photos = load<FamilyProcessOptions, FamilyFacts>("photos", "family", plan.photos);
	const bridge = load<BridgeProcessOptions, BridgeFacts>("bridge", "bridge", plan.bridge);
	const witness = load<WitnessProcessOptions, WitnessFacts>("witness", "witness", plan.witness);
	const afterMessenger = messenger.serve().then(() => Promise.all([bridge.serve(), business.serve()]));
	// Whoever fails, everybody has come up or failed before what runs is ended.
	const outcomes = await Promise.allSettled([witness.serve(), family.serve(), photos.serve(), afterMessenger]);
	for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
	const parts = [messenger, bridge, family, photos, witness, business];
	const running = started.move();
	return {
		messenger,
		family,
		photos,
		bridge,
		witness,
		business,
		async advance(ms) {
			await Promise.all(parts.map((part) => part.advance(ms)));
		},
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}
