/** Between code and name, where somebody holds the number: their PIN. */
import type { VerifiedNumber } from "@troth/client/device/api.ts";
import { useModel } from "../state/context.ts";
import { words } from "../words/words.ts";
import { PinEntry } from "./pin-entry.tsx";
import type { Attempt } from "./registration.tsx";
import { StepHeading } from "./step-heading.tsx";

export interface PinStepProps {
	readonly server: string;
	readonly attempt: Attempt;
	readonly verified: Pick<VerifiedNumber, "lockedUntilMs">;
	readonly onOpen: () => void;
	readonly onOtherNumber: () => void;
}

export function PinStep({ server, attempt, verified, onOpen, onOtherNumber }: PinStepProps) {
	const { host } = useModel();
	const { registrationLock: say } = words;
	return (
		<div className="flex flex-col gap-6">
			<StepHeading title={say.askTitle} text={say.askText} />
			<PinEntry
				lockedUntilMs={verified.lockedUntilMs ?? 0}
				onPin={async (pin) => {
					await host.unlockNumber(server, attempt.id, pin);
					onOpen();
				}}
				onOtherNumber={onOtherNumber}
			/>
		</div>
	);
}
