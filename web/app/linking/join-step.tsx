/** Instead of a number: this browser shows its code, and a device of the account lets it in. */
import type { LinkInvitation } from "@troth/client/device/api.ts";
import { Copy } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { QrCode } from "../info/qr-code.tsx";
import { StepHeading } from "../registration/step-heading.tsx";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useNow } from "../state/use-now.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";

const MINUTE_MS = 60_000;

export interface JoinStepProps {
	readonly server: string;
	readonly onInstead: () => void;
}

export function JoinStep({ server, onInstead }: JoinStepProps) {
	const { host } = useModel();
	const [invitation, setInvitation] = useState<LinkInvitation>();
	const [ended, setEnded] = useState<string>();
	const { join: say } = words.linking;

	const begin = useCallback(() => {
		setEnded(undefined);
		setInvitation(undefined);
		host.beginLink(server).then(
			(shown) => {
				setInvitation(shown);
				// When it resolves, the app has its account: another screen takes this one's place.
				host.finishLink().catch((error: unknown) => setEnded(whyEnded(error)));
			},
			(error: unknown) => setEnded(reasonOf(error)),
		);
	}, [host, server]);
	useEffect(begin, [begin]);

	const leave = () => {
		host.cancelLink().catch(() => {});
		onInstead();
	};
	return (
		<div className="flex flex-col gap-4">
			<StepHeading title={say.title} text={say.text} />
			{ended !== undefined && (
				<>
					<Problem>{ended}</Problem>
					<Button onClick={begin} className="min-h-12 text-base">
						{say.again}
					</Button>
				</>
			)}
			{ended === undefined && invitation === undefined && <Spinner size={26} />}
			{ended === undefined && invitation !== undefined && <Shown invitation={invitation} />}
			<Button look="plain" onClick={leave} className="self-center">
				{say.instead}
			</Button>
		</div>
	);
}

function Shown({ invitation: { address, code, expiresAtMs } }: { readonly invitation: LinkInvitation }) {
	const model = useModel();
	const now = useNow(expiresAtMs);
	const { join: say } = words.linking;
	const copy = () =>
		navigator.clipboard.writeText(code).then(
			() => model.say(say.copied),
			() => {},
		);
	return (
		<>
			<div className="flex flex-col items-center gap-3 rounded-card border border-line bg-raised p-4">
				<div className="rounded-card bg-white p-2 [&_svg]:size-44">
					<QrCode text={address} label={say.qr} />
				</div>
				<div className="flex flex-col items-center gap-1.5">
					<p className="text-muted text-xs">{say.code}</p>
					<p className="max-w-72 text-balance break-words text-center font-mono text-sm leading-6 tracking-wide">
						{code.replaceAll("-", " ")}
					</p>
					<Button look="plain" onClick={() => void copy()} className="min-h-9">
						<Copy size={16} aria-hidden="true" /> {say.copy}
					</Button>
				</div>
			</div>
			<p role="status" className="flex items-center justify-center gap-2.5 text-sm">
				<Spinner /> {say.waiting}
			</p>
			<p className="text-center text-muted text-xs">
				{say.left(Math.ceil((expiresAtMs - now) / MINUTE_MS))} {say.private}
			</p>
		</>
	);
}

function whyEnded(error: unknown): string {
	const { join: say } = words.linking;
	switch ((error as { readonly code?: string }).code) {
		case "NOT_FOUND":
			return say.expired;
		case "FORBIDDEN":
			return say.refused;
		case "MALFORMED":
			return words.linking.letIn.disagreed;
		default:
			return reasonOf(error);
	}
}
