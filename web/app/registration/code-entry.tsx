/** The code that came: checked as soon as it is complete, sent anew when it does not come. */
import type { CodeChannelName } from "@troth/client/device/api.ts";
import { LIMITS } from "@troth/protocol";
import { Terminal } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { ServerFacts } from "../../device-worker/host.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useNow } from "../state/use-now.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Note } from "../ui/note.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { CodeInput } from "./code-input.tsx";

/** How codes come from this server. */
export type CodeFacts = Pick<ServerFacts, "developmentCodes" | "voiceCodes">;

/** While that is not known. */
export const NO_FACTS: CodeFacts = { developmentCodes: false, voiceCodes: false };

export interface CodeEntryProps {
	/** From when on another code may be asked for. */
	readonly resendAtMs: number;
	readonly codes: CodeFacts;
	/** Rejects where the code is not right. */
	readonly onCode: (code: string) => Promise<void>;
	readonly onResend: (channel: CodeChannelName) => Promise<{ readonly resendAtMs: number }>;
	readonly onOtherNumber: () => void;
}

interface Trouble {
	readonly text: string;
	/** No code of this attempt can be right any more. */
	readonly over: boolean;
}

export function CodeEntry({ codes, onCode, onResend, onOtherNumber, ...sent }: CodeEntryProps) {
	const model = useModel();
	const [code, setCode] = useState("");
	const [checking, setChecking] = useState(false);
	const [trouble, setTrouble] = useState<Trouble>();
	const [resendAtMs, setResendAtMs] = useState(sent.resendAtMs);
	const field = useRef<HTMLInputElement>(null);
	const now = useNow(resendAtMs);

	const check = async (digits: string) => {
		setChecking(true);
		setTrouble(undefined);
		try {
			return await onCode(digits);
		} catch (error) {
			setCode("");
			setTrouble(troubleOf(error));
		}
		setChecking(false);
	};

	const resend = async (channel: CodeChannelName) => {
		setTrouble(undefined);
		try {
			const { resendAtMs: next } = await onResend(channel);
			setResendAtMs(next);
			setCode("");
			model.announcement.set(channel === "voice" ? words.code.called : words.code.resent);
			field.current?.focus();
		} catch (error) {
			setTrouble({ text: reasonOf(error), over: false });
		}
	};

	useEffect(() => {
		if (!checking && trouble !== undefined) field.current?.focus();
	}, [checking, trouble]);

	const wait = Math.ceil((resendAtMs - now) / 1000);
	return (
		<div className="flex flex-col gap-6">
			<div className="flex flex-col gap-2">
				<CodeInput
					ref={field}
					value={code}
					length={LIMITS.codeLength}
					invalid={trouble !== undefined}
					disabled={checking || trouble?.over === true}
					aria-describedby="code-state"
					onChange={(digits) => {
						setCode(digits);
						if (digits.length === LIMITS.codeLength) void check(digits);
					}}
				/>
				<div id="code-state" className="min-h-6">
					{checking && (
						<p role="status" className="flex items-center gap-2 text-muted text-sm">
							<Spinner /> {words.code.checking}
						</p>
					)}
					{trouble !== undefined && <Problem>{trouble.text}</Problem>}
				</div>
			</div>
			{codes.developmentCodes && <Note icon={<Terminal size={18} />}>{words.code.development}</Note>}
			<div className="flex flex-wrap gap-2">
				<Button look="quiet" disabled={wait > 0 || checking} onClick={() => resend("sms")}>
					{wait > 0 ? words.code.resendIn(wait) : words.code.resend}
				</Button>
				{codes.voiceCodes && (
					<Button look="quiet" disabled={wait > 0 || checking} onClick={() => resend("voice")}>
						{words.code.call}
					</Button>
				)}
				<Button look="plain" onClick={onOtherNumber}>
					{words.code.otherNumber}
				</Button>
			</div>
		</div>
	);
}

function troubleOf(error: unknown): Trouble {
	const { code, fields } = error as { readonly code?: string; readonly fields?: { readonly attemptsLeft?: number } };
	if (code === "CODE_WRONG" && fields?.attemptsLeft !== undefined)
		return { text: words.code.wrong(fields.attemptsLeft), over: false };
	return { text: reasonOf(error), over: code === "CODE_LOCKED" || code === "CODE_EXPIRED" };
}
