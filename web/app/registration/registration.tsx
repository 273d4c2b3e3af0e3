/** Getting an account: number, code, name. The terms follow once there is a device that can sign for them. */
import type { VerifiedNumber } from "@troth/client/device/api.ts";
import { useEffect, useState } from "react";
import { useModel } from "../state/context.ts";
import { later } from "../ui/later.tsx";
import { type CodeFacts, NO_FACTS } from "./code-entry.tsx";
import { CodeStep } from "./code-step.tsx";
import { NameStep } from "./name-step.tsx";
import { NumberStep } from "./number-step.tsx";
import { PinStep } from "./pin-step.tsx";
import { WelcomeFrame } from "./welcome-frame.tsx";

const JoinStep = later(async () => (await import("../linking/join-step.tsx")).JoinStep);

/** Number, code, name, terms. */
export const STEPS = 4;

/** The app talks to the server it came from, and to no other. */
const SERVER = location.origin;

export interface Attempt {
	readonly phone: string;
	readonly id: string;
	readonly resendAtMs: number;
}

type Verified = Pick<VerifiedNumber, "replacesAccount" | "lockedUntilMs">;

type Step =
	| { readonly at: "number" }
	/** No number: a device that has the account lets this one in. */
	| { readonly at: "link" }
	| { readonly at: "code"; readonly attempt: Attempt }
	| { readonly at: "pin"; readonly attempt: Attempt; readonly verified: Verified }
	| { readonly at: "name"; readonly attempt: Attempt; readonly replacesAccount: boolean };

export function RegistrationScreen() {
	const { host } = useModel();
	const [step, setStep] = useState<Step>({ at: "number" });
	const [phone, setPhone] = useState("");
	const [codes, setCodes] = useState<CodeFacts>(NO_FACTS);
	useEffect(() => {
		host.serverFacts(SERVER).then(setCodes, () => {});
	}, [host]);

	switch (step.at) {
		case "number":
			return (
				<WelcomeFrame step={1} steps={STEPS}>
					<NumberStep
						server={SERVER}
						typed={phone}
						onTyped={setPhone}
						onLink={() => setStep({ at: "link" })}
						onSent={(attempt) => setStep({ at: "code", attempt })}
					/>
				</WelcomeFrame>
			);
		case "link":
			return (
				<WelcomeFrame>
					<JoinStep server={SERVER} onInstead={() => setStep({ at: "number" })} />
				</WelcomeFrame>
			);
		case "code":
			return (
				<WelcomeFrame step={2} steps={STEPS}>
					<CodeStep
						server={SERVER}
						attempt={step.attempt}
						codes={codes}
						onOtherNumber={() => setStep({ at: "number" })}
						onVerified={(verified) => setStep(afterCode(step.attempt, verified))}
					/>
				</WelcomeFrame>
			);
		case "pin":
			return (
				<WelcomeFrame step={2} steps={STEPS}>
					<PinStep
						server={SERVER}
						attempt={step.attempt}
						verified={step.verified}
						onOpen={() => setStep({ at: "name", attempt: step.attempt, replacesAccount: true })}
						onOtherNumber={() => setStep({ at: "number" })}
					/>
				</WelcomeFrame>
			);
		case "name":
			return (
				<WelcomeFrame step={3} steps={STEPS}>
					<NameStep
						server={SERVER}
						attempt={step.attempt}
						replacesAccount={step.replacesAccount}
						onExpired={() => setStep({ at: "number" })}
					/>
				</WelcomeFrame>
			);
	}
}

/** A number that somebody holds asks for their PIN before anything else. */
function afterCode(attempt: Attempt, verified: Verified): Step {
	if (verified.lockedUntilMs !== undefined) return { at: "pin", attempt, verified };
	return { at: "name", attempt, replacesAccount: verified.replacesAccount };
}
