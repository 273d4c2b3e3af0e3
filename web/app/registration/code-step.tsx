/** Step 2: the code that came. */
import type { VerifiedNumber } from "@troth/client/device/api.ts";
import { useTitle } from "../people/use-numbers.ts";
import { useModel } from "../state/context.ts";
import { words } from "../words/words.ts";
import { CodeEntry, type CodeFacts } from "./code-entry.tsx";
import type { Attempt } from "./registration.tsx";
import { StepHeading } from "./step-heading.tsx";

export interface CodeStepProps {
	readonly server: string;
	readonly attempt: Attempt;
	readonly codes: CodeFacts;
	readonly onVerified: (verified: VerifiedNumber) => void;
	readonly onOtherNumber: () => void;
}

export function CodeStep({ server, attempt, codes, onVerified, onOtherNumber }: CodeStepProps) {
	const { host } = useModel();
	const phone = useTitle()(attempt.phone);
	return (
		<div className="flex flex-col gap-6">
			<StepHeading title={words.code.title} text={words.code.text(phone)} />
			<CodeEntry
				resendAtMs={attempt.resendAtMs}
				codes={codes}
				onCode={async (code) => onVerified(await host.verifyCode(server, attempt.id, code))}
				onResend={(channel) => host.resendCode(server, attempt.id, channel)}
				onOtherNumber={onOtherNumber}
			/>
		</div>
	);
}
